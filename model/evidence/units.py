"""Numbers with units: what a reader may type for a laboratory value, and what it says about the states of its node.

Platelets are low below 150, and the limit is 12 wide: at 138, one width below, P(low) = 1 / (1 + exp(-1)) = 0.73.

>>> from model.knowledge import load_knowledge
>>> measured = parse_quantity(load_knowledge(), "thrombocytopenia", "138,000 /mm3")
>>> measured.canonical, measured.canonical_unit
(138.0, '10^9/L')
>>> lab_likelihood(load_knowledge(), measured).sentence
'Platelets 138000 /mm3: present 0.73, absent 0.27 (limit 150000)'
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from model.errors import EvidenceError, KnowledgeError, as_number, listed, shown
from model.evidence.numerals import certain, fold_unit, readings, split_quantity
from model.knowledge import Knowledge, Node, kept_with_knowledge
from model.knowledge.rows import Lab, Unit

_WHOLE = re.compile(r"[0-9]{3,}\.0{1,2}")  # 300.0, as a spreadsheet writes a count; 1.0 and 1.000 may be thousands
HARD_BEYOND = 3.0  # widths from a limit: further away, a number counts as the state itself

_IN_A = {"female": " in a woman", "male": " in a man"}


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number as typed (`value`, `unit`) and in the unit of its limits (`canonical`, `canonical_unit`).

    bound : ``""``, or ``<``, ``<=``, ``>``, ``>=`` for a result that is only bounded; `canonical` is then the possible
            value nearest to the bound, which says the least that the result can say.
    """

    node: str
    value: float
    unit: str
    canonical: float
    canonical_unit: str
    bound: str = ""

    def __str__(self) -> str:
        return f"{self.bound}{' ' * bool(self.bound)}{lab_number(self.value)} {self.unit}"


