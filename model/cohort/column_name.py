"""What the label of a column names: a node, a quantity of the laboratory, a unit; or something that looks like one.

Names are the ids and labels of ``nodes.csv`` and the spellings of ``lab_names.csv``, compared without capitals,
accents, spaces and punctuation. A unit of ``units.csv`` may follow, in brackets or not: ``ANC (10^9/L)``,
``anc_10e9_L``, ``Hb g/dL``. Nothing is guessed: what only looks like one of these is a question to whoever wrote it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from model.errors import listed, shown
from model.evidence import cell_words, units_of
from model.evidence.lab_spellings import HEADING, fold_name, is_share
from model.evidence.medicine import MEDICINES
from model.evidence.numerals import fold_unit
from model.evidence.renamed import old_names
from model.knowledge import Knowledge, Node, kept_with_knowledge

_ENTERED = ("cause", "context", "finding", "guard")
_NOT_ENTERED = {"mechanism": "a mechanism follows from the causes", "selection": "the low count is taken as seen"}
_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]$")
_WORDS = re.compile(r"[^\W_]+|[%#]")
_BETWEEN = " \t_-.,:;/()[]{}"
_MISSPELT = 8  # letters of a laboratory name from which on two edits are a slip


@dataclass(frozen=True)
class ColumnName:
    """A label, read.

    node     : the node it names, or ``medicines``; empty for none
    was      : the name of that node in an earlier version, where the label has that
    unit     : as in ``units.csv``; empty when the label has none
    quantity : what it measures, where it names that and not the node;  known : a quantity that is no entry of the model
    note     : why a known quantity is not entered
    problem  : one sentence, where the label looks like one of ours and cannot be read
    """

    label: str
    node: str = ""
    unit: str = ""
    quantity: str = ""
    known: str = ""
    note: str = ""
    problem: str = ""
    was: str = ""


@dataclass(frozen=True)
class _Named:
    """What one name stands for. `quantity` is empty for a name of the node itself, `was` for a name of today."""

    node: str
    quantity: str
    note: str = ""
    was: str = ""


def read_column_name(knowledge: Knowledge, label: str) -> ColumnName:
    """Return what a label names. Raises nothing: what cannot be read is its `problem`."""
    names, text = _names(knowledge), label.strip()
    if text.casefold() == MEDICINES:
        return ColumnName(label, MEDICINES)
    whole = names.get(fold_name(text), ())
    if whole:
        return _column(knowledge, label, _preferred(knowledge, whole), "")
    parts = list(_parts(names, text))
    for named, rest in parts:
        for each in named:
            if (unit := _unit(knowledge, each, rest)) or _allowed_words(knowledge, each, rest):
                return _column(knowledge, label, each, unit)
    for named, rest in parts[:1]:
        each = _preferred(knowledge, named)
        if _may_be_unit(rest) or _role(knowledge, each) == "guard":
            return _not_understood(knowledge, label, each, rest)
    if guard := _guard_within(knowledge, text):
        return ColumnName(label, problem=_looks_like(knowledge, label, guard))
    return ColumnName(label, problem=_near(knowledge, label))


def edits(one: str, other: str) -> int:
    """Return the number of letters to insert, delete or replace (Levenshtein), or 3 for any larger number."""
    if abs(len(one) - len(other)) > 2:
        return 3
    row = list(range(len(other) + 1))
    for position, letter in enumerate(one, 1):
        diagonal, row[0] = row[0], position
        for place, target in enumerate(other, 1):
            diagonal, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, diagonal + (letter != target))
        if min(row) > 2:
            return 3
    return min(row[-1], 3)


def _column(knowledge: Knowledge, label: str, named: _Named, unit: str) -> ColumnName:
    if not named.node:
        return ColumnName(label, known="" if named.quantity == HEADING else named.quantity, note=named.note)
    role = knowledge.nodes[named.node].role
    if role in _NOT_ENTERED:
        said = f"column {shown(label)} cannot be entered, because {_NOT_ENTERED[role]}; rename or remove it."
        return ColumnName(label, problem=said)
    return ColumnName(label, named.node, unit, named.quantity, was=named.was)


def _preferred(knowledge: Knowledge, named: tuple[_Named, ...]) -> _Named:
    """Return the one that is an entry where a name has two meanings that only a unit tells apart."""
    return next((each for each in named if each.node), named[0])


def _role(knowledge: Knowledge, named: _Named) -> str:
    return knowledge.nodes[named.node].role if named.node else ""


def _parts(names: Mapping[str, tuple[_Named, ...]], text: str) -> Iterator[tuple[tuple[_Named, ...], str]]:
    """Yield (what a beginning of the text names, the rest), the longest beginning first; words are not parted."""
    for end in range(len(text) - 1, 0, -1):
        before, after = text[end - 1], text[end]
        if before.isalnum() and after.isalnum() and not (before.isalpha() and after.isdigit()):
            continue
        if before.isalnum() or before in "%#)]":
            named = names.get(fold_name(text[:end]))
            if named:
                yield named, text[end:]


def _unit(knowledge: Knowledge, named: _Named, rest: str) -> str:
    """Return the unit a rest stands for, as in ``units.csv``; ``%`` for a share; empty when it is none."""
    spelled = _fold_unit(rest)
    if not named.node:
        return "%" if is_share(named.quantity) and spelled == "%" else ""
    return _units(knowledge).get(named.node, {}).get(spelled, "")


def _fold_unit(text: str) -> str:
    """Return a unit without what a table program may change in a header: brackets, signs and the word *in*."""
    inside = re.sub(r"^in[\s_]+", "", text.strip(_BETWEEN), flags=re.IGNORECASE)
    return "".join(sign for sign in fold_unit(inside) if sign.isalnum() or sign == "%")


def _allowed_words(knowledge: Knowledge, named: _Named, rest: str) -> bool:
    """Say whether a rest in brackets only lists what may stand in the cells, as in ``Fever (yes/no)``."""
    bracket = _BRACKETS.fullmatch(rest.strip())
    if not bracket or not named.node:
        return False
    states = knowledge.nodes[named.node].states
    allowed = {
        *states,
        *cell_words(knowledge, named.was or named.node),
        *(state[0] for state in states if named.node == "sex"),
    }
    return bool(states) and allowed.issuperset(word.strip().casefold() for word in re.split(r"[/|,;]", bracket[1]))


def _may_be_unit(rest: str) -> bool:
    """Say whether a rest looks like a unit or a remark on the name: brackets, a digit, a slash, a percent sign."""
    return bool(_BRACKETS.search(rest.strip())) or any(sign.isdigit() or sign in "/%^*" for sign in rest)


def _not_understood(knowledge: Knowledge, label: str, named: _Named, rest: str) -> ColumnName:
    known = _column(knowledge, label, named, "")
    if not known.node:
        return known
    node = knowledge.nodes[named.node]
    units = units_of(knowledge, node.id)
    allowed = f"allowed is {node.id!r} alone" + (f" or with a unit, {listed(units)}" if units else "")
    problem = (
        f"column {shown(label)} names {_in_words(node)}, but {rest.strip(' _-,.:;')!r} is not understood; {allowed}. "
        "Correct it, or rename it when it holds something else."
    )
    return ColumnName(label, problem=problem)


def _guard_within(knowledge: Knowledge, text: str) -> Node | None:
    """Return a guard whose name stands somewhere in the text, word by word."""
    words = [fold_name(word) for word in _WORDS.findall(unicodedata.normalize("NFC", text))]
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            for named in _names(knowledge).get("".join(words[start:end]), ()):
                if _role(knowledge, named) == "guard":
                    return knowledge.nodes[named.node]
    return None


def _looks_like(knowledge: Knowledge, label: str, guard: Node) -> str:
    units = units_of(knowledge, guard.id)
    unit = f" ({units[0]})" if len(units) > 1 else ""
    return (
        f"column {shown(label)} looks like {_in_words(guard)}, on which it depends whether the model may answer; name "
        f"it {guard.id + unit!r} if it is that, otherwise rename it."
    )


def _near(knowledge: Knowledge, label: str) -> str:
    """Return a question where a label is a slip away from a node or a laboratory name; empty otherwise."""
    name, folded = label.strip().casefold(), fold_name(label)
    ids = sorted(node.id for node in knowledge.role(*_ENTERED))
    near = next((each for each in ids if edits(name, each) <= (2 if len(each) > 4 else 1)), None)
    if near is None and len(folded) >= _MISSPELT:
        spelled = (
            row.spelling for row in knowledge.lab_names if row.node and len(fold_name(row.spelling)) >= _MISSPELT
        )
        near = next((each for each in spelled if edits(folded, fold_name(each)) <= 2), None)
    return f"column {label!r} is unknown; did you mean {near!r}? Correct or rename it." if near else ""


def _in_words(node: Node) -> str:
    return f"{node.short_label[:1].lower()}{node.short_label[1:]}"


@kept_with_knowledge
def _names(knowledge: Knowledge) -> Mapping[str, tuple[_Named, ...]]:
    """Return folded name -> what it stands for; a node's own names before those of the laboratory."""
    found: dict[str, tuple[_Named, ...]] = {}
    for spelling in ("id", "label", "short_label"):
        for node in knowledge.nodes.values():
            found.setdefault(fold_name(getattr(node, spelling)), (_Named(node.id, ""),))
    for name, node_id in old_names(knowledge).items():
        found.setdefault(fold_name(name), (_Named(node_id, "", was=name),))
    for row in knowledge.lab_names:
        key, named = fold_name(row.spelling), _Named(row.node, row.quantity, row.note)
        others = found.get(key, ())
        if all(other.quantity and other.quantity != row.quantity for other in others):
            found[key] = (*others, named)
    return found


@kept_with_knowledge
def _units(knowledge: Knowledge) -> Mapping[str, Mapping[str, str]]:
    """Return node -> folded spelling -> unit, without those that become alike once folded for a header."""
    found: dict[str, dict[str, set[str]]] = {}
    for unit in knowledge.units:
        for spelling in (unit.unit, *unit.spellings):
            found.setdefault(unit.node, {}).setdefault(_fold_unit(spelling), set()).add(unit.unit)
    return {
        node: {spelling: next(iter(units)) for spelling, units in spellings.items() if len(units) == 1 and spelling}
        for node, spellings in found.items()
    }
