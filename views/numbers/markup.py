"""Claims, disagreements and sources as lines that open onto their numbers. Everything from outside is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from model.wording import sentence
from views.markup import opening, records, source
from views.numbers.sources import ClaimRow, DifferenceRow, SourceRow
from views.record_card import RecordCard


def claim(row: ClaimRow) -> str:
    """Return one claim: paraphrase in sight; where it lives and the numbers resting on it one click away."""
    said = row.claim
    lives = "".join(
        f"<li>{escape(kind)} <b>{escape(target)}</b>{': ' + escape(note) if note else ''}</li>"
        for kind, target, note in row.lives
    )
    body = f'<p class="legend">Section “{escape(said.section)}”. In the model:</p><ul class="kappas">{lives}</ul>'
    return _line(said.paraphrase, row.numbers, (said.claim, said.kind), body)


def difference(row: DifferenceRow) -> str:
    """Return one place where article and literature differ, with its figures, citations and numbers."""
    said = row.difference
    cited = "".join(f"<li>{source(each)}</li>" for each in row.citations)
    answers = "".join(f"<li>{escape(answer)}</li>" for answer in row.answers)
    under = f"<dt>Your case</dt><dd><ul class=kappas>{answers}</ul></dd>" if answers else ""
    body = (
        f"<dl><dt>Article</dt><dd>{escape(sentence(said.article_says))}</dd>"
        f"<dt>But</dt><dd>{escape(sentence(said.problem))}</dd>"
        f"<dt>Figures</dt><dd>{escape(sentence(said.better_figure))}</dd>{under}</dl>"
        f'<ul class="kappas">{cited}</ul>'
    )
    return _line(said.problem, row.numbers, (said.id,), body)


def source_row(row: SourceRow) -> str:
    """Return one source: its citation in sight, what was read of it and its numbers one click away."""
    said = row.source
    note = f'<p class="legend">{source(said)}. {escape(sentence(said.note))}</p>' if said.note else ""
    return _line(said.citation, row.numbers, (said.kind, said.tag), note)


def _line(what: str, numbers: Sequence[RecordCard], marks: Sequence[str], body: str) -> str:
    count = {0: "no number", 1: "1 number"}.get(len(numbers), f"{len(numbers)} numbers")
    return opening(what, count, marks, body + records(numbers, where=True))
