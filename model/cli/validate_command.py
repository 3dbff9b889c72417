"""The command ``validate``: every section that could prove the model wrong, what it shows and what it cannot."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Any

from model.cli.commands import bar, setting_of
from model.diagnostic_model import DiagnosticModel, load
from model.errors import TableError
from model.progress import Progress, part

WIDTH = 120


@dataclass(frozen=True)
class Part:
    """What one section found: as text, as plain values ready for JSON, and whether what must hold does."""

    text: str
    plain: Mapping[str, Any]
    passed: bool = True


@dataclass(frozen=True)
class Section:
    """One section. `run` takes the command's arguments and a progress call; `about` says what to make of it.

    slow : takes minutes, so that it runs only when it is asked for
    """

    title: str
    about: str
    run: Callable[[argparse.Namespace, Progress], Part]
    slow: bool = False


def validate(arguments: argparse.Namespace) -> int:
    """Run the sections asked for, by default all but slow ones, and print them; 1 when one that must hold fails."""
    if arguments.write_exceptions is not None:
        return _write_exceptions(arguments)
    usual = [name for name, section in SECTIONS.items() if not section.slow]
    chosen = [name for name in SECTIONS if getattr(arguments, name)] or usual
    plain, failed = {}, []
    for name in chosen:
        section = SECTIONS[name]
        with bar(section.title) as tell:
            found = section.run(arguments, tell)
        plain[name] = found.plain
        if not found.passed:
            failed.append(section.title)
        if not arguments.json:
            print(f"{section.title.upper()}\n{fill(section.about, WIDTH)}\n\n{found.text}\n", flush=True)
    if arguments.json:
        print(json.dumps(plain, indent=1, allow_nan=False))
    if failed:
        print(f"NOT AS IT MUST BE: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _models(arguments: argparse.Namespace) -> list[DiagnosticModel]:
    """Return the model of --setting, or of every setting."""
    plain = load(setting_of(arguments), arguments.scale)
    return [plain] if arguments.setting else [load(name, arguments.scale) for name in plain.knowledge.settings]


def _amount(arguments: argparse.Namespace, usual: int, least: int) -> int:
    """Return how many to simulate or draw: the usual number times --effort."""
    return max(least, round(usual * arguments.effort))


def _published(arguments: argparse.Namespace, tell: Progress) -> Part:
    from model.validation import published_text, validate_published

    model = load(setting_of(arguments), arguments.scale)
    found = validate_published(model, None, arguments.replicates, arguments.seed, tell)
    return Part(published_text(found), found.to_dict())


def _goals(arguments: argparse.Namespace, tell: Progress) -> Part:
    from model.validation.published.goals import goals
    from model.validation.published.goals_text import goals_text

    found = goals(_models(arguments), _amount(arguments, 2000, 100), arguments.seed, tell)
    return Part(goals_text(found), found.to_dict())


def _vignettes(arguments: argparse.Namespace, tell: Progress) -> Part:
    from model.validation.vignettes import vignettes, vignettes_text

    found = vignettes(_models(arguments))
    return Part(vignettes_text(found), found.to_dict(), not found.outside)


def _reliability(arguments: argparse.Namespace, tell: Progress) -> Part:
    from model.validation import case_set
    from model.validation.frame_rows import plain_records
    from model.validation.published.reliability import newest_cases, reliability_by_cause, reliability_text

    model = load(setting_of(arguments), arguments.scale)
    cases = case_set(model, newest_cases(model.knowledge.folder))
    found = reliability_by_cause(model, cases, _amount(arguments, 20_000, 1000), arguments.seed)
    head = f"{len(cases)} published cases and the model's own patients, setting {model.setting}."
    return Part(f"{head}\n{reliability_text(found)}", {"setting": model.setting, "rows": plain_records(found)})


def _outside(arguments: argparse.Namespace, tell: Progress) -> Part:
    from model.validation.published.outside import outside_report, report_text

    found = outside_report(_models(arguments), _amount(arguments, 2000, 100), arguments.seed, tell)
    return Part(report_text(found), found.to_dict())


def _leave_out(arguments: argparse.Namespace, tell: Progress) -> Part:
    from model.validation.published.leave_out import leave_out, leave_out_text

    plain = load(setting_of(arguments), arguments.scale)
    models = [load(name, arguments.scale) for name in plain.knowledge.settings]
    found = leave_out(models, progress=tell)
    return Part(leave_out_text(found), found.to_dict())


def _population(arguments: argparse.Namespace, tell: Progress) -> Part:
    from model.charts import survey_text
    from model.validation import nhanes_comparison
    from model.validation.population.comparison import summary

    models = _models(arguments)
    found = nhanes_comparison(models, _amount(arguments, 500, 20), arguments.seed, tell)
    blocks = [f"NHANES 2011-2018: {found.low} of {found.adults} adults have the count. Design-based intervals."]
    for model in models:
        blocks.append(f"Setting {model.setting}, model {model.hash}. {found.populations[model.setting][1]}.")
        blocks.append(survey_text(found, model.setting))
    if found.not_asked:
        blocks.append(f"Not asked, for the network has no node: {', '.join(found.not_asked)}.")
    blocks.append(f"{summary(found)}\nz: difference of the log odds in standard errors of both.")
    return Part("\n\n".join(blocks), found.to_dict())


def _laws(arguments: argparse.Namespace, tell: Progress) -> Part:
    from model.validation import check_laws
    from model.validation.laws.text import laws_table

    models = _models(arguments)
    reports = [check_laws(model, progress=part(tell, i, len(models))) for i, model in enumerate(models)]
    plain = {report.setting: report.to_dict() for report in reports}
    return Part(laws_table(reports), plain, all(report.expected for report in reports))


def _plausibility(arguments: argparse.Namespace, tell: Progress) -> Part:
    from model.charts import plausibility_text
    from model.validation import plausibility

    found, models = [], _models(arguments)
    for place, model in enumerate(models):
        tell(place / len(models), model.setting)
        found.append(plausibility(model, None, _amount(arguments, 500, 20), arguments.seed))
    nobody = "It is about nobody, so no range applies."
    told = [(each.setting, plausibility_text(each) if len(each.frame) else nobody) for each in found]
    text = "\n\n".join(f"Setting {setting}.\n{said}" for setting, said in told)
    return Part(text, {each.setting: each.to_dict() for each in found}, all(each.expected for each in found))


def _consistency(arguments: argparse.Namespace, tell: Progress) -> Part:
    from model.charts import reliability_text
    from model.validation import self_consistency

    model = load(setting_of(arguments), arguments.scale)
    found = self_consistency(model, _amount(arguments, 50_000, 1000), arguments.seed, progress=tell)
    text = f"{found.patients:,} simulated patients, setting {found.setting}.\n{reliability_text(found)}"
    return Part(text, found.to_dict(), found.consistent)


def _recovery(arguments: argparse.Namespace, tell: Progress) -> Part:
    from model.charts import recovery_text
    from model.validation import robust_recovery

    model = load(setting_of(arguments), arguments.scale)
    found = robust_recovery(model, _amount(arguments, 100, 3), 100, arguments.seed, progress=tell)
    head = f"{found.worlds} worlds of {found.patients} simulated patients, setting {found.setting}; 95 % intervals."
    return Part(f"{head}\n{recovery_text(found)}", found.to_dict())


def _ranks(arguments: argparse.Namespace, tell: Progress) -> Part:
    from model.charts import truth_ranks_text
    from model.validation import simulation_based_calibration

    model = load(setting_of(arguments), arguments.scale)
    found = simulation_based_calibration(
        model, _amount(arguments, 300, 20), draws=_amount(arguments, 2000, 100), seed=arguments.seed, progress=tell
    )
    head = f"{found.patients} simulated patients, setting {found.setting}; 95 % Wilson intervals."
    return Part(f"{head}\n{truth_ranks_text(found)}", found.to_dict(), found.consistent)


def _write_exceptions(arguments: argparse.Namespace) -> int:
    """Write the table of law exceptions as the laws come out today; 1 when it is not finished by that."""
    from model.validation import check_laws
    from model.validation.laws.exceptions import found_exceptions, write_exceptions
    from model.validation.laws.table import read_laws

    if arguments.setting or arguments.scale:
        raise TableError("--write-exceptions: expected no --setting and no --scale; the table is about every setting.")
    models = _models(arguments)
    with bar(SECTIONS["laws"].title) as tell:
        reports = [check_laws(model, progress=part(tell, i, len(models))) for i, model in enumerate(models)]
    knowledge = models[0].knowledge
    found = found_exceptions(reports, read_laws(knowledge))
    path: Path = arguments.write_exceptions
    write_exceptions(path, found.rows, list(knowledge.settings))
    said = [
        *(f"{row.law}: {row.check} still needs a reason" for row in found.open),
        *(f"{row.law}: {row.check} fails in other settings than before; read its reason again"
          for row in found.moved if row.reason),
        *(f"{row.law}: {row.check} holds now; left out" for row in found.gone),
        *(f"{name} must hold and does not; no exception is allowed" for name in found.broken),
    ]  # fmt: skip
    print("\n".join(said) or "every exception has its reason, and none is new")
    print(f"written to {path}", file=sys.stderr)
    return 1 if found.open or found.broken else 0


SECTIONS: Mapping[str, Section] = {
    "published": Section(
        "Published cases",
        "Shows how often the authors' cause comes first, against simpler rivals, and why it fails where it does. "
        "Cannot show calibration: the cases are severe and exotic, and were chosen to be published.",
        _published,
    ),
    "goals": Section(
        "What a version is judged by",
        "Shows each setting on the published cases in each vocabulary, beside equal shares without new knowledge, a "
        "blind reader and the version before. Cannot show that a gain on these cases is one for patients.",
        _goals,
    ),
    "vignettes": Section(
        "Textbook patients",
        "Shows whether the answer lies in the range that a reader of the literature wrote down first. Cannot show more "
        "than the ranges say: they are wide where nobody counted.",
        _vignettes,
    ),
    "reliability": Section(
        "Stated and found, by cause",
        "Shows where the model is bold on the published cases, and what such a table looks like on patients for whom "
        "it is right. Cannot show calibration: the cases are no sample.",
        _reliability,
    ),
    "outside": Section(
        "Outside the list",
        "Shows whether any measure tells cases whose cause is outside the six from the others. Cannot show much with "
        "so few of them: a measure that clears chance here may fail on the next.",
        _outside,
    ),
    "leave_out": Section(
        "One thing left out",
        "Shows what each question, node and arc is worth to every figure, in the setting of the findings alone. "
        "Cannot show that a number is right: a case is no reason to change one.",
        _leave_out,
        slow=True,
    ),
    "population": Section(
        "Population survey",
        "Shows whether findings go together as in US adults with this count. Cannot show causes, which nobody "
        "established there; only what was held out can prove a number wrong.",
        _population,
    ),
    "laws": Section(
        "Clinical laws",
        "Shows that what a clinician would never forgive does not happen, in every pattern of entries on a lattice. "
        "Cannot show that a number is right: laws hold for many numbers.",
        _laws,
    ),
    "plausibility": Section(
        "Plausible patients",
        "Shows whether the findings expected before anything is entered are as common as sources allow. Cannot show "
        "much where nobody counted (GAP): there the range is wide.",
        _plausibility,
    ),
    "consistency": Section(
        "Self-consistency",
        "Shows that the engine gives the right probabilities for patients of its own network. Cannot show anything "
        "about real patients.",
        _consistency,
    ),
    "recovery": Section(
        "Robust recovery",
        "Shows what accuracy could be if the structure is right and the numbers as wrong as admitted: a ceiling. "
        "Cannot show that real patients come near it.",
        _recovery,
    ),
    "ranks": Section(
        "Ranks of the truth",
        "Shows whether a 90 % interval holds the truth nine times in ten, truth being drawn from the stated intervals. "
        "Cannot show that those intervals are true of the world.",
        _ranks,
    ),
}
