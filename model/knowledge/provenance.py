"""What stands behind a node or a number: the claims it cites, and where article and literature part on it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from model.knowledge.load import Knowledge
from model.knowledge.rows import Disagreement, Record, Source


def claims_cited(knowledge: Knowledge, names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return (claim, paraphrase) of the names that are claims; others, such as ``none``, are left out."""
    return tuple((name, knowledge.claims[name].paraphrase) for name in names if name in knowledge.claims)


def sources_cited(knowledge: Knowledge, names: Iterable[str]) -> tuple[Source, ...]:
    """Return the publications among the names."""
    return tuple(knowledge.sources[name] for name in names if name in knowledge.sources)


def cited(knowledge: Knowledge, names: Iterable[str]) -> str:
    """Return the same as they are cited, in one line."""
    return "; ".join(source.citation for source in sources_cited(knowledge, names))


def is_about(disagreement: Disagreement, record: Record) -> bool:
    """Return whether the disagreement concerns this number, or the number's own `conflict` names it."""
    return record.id in disagreement.concerns or disagreement.id in re.findall(r"\bD\d+\b", record.conflict)


def disagreements_about(knowledge: Knowledge, ids: Collection[str]) -> tuple[Disagreement, ...]:
    """Return where article and literature part on these nodes and numbers, in the order of ``disagreements.csv``."""
    numbers = [record for record in knowledge.records if record.id in ids]
    return tuple(
        row
        for row in knowledge.disagreements
        if not set(ids).isdisjoint(row.concerns) or any(is_about(row, record) for record in numbers)
    )
