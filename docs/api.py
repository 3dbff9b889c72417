"""The public names, from their docstrings: ``python docs/api.py`` writes ``docs/API.md``.

What is public is what ``model.__all__`` names, with the methods and properties of the classes there. A test fails when
the page drifts from the code.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "API.md"
HEAD = """# API

<!-- Written by `python docs/api.py` from the docstrings; do not edit by hand. -->

Everything that `import model` promises. Names that are not here may change with any version. [TUTORIAL.md](TUTORIAL.md)
shows them at work; README says which method answers which question.
"""
KINDS = ("Functions", "Classes", "Errors")


def members(kind: type) -> Iterator[tuple[str, Any]]:
    """Yield the public methods and properties of a class, those it has from classes of this package included."""
    seen: dict[str, Any] = {}
    for each in reversed(kind.__mro__):
        if each.__module__.partition(".")[0] == "model":
            seen.update({name: found for name, found in vars(each).items() if not name.startswith("_")})
    held = {field.name for field in fields(kind)} if is_dataclass(kind) else set()
    for name, found in seen.items():
        if name not in held and (callable(found) or isinstance(found, property | cached_property | classmethod)):
            yield name, found


def signature(name: str, found: Any) -> str:
    """Return a callable as it is called, its annotations as they are written."""
    shown = inspect.signature(found)
    said, starred = [], False
    for each in shown.parameters.values():
        if each.name == "self":
            continue
        if each.kind is each.KEYWORD_ONLY and not starred:
            said.append("*")
        starred |= each.kind in (each.KEYWORD_ONLY, each.VAR_POSITIONAL)
        stars = {each.VAR_POSITIONAL: "*", each.VAR_KEYWORD: "**"}.get(each.kind, "")
        default = "" if each.default is each.empty else f" = {each.default!r}"
        said.append(f"{stars}{each.name}{_annotated(': ', each.annotation)}{default}")
    return f"{name}({', '.join(said)}){_annotated(' -> ', shown.return_annotation)}"


def _annotated(sign: str, annotation: Any) -> str:
    if annotation is inspect.Parameter.empty:
        return ""
    return sign + (annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation)))


def described(found: Any, depth: str) -> list[str]:
    """Return a docstring: its first paragraph as text, the rest as it is laid out."""
    text = inspect.getdoc(found) or ""
    if not text:
        raise ValueError(f"expected a docstring for {depth.strip('# ')}")
    first, _, rest = text.partition("\n\n")
    tail = [f"```text\n{rest}\n```"] if rest else []
    plain = re.sub(r":\w+:`", "`", " ".join(first.split())).replace("``", "`")
    return [depth, plain, *tail]


def entry(name: str, found: Any) -> list[str]:
    """Return what the page says of one public name."""
    if isinstance(found, str):
        return [f"### `{name}`", "The version, a string."]
    if not inspect.isclass(found):
        return described(found, f"### `{signature(f'model.{name}', found)}`")
    lines = described(found, f"### `{name}`")
    if issubclass(found, Exception):
        bases = " and ".join(f"`{each.__name__}`" for each in found.__bases__)
        return [*lines, f"Caught as {bases} too."]
    if is_dataclass(found):
        held = ", ".join(f"`{field.name}`" for field in fields(found) if not field.name.startswith("_"))
        lines.append(f"Holds {held}.")
    for each, member in members(found):
        if isinstance(member, property | cached_property):
            code = member.fget if isinstance(member, property) else member.func
            lines += described(code, f"#### `.{each}`")
        else:
            code = getattr(found, each) if isinstance(member, classmethod) else member
            lines += described(code, f"#### `.{signature(each, code)}`")
    return lines


def kind_of(found: Any) -> str:
    """Return under which heading a public name stands."""
    if inspect.isclass(found):
        return "Errors" if issubclass(found, Exception) else "Classes"
    return "Functions"


def page() -> str:
    """Return the whole page."""
    import model

    named = {name: getattr(model, name) for name in model.__all__}
    blocks = [HEAD.strip()]
    for kind in KINDS:
        blocks.append(f"## {kind}")
        for name, found in named.items():
            if kind_of(found) == kind:
                blocks += entry(name, found)
    return "\n\n".join(blocks) + "\n"


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    PAGE.write_text(page(), encoding="utf-8")
