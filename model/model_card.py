"""The model card: what the model is for, what it rests on and how well it does, written from the tables and results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model.calibrated_model import DEFAULT_SETTING
from model.chart_style import percent
from model.errors import KnowledgeError, listed
from model.knowledge import GRADES, Knowledge
from model.version import __version__

STATUSES = ("met", "partly", "not met", "not applicable")
GRADE_MEANING = {
    "A": "a count with its denominator in a cited study of a fitting population",
    "B": "a number of the article, or of a cited study whose population fits only indirectly",
    "C": "a word of the article read through a scale",
    "D": "only an order, or a range of the literature that is strongly indirect",
    "E": "an assumption of the modeller: nobody knows",
}


def model_card(knowledge: Knowledge, results: Mapping[str, Any]) -> str:
    """Return the card in Markdown.

    results : what ``validation.results.validation_results`` returned
    raises  : KnowledgeError for a reporting item with an unknown status.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(  # Markdown, not HTML: nothing to escape but the bars of a table, see `cell`
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters |= {"share": _share, "percent": percent, "cell": _cell}
    items = knowledge.reporting_items
    for item in items:
        if item.status not in STATUSES:
            raise KnowledgeError(
                f"reporting_items.csv, {item.standard} {item.item}: expected a status of {listed(STATUSES)}, "
                f"got {item.status!r}."
            )
    text_claims = [
        knowledge.claims[trace.claim]
        for trace in knowledge.traces
        if trace.target_kind == "text" and trace.target == "model_card"
    ]
    return environment.get_template("model_card.md.j2").render(
        version=__version__,
        default=DEFAULT_SETTING,
        results=results,
        settings=list(knowledge.settings.values()),
        roles=Counter(node.role for node in knowledge.nodes.values()),
        numbers=len(knowledge.records),
        grades={grade: sum(record.grade == grade for record in knowledge.records) for grade in GRADES},
        grade_meaning=GRADE_MEANING,
        assumptions=sum(record.reading == "assumption" for record in knowledge.records),
        claims=len(knowledge.claims),
        sources=len(knowledge.sources) - 1,
        text_claims=text_claims,
        items=items,
        met={
            standard: Counter(item.status for item in items if item.standard == standard)
            for standard in dict.fromkeys(item.standard for item in items)
        },
    )


def _share(row: Mapping[str, Any], name: str) -> str:
    """Return a counted share with its interval; unlike a probability it can be 0 % or 100 %."""
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    return f"{row[name]:.0%}" + ("" if low is None or high is None else f" ({low:.0%} to {high:.0%})")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
