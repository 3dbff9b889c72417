"""The tables of the about screen: how well the model does, as stored validation found. No Streamlit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.knowledge import Knowledge
from model.wording import counted_share, percent

RESULTS = "validation_results.json"


@dataclass(frozen=True)
class Table:
    """A heading with what it shows and cannot show, then a table."""

    title: str
    says: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def validation_results(knowledge: Knowledge) -> Mapping[str, Any]:
    """Return the stored results; a test holds that they are of these tables."""
    return json.loads((knowledge.folder / RESULTS).read_text(encoding="utf-8"))


def validation_tables(knowledge: Knowledge, results: Mapping[str, Any], setting: str) -> tuple[Table, ...]:
    """Return what validation found, for one setting where it was run for each."""
    return (
        _published(knowledge, results["published"], setting),
        _simpler(results["published"], setting),
        _alarm(results["published"]),
        _population(knowledge, results["population"]),
        _plausible(knowledge, results["plausibility"]),
        _laws(knowledge, results["laws"]),
        _ceiling(results["simulation"]),
        _literature(knowledge, results["literature"]),
    )


def _published(knowledge: Knowledge, found: Mapping[str, Any], setting: str) -> Table:
    rows = [row for row in found["scores"] if row["setting"] == setting]
    return Table(
        "Published cases",
        f"{found['cases']} published patients, scope guard off. How often the authors' cause ranks first, and first or "
        "second, with 95 % intervals; decisive findings are those that settle the matter alone. Such cases are severe "
        "and exotic: they test the ranking, not how common causes are.",
        ("Findings", "Cause", "Cases", "First", "First or second", "Log score"),
        tuple(
            (row["findings"], _cause(knowledge, row["group"]), str(row["cases"]), counted_share(row, "top1"),
             counted_share(row, "top2"), f"{row['log_score']:.2f}")
            for row in rows
        ),
    )  # fmt: skip


def _simpler(found: Mapping[str, Any], setting: str) -> Table:
    rows = [row for row in found["differences"] if row["setting"] == setting]
    return Table(
        "Against simpler methods",
        "Log score of a simpler method less that of the model, with a 95 % interval over the cases; above zero the "
        "model is better. It is called better only where the whole interval is. Multimembership weighs each cause for "
        "itself against its absence; no selection leaves out that the count is known to be low; the article's list is "
        "its own clinical approach as rules.",
        ("Findings", "Method", "Difference", "Model better"),
        tuple(
            (row["findings"], row["method"], f"{row['difference']:+.2f} ({row['low']:+.2f} to {row['high']:+.2f})",
             "yes" if row["beaten"] else "not shown")
            for row in rows
        ),
    )  # fmt: skip


def _alarm(found: Mapping[str, Any]) -> Table:
    return Table(
        "When the cause is none of the six",
        "Share of such published cases that show a sign, against all the others. A sign warns only where the two "
        "differ beyond chance.",
        ("Findings", "Sign", "None of the six", "One of the six", "Warns"),
        tuple(
            (row["findings"], row["sign"], counted_share(row, "outside"), counted_share(row, "inside"),
             "yes" if row["warns"] else "not shown")
            for row in found["alarm"]
        ),
    )  # fmt: skip


def _population(knowledge: Knowledge, found: Mapping[str, Any]) -> Table:
    uses = {"input": "used to set numbers", "near": "near to what was used", "held out": "not used"}
    return Table(
        "A survey of the population",
        f"NHANES 2011-2018: {found['low']} of {found['adults']:,} adults had such a count. Figures on which model and "
        "survey agree within two standard errors. Two settings are about other people than the survey.",
        ("Setting", "Figures", "Agree"),
        tuple(
            (knowledge.settings[row["setting"]].label, uses[row["use"]], f"{row['agree']} of {row['of']}")
            for row in found["agreement"]
        ),
    )


def _plausible(knowledge: Knowledge, found: list[Mapping[str, Any]]) -> Table:
    rows = []
    for row in found:
        label, outside = knowledge.settings[row["setting"]].label, row["outside"]
        rows.append((label, f"{row['of'] - len(outside)} of {row['of']}", "", "", ""))
        rows += [
            (label, each["label"], f"{each['plug_in']:.3g} ({each['low']:.3g} to {each['high']:.3g})",
             f"{each['range_low']:.3g} to {each['range_high']:.3g}", each["exception"])
            for each in outside
        ]  # fmt: skip
    return Table(
        "Plausible patients",
        "What the model expects of people with such a count before anything is known, against ranges written down from "
        "the literature by somebody who had seen the model's figures. A first line counts those inside their range; "
        "the others follow, with the reason.",
        ("Setting", "Figure", "Model (90 % range)", "Plausible", "Why it is outside"),
        tuple(rows),
    )


def _laws(knowledge: Knowledge, found: list[Mapping[str, Any]]) -> Table:
    return Table(
        "Clinical laws",
        "Statements such as “a risk factor never lowers its cause”, checked in every pattern of a lattice of evidence. "
        "Laws that can fail for a reason have their exceptions listed with it.",
        ("Setting", "Laws", "Comparisons", "Checks that must hold", "Broken", "Listed exceptions"),
        tuple(
            (knowledge.settings[row["setting"]].label, str(row["laws"]), f"{row['patterns']:,}", str(row["must"]),
             str(row["must_broken"]), str(row["listed"]))
            for row in found
        ),
    )  # fmt: skip


def _ceiling(found: Mapping[str, Any]) -> Table:
    recovery = found["recovery"]
    return Table(
        "The honest ceiling",
        f"Patients simulated from {recovery['worlds']} draws of the numbers: how often the acting cause ranks first if "
        "the structure were right and the numbers as wrong as admitted. It says nothing of the medicine.",
        ("Asked with", "First", "First or second"),
        tuple((row["asked"], counted_share(row, "top1"), counted_share(row, "top2")) for row in recovery["asked"]),
    )


def _literature(knowledge: Knowledge, found: Mapping[str, Any]) -> Table:
    return Table(
        "The literature against the article",
        f"{found['figures']} better figures can be run in place of the article's. With nothing entered, these move the "
        "answer; each disagreement stands in full under Numbers and sources.",
        ("Disagreement", "Better figure", "Cause", "Model", "Under it", "Leads then"),
        tuple(
            (row["disagreement"], row["label"], _cause(knowledge, row["cause"]), percent(row["model"]),
             percent(row["figure"]), _cause(knowledge, row["leader"]))
            for row in found["moves"]
        ),
    )  # fmt: skip


def _cause(knowledge: Knowledge, group: str) -> str:
    return knowledge.nodes[group].short_label if group in knowledge.nodes else group
