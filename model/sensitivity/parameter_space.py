"""Every uncertain number of one setting as a coordinate of the unit cube, and the network at many points of it.

A parameter draw is a point of the cube: each coordinate goes through the inverse distribution function of its number.
Numbers that include background are drawn as net effects, for the conversion happens once, at the plug-in point.

How far apart two values of a number lie is measured in log-odds: 1 to 1 and 3 to 1 are ln 3 apart.

>>> kinds = {"link": (0.5, 0.75), "cooccurrence": (1.1, 1.2), "relative_hazard": (0.5, 2.0)}
>>> [round(apart(*values, kind), 3) for kind, values in kinds.items()]
[1.099, 0.693, 1.386]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.calibrated_model import CalibratedModel
from model.elicitation import Quantity, plug_in, stated
from model.elicitation.elicit import draw, elicit_all, sample, uniform_block
from model.elicitation.ordered_simplex import ordered_simplex_dimension, sample_ordered_simplex
from model.elicitation.quantity import TAILS, fit_betas
from model.errors import CalibrationError, KnowledgeError, listed, nearest
from model.knowledge.load import RATIO_KINDS
from model.log_odds import EDGE, log_odds
from model.network import Array, Network, RecordIndex
from model.network.assembly import Parts, build_network, parts
from model.network.calibration import Calibration, calibrate_complex, calibrate_draws
from model.network.record_index import Included, included, net_numbers

MAX_ATTEMPTS = 5
NO_EFFECT = 1e-9  # a net effect below is rounding


def apart(one: float, other: float, kind: str) -> float:
    """Return the distance of two values of a number on the log-odds scale; of M, the mean number of causes, on that of
    ln(M - 1), and of ratios on that of the logarithm. NaN when one of them is.
    """
    if kind in RATIO_KINDS:
        return float(abs(np.diff(np.log(np.maximum((one, other), EDGE)))[0]))
    if kind == "cooccurrence":
        return float(abs(np.diff(np.log(np.maximum((one - 1, other - 1), EDGE)))[0]))
    return abs(log_odds(one) - log_odds(other))


@dataclass(frozen=True)
class ParameterBatch:
    """The network at D parameter points: every table has a leading axis of D.

    numbers     : record id -> what enters the tables, shape (D,)
    shares      : cause -> share among the ordered causes, shape (D,)
    calibration : its `solved` says where priors exist that return the elicited shares
    """

    numbers: Mapping[str, Array]
    shares: Mapping[str, Array]
    network: Network
    calibration: Calibration


class ParameterSpace:
    """The unit cube of one model.

    coordinates : names of the axes; a record id, or ``share_order#k`` for the k-th axis of an order
    """

    def __init__(self, model: CalibratedModel):
        self.model = model
        self.index = RecordIndex(model.knowledge, model.setting)
        self.words = model.knowledge.scales[model.scale]
        self.records = [record for record in self.index.records if record.reading != "order"]
        self.ranks = {r.node: r.word for r in self.index.of("share_order") if r.reading == "order"}
        dimension = ordered_simplex_dimension(self.ranks) if self.ranks else 0
        order = tuple(f"share_order#{axis}" for axis in range(dimension))
        self.coordinates = (*(record.id for record in self.records), *order)

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """The distribution of each number as it enters the tables: net where the stated number includes background."""
        plain = [record for record in self.records if record.id not in self.included]
        found = dict(zip((record.id for record in plain), elicit_all(plain, self.words), strict=True))
        triples = []
        for number, each in self.included.items():
            as_stated = stated(self.model.knowledge.record(number), self.words)
            value, low, high = (float(np.clip(each.net(x), 0.0, 1.0)) for x in as_stated)
            # no effect on average is no effect at all: there is nothing below it to make up for one
            triples.append((value, low, high) if value > NO_EFFECT else (0.0, 0.0, 0.0))
        found.update(zip(self.included, fit_betas(list(self.included), triples), strict=True))
        return tuple(found[record.id] for record in self.records)

    def at(self, uniforms: Array) -> ParameterBatch:
        """Return the network at points of the cube.

        uniforms : shape (D, number of coordinates), in (0, 1)
        """
        split = len(self.quantities)
        return self.at_numbers(*self._read(draw(self.quantities, uniforms[:, :split]), uniforms[:, split:]))

    def drawn(self, draws: int, seed: int) -> tuple[ParameterBatch, int]:
        """Return the network at random points, and how many points had no solution and were drawn again.

        The same seed gives the same draws, number by number, whatever other numbers there are. The distribution is that
        of `at` on uniform points; it takes a tenth of the time.
        """
        numbers, shares = self._random(draws, seed)
        (pieces, solution), redrawn = self._calibrated(numbers, shares), 0
        for attempt in range(1, MAX_ATTEMPTS + 1):
            bad = np.flatnonzero(~solution.solved)
            if not len(bad):
                break
            redrawn += len(bad)
            others, other_shares = self._random(draws, seed + attempt * 2**32)
            for mine, theirs in ((numbers, others), (shares, other_shares)):
                for name in mine:
                    mine[name][bad] = theirs[name][bad]
            again = self._calibrated(*({key: row[bad] for key, row in rows.items()} for rows in (numbers, shares)))[1]
            for mine, theirs in zip((solution.kappa, solution.gamma, solution.residual),
                                    (again.kappa, again.gamma, again.residual), strict=True):  # fmt: skip
                mine[bad] = theirs
        if redrawn:
            pieces = parts(self.index, numbers, shares)
        network = build_network(self.index, numbers, pieces, solution)
        return ParameterBatch(numbers, shares, network, solution), redrawn

    def _random(self, draws: int, seed: int) -> tuple[dict[str, Array], dict[str, Array]]:
        order = self.coordinates[len(self.quantities) :]
        return self._read(sample(self.quantities, draws, seed), uniform_block(draws, order, seed))

    def _fixed(self) -> dict[str, float]:
        """Return the overridden numbers: what somebody sets is a point, no longer drawn from the published interval."""
        numbers, _ = self.net_plug_in
        return {name: numbers[name] for name in self.model.overridden}

    def _read(self, drawn: Array, order: Array) -> tuple[dict[str, Array], dict[str, Array]]:
        numbers = {record.id: drawn[:, column].copy() for column, record in enumerate(self.records)}
        numbers |= {name: np.full(len(drawn), value) for name, value in self._fixed().items()}
        return numbers, self._shares(numbers, order)

    def _shares(self, numbers: Mapping[str, Array], uniforms: Array) -> dict[str, Array]:
        if self.ranks:
            drawn = sample_ordered_simplex(self.ranks, uniforms)
            return {cause: drawn[:, column].copy() for column, cause in enumerate(self.ranks)}
        weights = {record.node: numbers[record.id] for record in self.index.of("share_order")}
        total = sum(weights.values())
        return {cause: weight / total for cause, weight in weights.items()}

    def at_numbers(self, numbers: Mapping[str, Array], shares: Mapping[str, Array]) -> ParameterBatch:
        """Return the network where each number (net) has these values, all of shape (D,), real or complex."""
        pieces, solution = self._calibrated(numbers, shares)
        network = build_network(self.index, numbers, pieces, solution)
        return ParameterBatch(numbers, shares, network, solution)

    def at_each(self, points: Mapping[str, tuple[Mapping[str, float], Mapping[str, float]]]) -> ParameterBatch:
        """Return the network at named points.

        points : what a point is called -> its numbers (net) and shares, all of both
        raises : CalibrationError, naming the points at which no priors reproduce the shares
        """
        numbers, shares = zip(*points.values(), strict=True)
        batch = self.at_numbers(*({name: np.array([each[name] for each in rows]) for name in rows[0]}
                                  for rows in (numbers, shares)))  # fmt: skip
        unsolved = [name for name, solved in zip(points, batch.calibration.solved, strict=True) if not solved]
        if unsolved:
            raise CalibrationError(f"Calibration: no priors reproduce the shares under {listed(unsolved)}.")
        return batch

    def _calibrated(self, numbers: Mapping[str, Array], shares: Mapping[str, Array]) -> tuple[Parts, Calibration]:
        pieces = parts(self.index, numbers, shares)
        solve = calibrate_complex if np.iscomplexobj(pieces.targets) else calibrate_draws
        return pieces, solve(pieces.adults, pieces.targets, pieces.some_acting, self.model.calibrated.solution)

    @cached_property
    def net_plug_in(self) -> tuple[dict[str, float], dict[str, float]]:
        """The plug-in point: record id -> net number, cause -> share, overridden numbers included."""
        changed = dict(self.model.overridden)
        values, shares = plug_in(self.model.knowledge, self.model.setting, self.model.scale, changed)
        return net_numbers(self.index, values, changed), dict(self.model.shares or shares)

    def net(self, number: str, value: Array | float) -> Array:
        """Return what enters the tables when `number` is stated as `value`, background included."""
        return np.asarray(self._includes(number).net(np.asarray(value)))

    @cached_property
    def included(self) -> dict[str, Included]:
        """Record id -> what the stated number includes besides its parent's own effect, for those that include it."""
        return included(self.index, {record.id: stated(record, self.words)[0] for record in self.records})

    def _includes(self, number: str) -> Included:
        return self.included.get(number, Included(0.0, 1.0))

    def least(self, number: str) -> float:
        """Return the value, as stated, below which a number cannot be: the background it includes."""
        return max(0.0, self._includes(number).offset)

    def at_moves(self, names: Sequence[str], values: NDArray[Any]) -> ParameterBatch:
        """Return the network at points that differ from the plug-in point in one coordinate each.

        names  : one a point, as for `at_points`;  values : shape (D,), real or complex
        """
        moves = {}
        for name in dict.fromkeys(names):
            column = np.full(len(values), self.stated(name), values.dtype)
            mine = np.array([other == name for other in names])
            column[mine] = values[mine]
            moves[name] = column
        return self.at_points(moves)

    def at_points(self, moves: Mapping[str, NDArray[Any]]) -> ParameterBatch:
        """Return the network where some numbers are moved and the others stay at the plug-in point.

        moves : record id -> stated values, shape (D,), real or complex. The id of a ``share_order`` row moves that
            share while the others keep their proportions.
        """
        first = next(iter(moves.values()))
        kind = np.result_type(*moves.values())
        numbers, shares = self.net_plug_in
        moved = {number: np.full(len(first), value, kind) for number, value in numbers.items()}
        drawn = {cause: np.full(len(first), share, kind) for cause, share in shares.items()}
        for name, values in moves.items():
            if name in self.shares_of:
                cause = self.shares_of[name]
                rest = (1 - values) / (1 - drawn[cause])
                drawn = {other: share * rest for other, share in drawn.items()} | {cause: values}
            else:
                moved[name] = self.net(name, values)
        return self.at_numbers(moved, drawn)

    @cached_property
    def shares_of(self) -> dict[str, str]:
        """Record id of a share -> its cause."""
        return {record.id: record.node for record in self.index.of("share_order")}

    def stated(self, name: str) -> float:
        """Return the plug-in value of a number as it is stated, background included; a share for a share row."""
        numbers, shares = self.net_plug_in
        if name in self.shares_of:
            return shares[self.shares_of[name]]
        if name not in numbers:
            raise KnowledgeError(
                f"Number {name!r} is not one of setting {self.model.setting!r}{nearest(name, numbers)}."
            )
        return float(self._includes(name).stated(numbers[name]))

    def reach(self, name: str) -> tuple[float, float]:
        """Return the values, as stated, between which a link or leak enters its table as it is, the others unmoved.

        Below lies the background it includes; and a state of an ordered finding is never likelier than the one before.
        """
        record, numbers = self.model.knowledge.record(name), self.net_plug_in[0]
        states = self.model.knowledge.nodes[record.node].states
        place = states.index(record.state)
        ends = []
        for beside, end in ((place + 1, 0.0), (place - 1, 1.0)):
            state = states[beside] if 0 < beside < len(states) else ""
            other = self.index.get(record.kind, record.node, state, record.parent, record.parent_state)
            ends.append(numbers[other] if state and other else end)
        low, high = (float(self._includes(name).stated(net)) for net in ends)
        return low, high

    def interval(self, name: str) -> tuple[float, float]:
        """Return the 5 % and 95 % points of a number as stated; of an ordered share, from its exact sampler.

        A number that includes background is never below it: there its interval ends, as its distribution does.
        """
        if name in self.shares_of and self.ranks:
            return self._share_intervals[self.shares_of[name]]
        self.stated(name)  # says so when there is no such number
        _, low, high = stated(self.model.knowledge.record(name), self.words)
        least = self.least(name)
        return max(low, least), max(high, least)

    @cached_property
    def _share_intervals(self) -> dict[str, tuple[float, float]]:
        order = self.coordinates[len(self.records) :]
        drawn = sample_ordered_simplex(self.ranks, uniform_block(20_000, order, 0))
        low, high = np.quantile(drawn, TAILS, axis=0)
        return {cause: (float(low[i]), float(high[i])) for i, cause in enumerate(self.ranks)}
