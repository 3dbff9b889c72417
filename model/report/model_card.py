"""The model card: what the model is for, what it rests on and how well it does, written from the tables and results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model.calibrated_model import DEFAULT_SETTING
from model.errors import KnowledgeError, listed
from model.knowledge import Knowledge
from model.version import __version__
from model.wording import GRADES, counted_share, percent

STATUSES = ("met", "partly", "not met", "not applicable")


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
    environment.filters |= {"share": counted_share, "percent": percent, "cell": _cell}
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
        grade_meaning=GRADES,
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


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
