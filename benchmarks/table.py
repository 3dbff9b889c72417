"""A result as a markdown table."""

from __future__ import annotations

from collections.abc import Sequence


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a heading and a table; the first column is text, the others are aligned right."""
    lines = [header, ["---", *("---:" for _ in header[1:])], *rows]
    return f"\n### {title}\n\n" + "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines) + "\n"


def duration(seconds: float) -> str:
    """Return a time with the unit that suits it."""
    if seconds < 1e-3:
        return f"{seconds * 1e6:.3g} µs"
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def ratio(of: float, to: float, target: float | None) -> str:
    """Return how many times slower, and whether that reaches the target."""
    reached = "" if target is None else f" ({'reached' if of / to >= target else 'short of'} {target:.0f} ×)"
    return f"{of / to:,.0f} ×{reached}"
