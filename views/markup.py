"""Tables, records and disagreements as HTML. Everything from outside is escaped; no Streamlit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from model.knowledge import Disagreement, Knowledge, Source, cited
from model.wording import GRADES, TAGS, sentence, without_files
from views.record_card import RecordCard


def table(head: Sequence[str], rows: Iterable[Sequence[str]], caption: str) -> str:
    """Return a table; the first cell of a row is its heading, the caption is read out by screen readers."""
    body = (
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return framed(head, body, caption)


def framed(head: Sequence[str], rows: Iterable[str], caption: str, look: str = "") -> str:
    """Return a table that scrolls sideways in its frame; `rows` are markup already, `look` is one more class."""
    columns = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    said, looks = escape(caption), f"twin {look}".rstrip()
    return (
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="{said}"><table class="{looks}">'
        f"<caption>{said}</caption><thead><tr>{columns}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def source(said: Source) -> str:
    """Return a source, linked when it has an address on the web."""
    text = escape(said.citation)
    if said.locator_url.startswith(("https://", "http://")):
        return f'<a href="{escape(said.locator_url)}" target="_blank" rel="noopener noreferrer">{text}</a>'
    return text


def record(card: RecordCard, where: bool = False, opened: bool = False) -> str:
    """Return one record: its value in sight, its reason one click away unless `opened`.

    where : its setting in sight too, if it does not hold in every one
    """
    row = card.record
    claims = "<br>".join(f"<b>{escape(claim)}</b> {escape(text)}" for claim, text in card.claims)
    parts = (
        ("Why", escape(without_files(row.rationale))),
        ("Conflict", escape(without_files(row.conflict))),
        ("Claim of the article", claims),
        ("Source", "<br>".join(map(source, card.sources))),
        ("Found there", escape(without_files(row.locator))),
        ("Reading", f"{escape(row.reading)}; {escape(TAGS[row.tag])}"),
        ("Grade", f"{escape(row.grade)}: {escape(GRADES[row.grade])}"),
        ("Setting", escape(card.settings)),
        ("Record", f"<code>{escape(row.id)}</code>"),
    )
    listed = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in parts if text)
    only = f'<span class="only">{escape(card.only_in)}</span>' if where and card.only_in else ""
    return opening(card.title, card.value, (f"grade {row.grade}", row.tag), f"<dl>{listed}</dl>", only, opened)


def records(cards: Iterable[RecordCard], where: bool = False) -> str:
    """Return several records, one under the other."""
    return "".join(record(card, where) for card in cards)


def opening(what: str, value: str, marks: Iterable[str], body: str, only: str = "", opened: bool = False) -> str:
    """Return a line that opens. marks : the first is its grade, the second its tag;  body, only : markup already"""
    drawn = " ".join(
        f'<span class="{kind}">{escape(mark)}</span>' for kind, mark in zip(("grade", "tag"), marks, strict=False)
    )
    return (
        f'<details {"open " if opened else ""}class="record"><summary><span class="what">{escape(what)}</span>{only}'
        f'<span class="value">{escape(value)}</span><span class="marks">{drawn}</span></summary>{body}</details>'
    )


def disagreements(lines: Iterable[Disagreement], knowledge: Knowledge) -> str:
    """Return the places where the article is inconsistent or the literature says otherwise."""
    items = "".join(
        f"<li><b>{escape(line.id)}</b> The article: {escape(sentence(line.article_says))} "
        f"<b>But:</b> {escape(sentence(line.problem))} <b>Figures:</b> {escape(sentence(line.better_figure))} "
        f'<span class="cited">{escape(cited(knowledge, line.source))}</span></li>'
        for line in lines
    )
    return f'<ul class="disagreements">{items}</ul>' if items else ""
