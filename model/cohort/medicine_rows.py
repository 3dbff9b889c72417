"""Medicines by name in a table: the rows that name some, read as ``read_evidence`` reads one patient.

A cell under ``medicines`` holds several, parted by ``;``. What they say lands in the columns of their nodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from model.errors import EvidenceError, ImpossibleEvidence
from model.evidence import Evidence, read_evidence
from model.evidence.medicine import MEDICINES
from model.evidence.medicine_rules import TIMING
from model.inference.batch import UNOBSERVED, Column
from model.inference.patterns import Codes, distinct
from model.knowledge import Knowledge

if TYPE_CHECKING:
    from model.cohort.patient_table import ReadTable


class MedicineRows:
    """What the named medicines of a table say.

    columns  : node -> coded column, the cells of its own column included
    implied  : every node they say something of, guards too; where a row cannot be read, every node they may be about
    contradictions : row -> sentence, where a medicine and another cell cannot both be true
    notices  : one sentence for each medicine that is not counted or leaves something open, without its duration
    """

    def __init__(self, knowledge: Knowledge, table: ReadTable):
        self.columns: dict[str, Column] = {}
        self.contradictions: dict[int, str] = {}
        self.notices: dict[str, None] = {}
        about = {medicine.node for medicine in knowledge.medicines} | {TIMING}
        asked = [node for node in table.read if node == MEDICINES or node in about]
        names, readable = _naming(table, asked)
        self.implied = about if (names & ~readable).any() else set()
        rows = np.flatnonzero(names & readable)
        keys = np.zeros(len(rows), np.intp)
        for node in asked:
            codes = table.read[node].codes[rows]
            size = int(codes.max(initial=0)) + 1
            keys = distinct(keys * size + codes, len(rows) * size)[1]
        order = np.argsort(keys, kind="stable")
        found: list[tuple[Codes, Evidence]] = []
        for alike in np.split(np.asarray(rows)[order], np.flatnonzero(np.diff(keys[order])) + 1) if len(rows) else ():
            read = [table.read[node] for node in asked]
            cells = {each.name: each.values[int(each.codes[alike[0]])] for each in read}
            try:
                evidence = read_evidence(knowledge, cells)
            except (EvidenceError, ImpossibleEvidence) as error:
                self.contradictions |= dict.fromkeys(alike.tolist(), str(error))
                self.implied = about
            else:
                found.append((alike, evidence))
                self._tell(evidence)
        for node in dict.fromkeys(node for _, evidence in found for node in evidence.given if node in about):
            self.implied = self.implied | {node}
            if knowledge.nodes[node].role != "guard":
                self.columns[node] = _column(table, node, len(knowledge.nodes[node].states), found)

    def _tell(self, evidence: Evidence) -> None:
        said = {f"{each.sentence}." for each in evidence.medicines}
        short = [f"{each.named.name.text}: {each.said}." for each in evidence.medicines if each.notice]
        overruled = [
            f"{TIMING}: what was entered counts where a medicine says otherwise."
            for notice in evidence.notices
            if notice not in said and notice.startswith(TIMING)
        ]
        self.notices |= dict.fromkeys((*short, *overruled))


def _naming(table: ReadTable, asked: list[str]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Say which rows name a medicine, and which have no unreadable cell among the columns asked."""
    names, readable = np.zeros(table.count, bool), np.ones(table.count, bool)
    for node in asked:
        names |= np.isin(table.read[node].codes, list(table.read[node].naming))
        readable &= table.level(node) >= UNOBSERVED
    return names, readable


def _column(table: ReadTable, node: str, states: int, found: list[tuple[Codes, Evidence]]) -> Column:
    """Return the column of a node: its own cells, and over them what the medicines of each row say."""
    own = table.read.get(node)
    levels = np.full(table.count, UNOBSERVED) if own is None else table.level(node).copy()
    soft = {} if own is None or own.soft is None else {tuple(row): place for place, row in enumerate(own.soft.tolist())}
    for rows, evidence in found:
        if node in evidence.soft:
            levels[rows] = states + soft.setdefault(evidence.soft[node], len(soft))
        else:
            levels[rows] = evidence.hard.get(node, UNOBSERVED)
    return Column(levels, np.array(list(soft)) if soft else None)
