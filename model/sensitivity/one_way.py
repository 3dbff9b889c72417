"""One-way sensitivity: what each single number does to the answer, over its own interval.

A number that enters one table moves P(evidence) and P(cause, evidence) along straight lines, and so every posterior
along an exact hyperbola, (a x + b) / (c x + d) (Castillo, Gutierrez and Hadi 1997; van der Gaag and Renooij 2001). A
number that reaches several tables through the calibration (shares, splits, base rates, hazards, M, b) is evaluated on a
grid and refined. Derivatives of all of them come from one pass with a complex step (Squire and Trapp 1998). Hazards are
identified only as ratios within a cause: the calibration returns the elicited share whatever they are, so a hazard's
bar shows how evidence on contexts is shared out.

By hand: while x goes from 0 to 1, P(first cause, evidence) is 0.2 x and P(second cause, evidence) stays 0.1. The second
leads at 0.2, and the first takes the lead at one half; the number may rise by 0.3 before that.

>>> lines = Lines(np.array([0.0, 1.0]), acting=np.array([[0, 1], [2 / 3, 1 / 3]]), total=np.array([0.1, 0.3]))
>>> lines.straight, lines.flip(leader=1, value=0.2, reach=(0.0, 1.0))
(True, (0.5, 0))
>>> [round(float(room), 3) for room in lines.admissible(leader=1, value=0.2, reach=(0.0, 1.0))]
[inf, 0.3]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import inf, nan

import numpy as np
from numpy.typing import NDArray

from model.calibrated_model import CalibratedModel
from model.inference.draw_engine import DrawEngine
from model.inference.leader import leading
from model.late import pd
from model.network import Array
from model.network.assembly import condition_of
from model.posterior import Posterior
from model.sensitivity.parameter_space import ParameterSpace, apart
from model.wording import number_text

GRID = 5  # points over the interval of a number that reaches several tables
LINE = 3  # of one that enters one table: two make the line, the third proves it straight
FINER = 33  # between two points of the grid, when the leader changes there; then straight to the crossing
STEP = 1e-30  # imaginary; nothing is subtracted, so it can be as small as a double allows
TABLE_KINDS = ("link", "leak")
COLUMNS = (
    "id", "kind", "value", "low", "high", "at_low", "at_high", "swing", "derivative", "vertex", "exact", "flip",
    "rival", "inside", "move", "below", "above", "distance",
)  # fmt: skip


@dataclass(frozen=True)
class Probes:
    """Parameter points that do not depend on the patient, compiled once per model.

    names      : every number that can matter; values, lows, highs : as stated, shape (n,)
    points     : of each number, stated values from low to high; LINE of a link or leak, GRID of any other
    lines, grids : answers at all points of the links and leaks, and of the other numbers, those of the first number
        first; apart, because links leave the causes as they are and the others leave the findings
    starts     : (n,), where each number's points begin among them
    derivative : answers at the plug-in point with an imaginary step in each number, n points
    """

    space: ParameterSpace
    names: tuple[str, ...]
    values: Array
    lows: Array
    highs: Array
    points: tuple[Array, ...]
    starts: NDArray[np.intp]
    lines: DrawEngine
    grids: DrawEngine
    derivative: DrawEngine

    def bearing(self, entered: Iterable[str]) -> list[int]:
        """Return the places of the numbers that can move an answer: not the links and leaks of findings left open.

        entered : the nodes that were answered
        """
        known = {*entered, *condition_of(self.space.index)}
        records = {record.id: record for record in self.space.index.records}
        return [
            i for i, name in enumerate(self.names)
            if records[name].kind not in TABLE_KINDS or records[name].node in known
        ]  # fmt: skip

    def curves(self, answer: Posterior) -> dict[int, tuple[Array, Array, Array]]:
        """Return what the bearing numbers do to an answer: place of the number -> points, acting, total.

        points : (p,), stated values;  acting : (p, causes), P(cause acting | evidence);  total : (p,), P(evidence)
        """
        hard, soft = answer.evidence.hard, answer.evidence.soft
        places = self.bearing((*hard, *soft))
        curves = {}
        for engine, count in ((self.lines, LINE), (self.grids, GRID)):
            mine = [i for i in places if len(self.points[i]) == count]
            if not mine:
                continue
            found = engine.solve(hard, soft, np.concatenate([self.starts[i] + np.arange(count) for i in mine]))
            acting, total = found.acting.reshape(len(mine), count, -1), found.total.reshape(len(mine), count)
            curves |= {i: (self.points[i], acting[k], total[k]) for k, i in enumerate(mine)}
        return curves

    def flips(
        self, curves: Mapping[int, tuple[Array, Array, Array]], cause: int, answer: Posterior
    ) -> dict[int, tuple[float, int]]:
        """Return where a cause takes or loses the lead, nearest to the stated value: place -> (number, other leader).

        curves : some of those of ``curves``. Only what turns inside its interval is there; all are refined in one pass.
        """
        crossings = {}
        for place, (points, acting, _) in curves.items():
            first = leading(acting)
            changes = np.flatnonzero((first[:-1] == cause) != (first[1:] == cause))
            if len(changes):
                k = int(changes[np.abs(points[changes] - float(self.values[place])).argmin()])
                crossings[place] = points[k], points[k + 1], int(first[k + 1] if first[k] == cause else first[k])
        if not crossings:
            return {}
        finer = np.array([np.linspace(low, high, FINER) for low, high, _ in crossings.values()])
        moved = [self.names[place] for place in crossings for _ in range(FINER)]
        engine = DrawEngine(answer.engine, self.space.at_moves(moved, finer.ravel()).network)
        refined = engine.solve(answer.evidence.hard, answer.evidence.soft).acting.reshape(*finer.shape, -1)
        found = {}
        for points, acting, (place, (_, _, rival)) in zip(finer, refined, crossings.items(), strict=True):
            gap = acting[:, cause] - acting[:, rival]
            cross = np.flatnonzero(np.sign(gap[:-1]) != np.sign(gap[1:]))
            k = int(cross[0]) if len(cross) else FINER // 2
            step = gap[k] / (gap[k] - gap[k + 1]) if len(cross) else 0.0
            found[place] = float(points[k] + (points[k + 1] - points[k]) * step), rival
        return found


@lru_cache(maxsize=5)  # as many as there are settings; some hundred MB each
def probes(model: CalibratedModel) -> Probes:
    """Compile the points of one model; about a second, then kept."""
    space = ParameterSpace(model)
    records = [record for record in space.index.records if record.kind != "mechanism" and _varies(space, record.id)]
    names = tuple(record.id for record in records)
    values = np.array([space.stated(name) for name in names])
    lows, highs = np.array([space.interval(name) for name in names]).T
    counts = np.array([LINE if record.kind in TABLE_KINDS else GRID for record in records])
    ends = zip(lows, highs, counts.tolist(), strict=True)
    points = tuple(np.linspace(low, high, count) for low, high, count in ends)
    engines: dict[int, DrawEngine] = {}
    starts = np.zeros(len(names), np.intp)
    for count in (LINE, GRID):
        mine = np.flatnonzero(counts == count).tolist()
        starts[mine] = count * np.arange(len(mine))
        moved = [names[i] for i in mine for _ in range(count)]
        batch = space.at_moves(moved, np.concatenate([points[i] for i in mine]))
        engines[count] = DrawEngine(model.engine, batch.network)
    derivative = DrawEngine(model.engine, space.at_moves(names, values + 1j * STEP).network)
    return Probes(space, names, values, lows, highs, points, starts, engines[LINE], engines[GRID], derivative)


def _varies(space: ParameterSpace, name: str) -> bool:
    low, high = space.interval(name)
    return high > low


@dataclass(frozen=True, slots=True)
class Flip:
    """The single number that, inside its own interval and moved least, changes the leading cause.

    number, value, low, high : the record id and what is stated (mean, 5 %, 95 %)
    flip, rival : where the lead changes, as stated, and the cause that then leads
    others      : how many other numbers can change it too
    """

    number: str
    value: float
    low: float
    high: float
    flip: float
    rival: str
    others: int


def flip_sentence(flip: Flip | None, leader: str, labels: Mapping[str, str] | None = None) -> str:
    """Return the certificate: whether any single number, inside its own interval, changes the leading cause.

    labels : id of a cause or number -> what to call it; by default its id

    >>> flip_sentence(Flip("leak.fever", 0.1, 0.05, 0.2, 0.15, "viral", 0), "drug", {"drug": "a drug"})
    'leak.fever at 0.15 (stated 0.1, interval 0.05 to 0.2) would make viral lead instead of a drug.'
    """
    named = labels or {}
    first = named.get(leader, leader)
    if flip is None:
        return f"No single number inside its 90 % interval changes the leading cause ({first})."
    value, low, high, at = (number_text(number) for number in (flip.value, flip.low, flip.high, flip.flip))
    more = f", and {flip.others} other number{'s' * (flip.others > 1)} can too" if flip.others else ""
    return (
        f"{named.get(flip.number, flip.number)} at {at} (stated {value}, interval {low} to {high}) would make "
        f"{named.get(flip.rival, flip.rival)} lead instead of {first}{more}."
    )


@dataclass(frozen=True)
class OneWay:
    """What each single number does to P(cause acting | evidence).

    frame : one row per number that matters, widest swing first. Columns:
        id, kind, value, low, high : the number as stated, with its interval
        at_low, at_high            : the posterior at the ends of the number's own interval
        swing                      : the widest difference of the posterior inside it
        derivative                 : of the posterior, per unit of the number; absolute, the sensitivity value
        exact                      : whether the posterior is a hyperbola in the number, else evaluated on a grid
        vertex                     : where the hyperbola's slope is one (exact rows)
        flip, rival, inside, move  : nearest value at which the leading cause changes (a grid looks inside the interval
                                     only), the new leader, whether the flip lies inside, its distance in log-odds
        below, above               : admissible deviation, how far the number may fall or rise before the leader
                                     changes; infinite where it cannot (exact rows)
        distance                   : Chan-Darwiche distance between the ends of the interval: no query about anything
                                     moves by more log-odds (exact rows; Chan and Darwiche 2002)
    cause, posterior, leader : what was asked, its plug-in posterior, and which cause leads
    """

    frame: pd.DataFrame
    cause: str
    posterior: float
    leader: str

    @cached_property
    def nearest_flip(self) -> Flip | None:
        """The number that changes the leading cause with the smallest move in log-odds; None where none can."""
        flips = sorted((row for row in self.frame.to_dict("records") if row["inside"]), key=lambda row: row["move"])
        if not flips:
            return None
        row = flips[0]
        return Flip(row["id"], row["value"], row["low"], row["high"], row["flip"], row["rival"], len(flips) - 1)

    @property
    def certificate(self) -> str:
        """The same in one sentence, with ids."""
        return flip_sentence(self.nearest_flip, self.leader)


def one_way(model: CalibratedModel, answer: Posterior, cause: str) -> OneWay:
    """Return the effect of every number on one cause, over that number's own interval.

    answer : a posterior of `model`;  cause : a cause id
    raises : EvidenceError for an unknown cause.
    Cost: one pass at the probe points of what bears on these entries; the first call for a model compiles all of them.
    """
    model.network.cause(cause)
    causes = [node.id for node in model.network.causes]
    probe = probes(model)
    asked = causes.index(cause)
    curves = probe.curves(answer)
    lines = {i: Lines(*curve) for i, curve in curves.items() if len(curve[0]) == LINE}
    winding = [i for i in curves if i not in lines or not lines[i].straight]
    stepped = probe.derivative.solve(answer.evidence.hard, answer.evidence.soft, np.array(winding, np.intp))
    slopes = dict(zip(winding, stepped.acting.imag[:, asked] / STEP, strict=True))
    now = np.array(list(answer.acting.values()))
    leader = leading(now)
    flips = probe.flips({i: curves[i] for i in winding}, leader, answer)
    rows = []
    for i, (_, acting, _) in curves.items():
        name, curve = probe.names[i], acting[:, asked]
        swing = curve.max() - curve.min()
        if swing < 1e-12:
            continue
        record = model.knowledge.record(name)
        value, exact = float(probe.values[i]), i not in slopes
        if exact:
            reach = probe.space.reach(name)
            flip, rival = lines[i].flip(leader, value, reach)
            below, above = lines[i].admissible(leader, value, reach)
        else:
            flip, rival = flips.get(i, (nan, -1))
            below, above = nan, nan
        inside = bool(probe.lows[i] <= flip <= probe.highs[i])
        rows.append(
            {
                "id": name,
                "kind": record.kind,
                "value": value,
                "low": probe.lows[i],
                "high": probe.highs[i],
                "at_low": curve[0],
                "at_high": curve[-1],
                "swing": swing,
                "derivative": lines[i].derivative(asked, value) if exact else slopes[i],
                "vertex": lines[i].vertex(asked) if exact else nan,
                "exact": exact,
                "flip": flip,
                "rival": causes[rival] if rival >= 0 else "",
                "inside": inside,
                "below": below,
                "above": above,
                "move": apart(flip, value, record.kind),
                "distance": apart(probe.lows[i], probe.highs[i], record.kind) if exact else nan,
            }
        )
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"exact": bool, "inside": bool})  # also when empty
    frame = frame.sort_values("swing", ascending=False, ignore_index=True)
    return OneWay(frame, cause, float(now[asked]), causes[leader])


class Lines:
    """P(evidence) and P(cause acting, evidence) as straight lines in one number.

    points : (n,), values from low to high;  acting : (n, causes), the posteriors there;  total : (n,), P(evidence)
    straight : whether they are straight lines, to rounding
    """

    def __init__(self, points: Array, acting: Array, total: Array):
        joint = np.column_stack([total, acting * total[:, None]])  # P(e), then P(cause acting, e)
        self.slope = (joint[-1] - joint[0]) / (points[-1] - points[0])
        self.offset = joint[0] - self.slope * points[0]
        drawn = self.offset + self.slope * points[:, None]
        self.straight = bool(np.abs(drawn - joint).max() < 1e-9 * joint[:, 0].max())

    def flip(self, leader: int, value: float, reach: tuple[float, float]) -> tuple[float, int]:
        """Return the value inside `reach`, nearest to `value`, at which a cause ties with the leader, and that cause.

        (nan, -1) where there is none.
        """
        crossing = self._crossings(leader, reach)
        rival = int(np.abs(crossing - value).argmin())
        return (float(crossing[rival]), rival) if np.isfinite(crossing[rival]) else (nan, -1)

    def _crossings(self, leader: int, reach: tuple[float, float]) -> Array:
        """Return where each cause ties with the leader, infinite where it never does inside `reach`."""
        gap_slope = self.slope[1 + leader] - self.slope[1:]
        gap = self.offset[1 + leader] - self.offset[1:]
        with np.errstate(divide="ignore", invalid="ignore"):
            crossing = np.where(gap_slope != 0, -gap / gap_slope, inf)
        crossing[leader] = inf
        crossing[(crossing <= reach[0]) | (crossing >= reach[1])] = inf
        return crossing

    def admissible(self, leader: int, value: float, reach: tuple[float, float]) -> tuple[float, float]:
        """Return how far the number may fall and rise before the leader changes (van der Gaag and Renooij 2001)."""
        crossing = self._crossings(leader, reach)
        below, above = crossing[crossing < value], crossing[(crossing > value) & np.isfinite(crossing)]
        return (value - below.max() if len(below) else inf), (above.min() - value if len(above) else inf)

    def derivative(self, asked: int, value: float) -> float:
        """Return the slope of the posterior at a value of the number."""
        a, b, c, d = self.slope[1 + asked], self.offset[1 + asked], self.slope[0], self.offset[0]
        return float((a * d - b * c) / (c * value + d) ** 2)

    def vertex(self, asked: int) -> float:
        """Return where the hyperbola of the posterior has slope one in absolute value, on the branch over [0, 1]."""
        a, b, c, d = self.slope[1 + asked], self.offset[1 + asked], self.slope[0], self.offset[0]
        if c == 0:
            return nan
        s, r = -d / c, (b * c - a * d) / c**2
        return s + abs(r) ** 0.5 if s < 0 else s - abs(r) ** 0.5
