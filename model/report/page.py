"""One case as a page to print or keep: a single HTML file without script, link to anything outside, or clock."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.diagnostic_model import DiagnosticModel
from model.evidence import Case
from model.explanation import sentences
from model.knowledge.rows import short_label
from model.report.content import report_content
from model.sensitivity.uncertainty import QUICK_DRAWS, CauseInterval
from model.version import __version__
from model.wording import GRADES, percent, sentence, signed, without_files, words_of

if TYPE_CHECKING:
    from jinja2 import Template

BAR = 200  # width of a bar, in units of the picture
_WEIGHT = 30.0  # decibans at the end of a bar of reasons


def report(model: DiagnosticModel, case: Case, outside: str = "refuse", when: str = "") -> str:
    """Return the case as one HTML page.

    Arguments and errors as for ``report_content``. The page holds its own style (light, dark and paper) and pictures,
    every picture beside its numbers. Everything that was typed is escaped.
    """
    content = report_content(model, case, outside, when)
    return _template().render(report=content, version=__version__, grades=GRADES, draws=QUICK_DRAWS)


def bar(interval: CauseInterval, prior: float) -> dict[str, str]:
    """Return where the parts of one bar stand, 0 to 200: the probability, its 90 % interval, the share before."""
    low, high = BAR * interval.low, BAR * interval.high
    return {
        "now": f"{BAR * interval.plug_in:.1f}", "low": f"{low:.1f}", "width": f"{max(high - low, 1):.1f}",
        "prior": f"{BAR * prior:.1f}",
    }  # fmt: skip


def weight_bar(weight: float) -> dict[str, str]:
    """Return start and width of a bar to the right (for) or left (against) of the middle; long ones are cut."""
    width = BAR / 2 * min(abs(weight), _WEIGHT) / _WEIGHT
    return {"start": f"{BAR / 2 if weight >= 0 else BAR / 2 - width:.1f}", "width": f"{max(width, 1):.1f}"}


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # here: a query needs numpy alone

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).resolve().parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made: tuple[Any, ...] = (
        bar,
        weight_bar,
        percent,
        sentence,
        sentences,
        short_label,
        signed,
        without_files,
        words_of,
    )
    environment.filters.update({function.__name__: function for function in made})
    return environment.get_template("report.html")
