"""A guard and the context that follows from its number, as the age band does from the age, read together.

Either column may hold a number or a band, so neither can be read without the cell of the other beside it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from model.cohort.column_cells import MOST_KEPT, UNREADABLE, Cells, Found, coded, level
from model.errors import EvidenceError
from model.evidence import read_evidence
from model.knowledge import Knowledge


class BandCells:
    """Reads the cells of `guard` and `band` by their distinct pairs."""

    def __init__(self, knowledge: Knowledge, guard: str, band: str):
        self.knowledge, self.nodes = knowledge, (guard, band)
        self.kept: dict[object, tuple[tuple[object, Found], ...]] = {}

    def read(self, columns: Mapping[str, Cells]) -> dict[str, Cells]:
        """Return the cells of both nodes where `columns` has one of them or both, else nothing."""
        sides = [columns.get(node) for node in self.nodes]
        if not any(sides):
            return {}
        codes = [np.zeros(1, np.intp) if side is None else side.codes for side in sides]
        width = 1 if sides[1] is None else len(sides[1].cells)
        pairs, rows = np.unique(codes[0] * width + codes[1], return_inverse=True)
        places = (pairs // width).tolist(), (pairs % width).tolist()
        both = [self._pair(sides, pair) for pair in zip(*places, strict=True)]
        found = {}
        for which, (node, side) in enumerate(zip(self.nodes, sides, strict=True)):
            cells = [None if side is None else side.cells[place] for place in places[which]]
            values, levels = [pair[which][0] for pair in both], [(pair[which][1],) for pair in both]
            notices = () if side is None else side.notices
            found[node] = Cells(
                rows.reshape(-1).astype(np.intp), cells, values, *coded(self.knowledge, node, levels), node,
                notices=notices,
            )  # fmt: skip
        return found

    def _pair(self, sides: list[Cells | None], places: tuple[int, ...]) -> tuple[tuple[object, Found], ...]:
        """Return for each of the two nodes what ``read_evidence`` takes for it, and what was found."""
        wrong: dict[str, str] = {}
        given: dict[str, object] = {}
        for node, side, place in zip(self.nodes, sides, places, strict=True):
            if side is None:
                continue
            if side.levels[place, 0] == UNREADABLE:
                wrong[node] = side.errors[place, 0]
            elif side.values[place] is not None:
                given[side.name] = side.values[place]
        if not all(isinstance(value, str) for value in given.values()):
            return self._as_read(given, wrong)
        key = tuple(given.items()), tuple(wrong.items())
        if key not in self.kept:
            if len(self.kept) >= MOST_KEPT:
                self.kept.clear()
            self.kept[key] = self._as_read(given, wrong)
        return self.kept[key]

    def _as_read(self, given: dict[str, object], wrong: dict[str, str]) -> tuple[tuple[object, Found], ...]:
        band = self.nodes[1]
        try:
            evidence = read_evidence(self.knowledge, given)
        except EvidenceError as error:  # they contradict each other: the number stands, as in ``read_each``
            wrong = {**wrong, band: str(error)}
            evidence = read_evidence(self.knowledge, dict([*given.items()][:1]))
        return tuple(
            (None, wrong[node]) if node in wrong else (evidence.given.get(node), level(self.knowledge, node, evidence))
            for node in self.nodes
        )
