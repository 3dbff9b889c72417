"""Records, disagreements and tables as HTML. Everything from outside is escaped; no Streamlit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from model.knowledge import Disagreement
from views.provenance import KappaLine, RecordCard, SourceLine


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


def record(card: RecordCard, is_open: bool = False) -> str:
    """Return one record: its value in sight, its reason one click away."""
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
    return (
        f'<details class="record"{" open" if is_open else ""}><summary><span class="what">{escape(card.title)}</span>'
        f'<span class="value">{escape(card.value)}</span><span class="marks"><span class="grade">grade '
        f'{escape(card.grade)}</span> <span class="tag">{escape(card.tag)}</span></span></summary>'
        f"<dl>{listed}</dl></details>"
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