@dataclass(frozen=True, slots=True)
class LabReading:
    """What a measurement says about the states of its node.

    state      : index of the state when the number decides it, else None
    likelihood : P(number | state) up to a factor, in the order of the node's states, largest 1
    sentence   : the conversion, for display
    """

    state: int | None
    likelihood: tuple[float, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class _Scale:
    """What the tables say about the numbers of one node; `limits` by sex (empty for both), in ascending order."""

    node: Node
    quantity: str
    canonical_unit: str
    bare: Unit | None
    units: tuple[Unit, ...]
    spellings: Mapping[str, Unit]
    low: float
    high: float
    limits: Mapping[str, tuple[Lab, ...]]
    scope_bounds: tuple[float, ...]  # where the verdict of the scope guard changes
    allowed: str


def parse_quantity(knowledge: Knowledge, node_id: str, value: str | int | float) -> Measurement:
    """Read a number with its unit, such as ``"150 pg/mL"``, ``"2,8 ng/mL"``, ``"1,200 /mm3"`` or ``"< 50 pg/mL"``.

    value  : text with a decimal point or a decimal comma, or a bare number where the node has one unit only. A mark
             before exactly three digits may part thousands instead: a comma does in a count per volume, and where the
             decimal is implausible; a point is never taken to.
    raises : EvidenceError when the unit is missing or unknown, or when the number is negative, implausible, a bound
             that leaves the state open and is not beyond the last limit, or can be read in two ways: ``1,200`` where
             1.2 is plausible, ``1.200`` where 1200 is plausible too.
    """
    scale = _scales(knowledge).get(node_id)
    if scale is None:
        raise EvidenceError(f"{node_id}: expected a state, got {shown(value)}; this node takes no number.")
    bound, digits, unit_text = _split(scale, value)
    unit = _unit(scale, unit_text, value)
    digits = _decimal(scale, digits, unit, value)
    number = float(digits)
    _check_plausible(scale, number, unit, digits, value)
    canonical = number * unit.factor
    if bound in ("<", ">"):
        canonical = math.nextafter(canonical, -math.inf if bound == "<" else math.inf)
    if bound and not (_decides(scale, canonical, bound[0] == "<") or _beyond(scale, canonical, bound[0] == "<")):
        one = "state" if scale.limits else "rule of the scope guard"
        raise EvidenceError(f"{node_id}: expected a bound that leaves one {one}, got {shown(value)}; give the number.")
    return Measurement(node_id, number, unit.unit, canonical, scale.canonical_unit, bound)


def lab_likelihood(knowledge: Knowledge, measurement: Measurement, sex: str | None = None) -> LabReading:
    """Return what a measurement says about its node: a state, or a likelihood near a limit.

    sex     : ``female`` or ``male``; needed where the limit depends on it
    returns : within three widths h of a limit, P(below the limit) = 1/(1+exp((x-limit)/h)), beyond them 0 or 1; with
              two limits the differences of the two curves. A limit without width belongs to the state its row names. A
              result that is only bounded counts as the number at its bound.
    raises  : EvidenceError when the limit depends on the sex and `sex` is not given.
    """
    node_id, scale = measurement.node, _scales(knowledge).get(measurement.node)
    if scale is None or not scale.limits:
        raise EvidenceError(f"{node_id}: expected a node with limits, got {measurement}; no state follows from it.")
    states, key = scale.node.states, "" if "" in scale.limits else sex
    if key is None or key not in scale.limits:
        known = "which is not given" if sex is None else f"got {sex!r}"
        raise EvidenceError(
            f"{node_id}: the limit of {scale.quantity.lower()} depends on the sex, {known}; give sex as "
            f"{listed(sorted(scale.limits))}, or {node_id} as {listed(states)}."
        )
    rows = scale.limits[key]
    factor = next(unit.factor for unit in scale.units if unit.unit == measurement.unit)
    start = f"{scale.quantity} {measurement}{_IN_A.get(key, '')}:"
    end = f"(limit{'s' * (len(rows) > 1)} {' and '.join(lab_number(_limit(row) / factor) for row in rows)})"
    order, interval = _order(scale.node, rows), _interval(rows, measurement.canonical)
    if interval is not None:
        one_hot = tuple(float(index == order[interval]) for index in range(len(states)))
        return LabReading(order[interval], one_hot, f"{start} {states[order[interval]]} {end}")
    above = [1.0, *(_share_above(row, measurement.canonical) for row in rows), 0.0]
    weights = [0.0] * len(states)
    for interval, state in enumerate(order):
        weights[state] = max(above[interval] - above[interval + 1], 0.0)
    total, largest = sum(weights), max(weights)
    shares = sorted(((weight / total, state) for weight, state in zip(weights, states, strict=True)), reverse=True)
    said = ", ".join(f"{state} {share:.2f}" for share, state in shares if share >= 0.005)
    end += ", counted as the number at its bound, which is the least it can say" if measurement.bound else ""
    return LabReading(None, tuple(weight / largest for weight in weights), f"{start} {said} {end}")


def units_of(knowledge: Knowledge, node_id: str) -> tuple[str, ...]:
    """Return the units a number for this node may be given in; empty when it takes no number."""
    return tuple(unit.unit for unit in scale.units) if (scale := _scales(knowledge).get(node_id)) else ()


def bare_unit(knowledge: Knowledge, node_id: str) -> str:
    """Return the unit in which a number of this node is read when it stands without one; empty where it needs one."""
    scale = _scales(knowledge).get(node_id)
    return scale.bare.unit if scale and scale.bare else ""


def lab_number(number: float) -> str:
    """Return a number for a sentence: four significant digits, larger ones in full."""
    return f"{number:.4g}" if abs(number) < 1e4 else f"{number:.0f}"


def unit_named(knowledge: Knowledge, node_id: str, text: str) -> str:
    """Return a unit of this node, spelled as in ``units.csv``; empty for one that is unknown."""
    scale = _scales(knowledge).get(node_id)
    unit = scale.spellings.get(fold_unit(text)) if scale else None
    return unit.unit if unit else ""


def _split(scale: _Scale, value: object) -> tuple[str, str, str]:
    """Return bound, digits and unit as typed; the unit of a bare number is empty."""
    where = scale.node.id
    if (number := as_number(value)) is not None:
        if not math.isfinite(number):
            raise EvidenceError(f"{where}: expected a finite number, got {number}; leave the key out if not assessed.")
        return "", repr(number), ""
    if not isinstance(value, str) or (parts := split_quantity(value)) is None:
        raise EvidenceError(f"{where}: expected a number with its unit, got {shown(value)}; {scale.allowed}.")
    return parts


def _unit(scale: _Scale, text: str, value: object) -> Unit:
    if not text and scale.bare is not None:
        return scale.bare
    if (unit := scale.spellings.get(fold_unit(text))) is None:
        wrong = f"the unit {shown(text)} is unknown" if text else "a number needs its unit"
        raise EvidenceError(f"{scale.node.id}: {wrong}, got {shown(value)}; {scale.allowed}.")
    return unit


def _decimal(scale: _Scale, digits: str, unit: Unit, value: object) -> str:
    """Return the digits with a decimal point and no other mark; refuse what can be read in two ways."""
    if as_number(value) is not None:
        return digits
    sign = digits[0] if digits[0] in "+-" else ""
    read = readings(digits.removeprefix(sign))
    if not read:
        raise EvidenceError(
            f"{scale.node.id}: expected digits with one decimal mark, a point or a comma, got {shown(value)}."
        )
    comma, decimal, thousands = "," in digits, f"{sign}{read[0]}", f"{sign}{read[-1]}"
    if len(read) == 1 or (not comma and (_is_count(unit) or not _plausible(scale, float(thousands), unit))):
        return decimal
    if comma and (_is_count(unit) or not _plausible(scale, float(decimal), unit)):
        return thousands
    raise EvidenceError(
        f"{scale.node.id}: the {'comma' if comma else 'point'} in {shown(value)} can be read in two ways; write "
        f"'{certain(decimal)}' or '{thousands}'."
    )


def _is_count(unit: Unit) -> bool:
    """Say whether the unit counts things in a volume, as ``/mm3`` does: such a number is a whole one."""
    return unit.unit.startswith("/")


def _plausible(scale: _Scale, number: float, unit: Unit) -> bool:
    return scale.low <= number * unit.factor <= scale.high


def _check_plausible(scale: _Scale, number: float, unit: Unit, digits: str, value: object) -> None:
    """Refuse a number no patient has, and a broken count that another unit would explain (1.2 /mm3)."""
    others = [other.unit for other in scale.units if other is not unit and _plausible(scale, number, other)]
    broken = "." in digits and not _WHOLE.fullmatch(digits) and _is_count(unit) and others
    if broken or not _plausible(scale, number, unit):
        low, high = lab_number(scale.low / unit.factor), lab_number(scale.high / unit.factor)
        expected = f"a whole number of {unit.unit}" if broken else f"{low} to {high} {unit.unit}"
        hint = f"; {lab_number(number)} {' or '.join(others)} would be plausible, so check the unit" if others else ""
        raise EvidenceError(f"{scale.node.id}: expected {expected}, got {shown(value)}{hint}.")


def _decides(scale: _Scale, canonical: float, below: bool) -> bool:
    """Say whether everything beyond the bound is one state, or one rule of the scope guard."""
    states = all(_interval(rows, canonical) == (0 if below else len(rows)) for rows in scale.limits.values())
    return canonical >= 0 and states and all((canonical < bound) == below for bound in scale.scope_bounds)


def _beyond(scale: _Scale, canonical: float, below: bool) -> bool:
    """Say whether a bound lies beyond the last limit on its side: every value it leaves says at least as much as it."""
    if not scale.limits or canonical < 0:
        return False
    firsts = [min(_limit(row) for row in rows) for rows in scale.limits.values()]
    lasts = [max(_limit(row) for row in rows) for rows in scale.limits.values()]
    return canonical <= min(firsts) if below else canonical >= max(lasts)


def _interval(rows: tuple[Lab, ...], canonical: float) -> int | None:
    """Return how many limits lie below the number, or None when it is within three widths of one of them."""
    passed = 0
    for row in rows:
        limit = _limit(row)
        if row.width and abs(canonical - limit) <= HARD_BEYOND * row.width:
            return None
        passed += canonical > limit or (canonical == limit and row.side == "above")
    return passed


def _share_above(row: Lab, canonical: float) -> float:
    distance = (canonical - _limit(row)) / (row.width or 1.0)
    return 1 / (1 + math.exp(-distance)) if abs(distance) <= HARD_BEYOND else float(distance > 0)


def _limit(row: Lab) -> float:
    assert row.limit is not None  # rows without one give only the plausible range and are left out of the limits
    return row.limit


def _order(node: Node, rows: tuple[Lab, ...]) -> tuple[int, ...]:
    """Return the index of the state of each interval; the interval no row names gets the state no row names."""
    named: dict[int, str] = {}
    for index, row in enumerate(rows):
        named.setdefault(index + (row.side == "above"), row.state)
    left = [state for state in node.states if state not in named.values()]
    alike = len({bool(row.width) for row in rows}) == 1
    if not alike or len(node.states) != len(rows) + 1 or len(named) != len(rows) or len(left) != 1:
        raise KnowledgeError(f"labs.csv: the limits of {node.id!r} do not give each of {listed(node.states)} one side.")
    return tuple(node.states.index(named.get(index, left[0])) for index in range(len(node.states)))


@kept_with_knowledge
def _scales(knowledge: Knowledge) -> Mapping[str, _Scale]:
    """Return the scale of every numeric node."""
    return {node: _scale(knowledge, node) for node in dict.fromkeys(unit.node for unit in knowledge.units)}


def _scale(knowledge: Knowledge, node_id: str) -> _Scale:
    if node_id not in knowledge.nodes:
        raise KnowledgeError(f"units.csv: node {node_id!r} is not in nodes.csv.")
    node, labs = knowledge.nodes[node_id], [lab for lab in knowledge.labs if lab.node == node_id]
    units = tuple(unit for unit in knowledge.units if unit.node == node_id)
    ranges = {(lab.unit, lab.plausible_low, lab.plausible_high) for lab in labs}
    if len(ranges) != 1:
        raise KnowledgeError(f"labs.csv: expected one unit and one plausible range for {node_id!r}, got {ranges}.")
    canonical_unit, low, high = ranges.pop()
    spellings: dict[str, Unit] = {}
    for unit in units:
        for spelling in (unit.unit, *unit.spellings):
            if spellings.setdefault(fold_unit(spelling), unit) is not unit:
                raise KnowledgeError(f"units.csv: the spelling {spelling!r} of {node_id!r} stands for two units.")
    bare = node.unit[0] if len(node.unit) == 1 else canonical_unit if not node.unit else None
    for name in (canonical_unit, *node.unit):
        if fold_unit(name) not in spellings:
            raise KnowledgeError(f"units.csv: the unit {name!r} of {node_id!r} has no row.")
    limits: dict[str, tuple[Lab, ...]] = {}
    for lab in sorted((lab for lab in labs if lab.limit is not None), key=_limit):
        limits[lab.sex] = (*limits.get(lab.sex, ()), lab)
    for rows in limits.values():
        _order(node, rows)
    bounds = {bound for rule in knowledge.scope if rule.node == node_id for bound in (rule.low, rule.high)}
    inner = tuple(bound for bound in bounds if bound is not None and low < bound < high)
    only = spellings[fold_unit(bare)] if bare else None
    allowed = f"allowed is {listed(unit.unit for unit in units)}"
    return _Scale(node, labs[0].quantity, canonical_unit, only, units, spellings, low, high, limits, inner, allowed)
