"""Claims of the article, literature that differs, and sources, each with its numbers. No Streamlit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from model.knowledge import Disagreement, Knowledge, Record, Source, sources_cited
from model.knowledge.provenance import is_about
from model.knowledge.rows import Claim
from model.sensitivity.literature import LiteratureAgainstArticle
from model.wording import percent, words_of
from views.record_card import RecordCard
from views.wording import holds

Row = TypeVar("Row", "ClaimRow", "DifferenceRow", "SourceRow")
WHERE = {"node": "node", "number": "number", "guard": "scope rule", "guidance": "step of the work-up", "text": "text"}


@dataclass(frozen=True)
class ClaimRow:
    """One claim: where it lives in the model, and the numbers that rest on it."""

    claim: Claim
    lives: tuple[tuple[str, str, str], ...]
    numbers: tuple[RecordCard, ...]

    @property
    def text(self) -> str:
        """What a search looks through."""
        cells = (self.claim.claim, self.claim.section, self.claim.kind, self.claim.paraphrase)
        return " ".join((*cells, *(" ".join(each) for each in self.lives))).casefold()


@dataclass(frozen=True)
class DifferenceRow:
    """One place where article and literature part: with the citations and the numbers concerned.

    answers : what the visitor's case would say under each better figure, or why a figure cannot be run
    """

    difference: Disagreement
    citations: tuple[Source, ...]
    numbers: tuple[RecordCard, ...]
    answers: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What a search looks through."""
        said = self.difference
        cells = (said.id, said.article_says, said.problem, said.better_figure, *(s.citation for s in self.citations))
        return " ".join(cells).casefold()


@dataclass(frozen=True)
class SourceRow:
    """One source and the numbers it gives."""

    source: Source
    numbers: tuple[RecordCard, ...]

    @property
    def text(self) -> str:
        """What a search looks through."""
        said = self.source
        return " ".join((said.source, said.kind, said.citation, said.year, said.tag, said.note)).casefold()


def claim_rows(knowledge: Knowledge, cards: Sequence[RecordCard]) -> tuple[ClaimRow, ...]:
    """Return every claim, in the order of the article."""
    rows = []
    for claim in knowledge.claims.values():
        lives = tuple(
            (WHERE.get(trace.target_kind, trace.target_kind), _named(knowledge, trace.target), trace.note)
            for trace in knowledge.traces
            if trace.claim == claim.claim
        )
        resting = [record for record in knowledge.records if claim.claim in record.claims]
        rows.append(ClaimRow(claim, lives, _cards(cards, resting)))
    return tuple(rows)


def difference_rows(
    knowledge: Knowledge, cards: Sequence[RecordCard], found: LiteratureAgainstArticle | None = None
) -> tuple[DifferenceRow, ...]:
    """Return every place where article and literature differ; with `found`, also what one case would say."""
    rows = []
    for difference in knowledge.disagreements:
        concerned = [record for record in knowledge.records if is_about(difference, record)]
        citations = sources_cited(knowledge, difference.source)
        answers = _answers(knowledge, found, difference.id) if found else ()
        rows.append(DifferenceRow(difference, citations, _cards(cards, concerned), answers))
    return tuple(rows)


def _answers(knowledge: Knowledge, found: LiteratureAgainstArticle, difference: str) -> tuple[str, ...]:
    def named(cause: str) -> str:
        return knowledge.nodes[cause].short_label

    said = []
    for figure in (each for each in found.figures if each.disagreement == difference):
        moved, now, then = named(figure.moved), found.causes[figure.moved], figure.causes[figure.moved]
        leads = f"{named(figure.leader)} {'leads' if figure.leader != found.leader else 'still leads'}"
        said.append(f"{figure.label}: {moved} {percent(now)} → {percent(then)}; {leads}.")
    said += [f"Not run ({each.why}): {each.reason}" for each in found.not_run if each.disagreement == difference]
    return tuple(said)


def source_rows(knowledge: Knowledge, cards: Sequence[RecordCard]) -> tuple[SourceRow, ...]:
    """Return every source, the ones behind most numbers first."""
    rows = (
        SourceRow(source, _cards(cards, (record for record in knowledge.records if source.source in record.sources)))
        for source in knowledge.sources.values()
    )
    return tuple(sorted(rows, key=lambda row: (-len(row.numbers), row.source.citation)))


def matching(rows: Iterable[Row], words: str) -> list[Row]:
    """Return the rows that hold every word."""
    return [row for row in rows if holds(row.text, words)]


def _cards(cards: Sequence[RecordCard], records: Iterable[Record]) -> tuple[RecordCard, ...]:
    """Return the cards of some records; both stand in the order of the tables."""
    wanted = {record.id for record in records}
    return tuple(card for card in cards if card.id in wanted)


def _named(knowledge: Knowledge, target: str) -> str:
    return knowledge.nodes[target].label if target in knowledge.nodes else words_of(target)
