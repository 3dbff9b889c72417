"""The house: packages and the imports between them, read from the code, as one picture and one table.

``python docs/architecture.py`` draws ``docs/architecture.svg`` and writes the table of ``docs/packages.csv`` into
CONTRIBUTING.md and ARCHITECTURE.md, between their markers. A test fails when any of them drifts from the code.
"""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "architecture.svg"
PAGES = (ROOT / "CONTRIBUTING.md", ROOT / "docs" / "ARCHITECTURE.md")
BEGIN, END = "<!-- packages: written by docs/architecture.py -->", "<!-- end of packages -->"
GROUND = (
    "model.errors",
    "model.late",
    "model.log_odds",
    "model.progress",
    "model.version",
    "model.whole_file",
)  # one row of the table
ROW, HIGH, GAP, MARGIN, WIDE = 74, 38, 14, 20, 980  # pixels


@dataclass(frozen=True)
class Package:
    """One row of ``packages.csv``: what may import only rows of a lower floor, and itself."""

    floor: int
    name: str
    holds: str
    must_not: str


@dataclass(frozen=True)
class Import:
    """One import. late : inside a function or for types only, so that it costs nothing when the module is loaded."""

    module: str
    line: int
    late: bool


def packages() -> list[Package]:
    """Return the rows of ``packages.csv``, lowest floor first."""
    with (ROOT / "docs" / "packages.csv").open(encoding="utf-8", newline="") as file:
        return [
            Package(int(row["floor"]), row["package"], row["holds"], row["must not"]) for row in csv.DictReader(file)
        ]


def modules() -> dict[str, Path]:
    """Return dotted name -> file of all product code; a package has the name of its folder."""
    found = {"app": ROOT / "app.py", "served": ROOT / "served.py"}
    for folder in ("model", "views"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def home(module: str) -> str:
    """Return the name of the row of ``packages.csv`` a module belongs to."""
    parts = module.split(".")
    if module in GROUND:
        return "model/errors.py"
    if module in ("app", "served", "model.__main__"):
        return "app.py"
    if parts[0] == "views":
        screen = len(parts) > 1 and (ROOT / "views" / parts[1] / "page.py").is_file()
        return "views/*/" if screen else "views/"
    if parts == ["model"]:
        return "model/diagnostic_model.py"  # the public names come from there
    folder = (ROOT / "model" / parts[1]).is_dir()
    return f"model/{parts[1]}/" if folder else f"model/{parts[1]}.py"


def imports(path: Path, known: dict[str, Path]) -> Iterator[Import]:
    """Yield every import of a file; ``from package import module`` counts as an import of the module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    late = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        or (isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING")
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            names = list(dict.fromkeys(name if name in known else node.module or "" for name in whole))
        else:
            continue
        for name in names:
            yield Import(name, node.lineno, id(node) in late)


def arrows() -> set[tuple[str, str]]:
    """Return (importing row, imported row) of every import of product code that is needed when it is loaded."""
    known = modules()
    found = {
        (home(module), home(each.module))
        for module, path in known.items()
        for each in imports(path, known)
        if each.module in known and not each.late
    }
    return {(one, other) for one, other in found if one != other}


def direct(pairs: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the pairs that no chain of others implies, so that the picture stays readable."""
    below = {one: {other for first, other in pairs if first == one} for one, _ in pairs}

    def reached(start: str) -> set[str]:
        found = set(below.get(start, ()))
        return found.union(*(reached(other) for other in found))

    return {(one, other) for one, other in pairs if not any(other in reached(via) for via in below[one] - {other})}


def table() -> str:
    """Return the packages as a Markdown table, the lowest floor first."""
    lines = ["| floor | package | holds | must not |", "|---|---|---|---|"]
    lines += [f"| {row.floor} | `{row.name}` | {row.holds} | {row.must_not} |" for row in packages()]
    return "\n".join(lines)


def picture() -> str:
    """Return the house as SVG: one room a package, a line for each import that no chain implies."""
    rows = packages()
    floors = sorted({row.floor for row in rows}, reverse=True)
    place: dict[str, tuple[float, float, float]] = {}  # left, top, width
    for level, floor in enumerate(floors):
        on_it = [row for row in rows if row.floor == floor]
        width = min(230.0, (WIDE - 2 * MARGIN - GAP * (len(on_it) - 1)) / len(on_it))
        start = (WIDE - width * len(on_it) - GAP * (len(on_it) - 1)) / 2
        for position, row in enumerate(on_it):
            place[row.name] = (start + position * (width + GAP), MARGIN + level * ROW, width)
    high = MARGIN * 2 + ROW * (len(floors) - 1) + HIGH
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {high}" font-family="sans-serif" font-size="13" '
        'role="img">',
        "<title>Packages of the project and their imports: every line runs downward</title>",
        f'<rect width="{WIDE}" height="{high}" fill="#FFFFFF"/>',
    ]
    for one, other in sorted(direct(arrows())):
        (left, top, width), (to_left, to_top, to_width) = place[one], place[other]
        x, y, to_x, to_y = left + width / 2, top + HIGH, to_left + to_width / 2, to_top
        bend = (to_y - y) / 2
        drawn.append(
            f'<path d="M{x:.0f},{y:.0f} C{x:.0f},{y + bend:.0f} {to_x:.0f},{to_y - bend:.0f} {to_x:.0f},{to_y:.0f}" '
            'fill="none" stroke="#0072B2" stroke-opacity="0.6"/>'
        )
    for row in rows:
        left, top, width = place[row.name]
        drawn.append(
            f'<g><title>{_escaped(row.holds)}</title><rect x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" '
            f'height="{HIGH}" rx="6" fill="#F4F9FD" stroke="#0072B2"/><text x="{left + width / 2:.0f}" '
            f'y="{top + HIGH / 2 + 5:.0f}" text-anchor="middle" fill="#1F1F1F">{_escaped(row.name)}</text></g>'
        )
    return "\n".join([*drawn, "</svg>"]) + "\n"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def with_table(page: str) -> str:
    """Return a page with the table of packages between its markers."""
    before, found, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (found and ended):
        raise ValueError(f"expected the lines {BEGIN!r} and {END!r}, got a page without them")
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    for path in PAGES:
        path.write_text(with_table(path.read_text(encoding="utf-8")), encoding="utf-8")
