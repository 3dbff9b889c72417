"""The ranking as a picture of its own, for a slide or a note: SVG, drawn without any other program."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from model.sensitivity import CauseLine

WIDTH, ROW, TOP, FOOT = 720, 40, 54, 46
LEFT, TRACK = 232, 380  # where the bars begin, and how wide 100 % is
INK, QUIET, GRID, BAR = "#1F1F1F", "#595959", "#E3E3E3", "#0072B2"


def ranking_svg(lines: Sequence[CauseLine], setting: str, note: str) -> str:
    """Return the ranking as an SVG on white.

    lines : likeliest first;  setting : what it is called;  note : what must stand beneath the picture
    """
    height = TOP + ROW * len(lines) + FOOT
    said = ", ".join(f"{line.label} {line.percent}" for line in lines)
    rows = "".join(_row(line, TOP + ROW * place) for place, line in enumerate(lines))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        f'role="img" font-family="Source Sans, Segoe UI, sans-serif" font-size="14" fill="{INK}">'
        f"<title>Causes of mild neutropenia: {escape(said)}</title>"
        f'<rect width="{WIDTH}" height="{height}" fill="#FFFFFF"/>'
        f'<text x="16" y="28" font-size="17" font-weight="600">Causes of mild neutropenia, likeliest first</text>'
        f'<text x="{WIDTH - 16}" y="28" text-anchor="end" fill="{QUIET}">Setting: {escape(setting)}</text>{rows}'
        f'<text x="16" y="{height - 24}" font-size="11" fill="{QUIET}">Bar: now. Thin line: range over the model’s own '
        "numbers. Upright line: before anything was entered.</text>"
        f'<text x="16" y="{height - 9}" font-size="11" fill="{QUIET}">{escape(note)}</text></svg>'
    )


def _row(line: CauseLine, top: int) -> str:
    middle = top + ROW // 2
    now, before = TRACK * line.probability, LEFT + TRACK * line.prior
    band = ""
    if line.interval is not None:
        low, high = (LEFT + TRACK * end for end in (line.interval.low, line.interval.high))
        band = f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}" stroke="{INK}" stroke-width="2.5"/>'
    return (
        f'<text x="16" y="{middle + 5}">{line.rank}. {escape(line.label)}</text>'
        f'<rect x="{LEFT}" y="{middle - 6}" width="{TRACK}" height="12" rx="6" fill="{GRID}"/>'
        f'<rect x="{LEFT}" y="{middle - 6}" width="{max(now, 2):.1f}" height="12" rx="6" fill="{BAR}"/>{band}'
        f'<line x1="{before:.1f}" x2="{before:.1f}" y1="{middle - 9}" y2="{middle + 9}" stroke="{INK}" '
        f'stroke-width="2.5"/><text x="{WIDTH - 16}" y="{middle + 5}" text-anchor="end" font-weight="600">'
        f"{escape(line.percent)}</text>"
    )
