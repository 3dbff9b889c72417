"""Records, disagreements and tables as HTML. Everything from outside is escaped; no Streamlit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from model.knowledge.rows import Disagreement, Source
from views.case.share_basis import KappaLine, RecordCard, SourceLine
from views.numbers.sources import ClaimRow, DifferenceRow, SourceRow


def table(head: Sequence[str], rows: Iterable[Sequence[str]], caption: str) -> str:
    """Return a table; the first cell of a row is its heading, the caption is read out by screen readers."""
    columns = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return (
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table class="twin">'
        f"<caption>{escape(caption)}</caption><thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def source(line: SourceLine) -> str:
    """Return a source, linked when it has an address on the web."""
    text = escape(line.citation)
    if line.address.startswith(("https://", "http://")):
        return f'<a href="{escape(line.address)}" target="_blank" rel="noopener noreferrer">{text}</a>'
    return text


def record(card: RecordCard, where: bool = False) -> str:
    """Return one record: its value in sight, its reason one click away; `where`: the setting in sight, if not all."""
    claims = "<br>".join(f"<b>{escape(claim)}</b> {escape(text)}" for claim, text in card.claims)
    sources = "<br>".join(source(line) for line in card.sources)
    parts = (
        ("Why", escape(card.rationale)),
        ("Conflict", escape(card.conflict)),
        ("Claim of the article", claims),
        ("Source", sources),
        ("Found there", escape(card.locator)),
        ("Reading", f"{escape(card.reading)}; {escape(card.tag_meaning)}"),
        ("Grade", f"{escape(card.grade)}: {escape(card.grade_meaning)}"),
        ("Setting", escape(card.settings)),
        ("Record", f"<code>{escape(card.id)}</code>"),
    )
    listed = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in parts if text)
    marks = f'<span class="grade">grade {escape(card.grade)}</span> <span class="tag">{escape(card.tag)}</span>'
    only = f'<span class="only">{escape(card.only_in)}</span>' if where and card.only_in else ""
    return _opening(card.title, card.value, marks, f"<dl>{listed}</dl>", only)


def record_anywhere(card: RecordCard) -> str:
    """Return one record in a list that mixes settings, where the title alone would stand there several times."""
    return record(card, where=True)


def claim(row: ClaimRow) -> str:
    """Return one claim: paraphrase in sight; where it lives and the numbers resting on it one click away."""
    said = row.claim
    lives = "".join(
        f"<li>{escape(kind)} <b>{escape(target)}</b>{': ' + escape(note) if note else ''}</li>"
        for kind, target, note in row.lives
    )
    marks = f'<span class="grade">{escape(said.claim)}</span> <span class="tag">{escape(said.kind)}</span>'
    return _opening(
        said.paraphrase,
        _count(row.numbers),
        marks,
        f'<p class="legend">Section “{escape(said.section)}”. In the model:</p><ul class="kappas">{lives}</ul>'
        + "".join(map(record_anywhere, row.numbers)),
    )


def difference(row: DifferenceRow) -> str:
    """Return one place where article and literature differ, with its figures, citations and numbers."""
    said = row.difference
    cited = "".join(f"<li>{source_cited(each)}</li>" for each in row.citations)
    answers = "".join(f"<li>{escape(answer)}</li>" for answer in row.answers)
    under = f"<dt>Your case</dt><dd><ul class=kappas>{answers}</ul></dd>" if answers else ""
    body = (
        f"<dl><dt>Article</dt><dd>{escape(_sentence(said.article_says))}</dd>"
        f"<dt>But</dt><dd>{escape(_sentence(said.problem))}</dd>"
        f"<dt>Figures</dt><dd>{escape(_sentence(said.better_figure))}</dd>{under}</dl>"
        f'<ul class="kappas">{cited}</ul>{"".join(map(record_anywhere, row.numbers))}'
    )
    return _opening(said.problem, _count(row.numbers), f'<span class="grade">{escape(said.id)}</span>', body)


def source_row(row: SourceRow) -> str:
    """Return one source: its citation in sight, what was read of it and its numbers one click away."""
    said = row.source
    note = f'<p class="legend">{source_cited(said)}. {escape(_sentence(said.note))}</p>' if said.note else ""
    marks = f'<span class="grade">{escape(said.kind)}</span> <span class="tag">{escape(said.tag)}</span>'
    return _opening(said.citation, _count(row.numbers), marks, note + "".join(map(record_anywhere, row.numbers)))


def source_cited(said: Source) -> str:
    """Return a source of the table, linked when it has an address on the web."""
    return source(SourceLine(said.source, said.citation, said.locator_url))


def _count(numbers: Sequence[RecordCard]) -> str:
    return {0: "no number", 1: "1 number"}.get(len(numbers), f"{len(numbers)} numbers")


def _opening(what: str, value: str, marks: str, body: str, only: str = "") -> str:
    """Return a line that opens; `marks`, `body` and `only` are markup already."""
    return (
        f'<details class="record"><summary><span class="what">{escape(what)}</span>{only}'
        f'<span class="value">{escape(value)}</span><span class="marks">{marks}</span></summary>{body}</details>'
    )


def kappas(lines: Sequence[KappaLine]) -> str:
    """Return how far shares and epidemiology agree, one line a cause state; what is far apart stands out."""
    items = []
    for line in lines:
        label = f"<b>{escape(line.label)}</b> " if len(lines) > 1 else ""
        items.append(f"<li{' class=apart' if line.far_apart else ''}>{label}{escape(line.sentence)}</li>")
    return f'<ul class="kappas">{"".join(items)}</ul>'


def disagreements(lines: Iterable[Disagreement], citations: dict[str, str]) -> str:
    """Return the places where the article is inconsistent or the literature says otherwise."""
    items = "".join(
        f"<li><b>{escape(line.id)}</b> The article: {escape(_sentence(line.article_says))} "
        f"<b>But:</b> {escape(_sentence(line.problem))} <b>Figures:</b> {escape(_sentence(line.better_figure))} "
        f'<span class="cited">{escape("; ".join(citations.get(name, name) for name in line.source))}</span></li>'
        for line in lines
    )
    return f'<ul class="disagreements">{items}</ul>' if items else ""


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."
