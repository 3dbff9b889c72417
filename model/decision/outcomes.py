"""What unanswered tests could show, and what each result would make of the causes. Exact, but for what says *sampled*.

A test is any context or finding not yet entered: a question is a test too. A set of tests (a panel) is one test whose
result is the joint result of all. Given the causes, tests of different blocks are independent, and so is a finding
whose background hangs on no unanswered context: only tests of one block have to be enumerated together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from math import prod
from typing import Self

import numpy as np

from model.inference import NOTHING, Engine, Hard, Soft, Solution
from model.inference.batch import UNOBSERVED, BatchEngine, Column
from model.inference.leader import leading
from model.inference.patterns import Codes
from model.inference.sampling import draw
from model.network import Array
from model.posterior import Posterior

Tests = tuple[str, ...]


class Outcomes:
    """The results to be expected from every unanswered test of one patient.

    unanswered : contexts and findings not entered, in the network's order
    p          : (S,), P(causes | evidence) of the configurations that are possible;  acting : (S, causes), 0 or 1
    now        : (causes,), P(cause acting | evidence);  leader : index of the largest
    """

    def __init__(self, engine: Engine, hard: Hard, soft: Soft = NOTHING, solution: Solution | None = None):
        self.engine, self.hard, self.soft = engine, hard, soft
        solution = solution or engine.possible(hard, soft)
        self.total = solution.total
        self.possible = np.flatnonzero(solution.weights > 0)
        self.weights = solution.weights[self.possible]
        self.p = self.weights / self.total
        self.acting = engine.acting[self.possible]
        self.now = self.p @ self.acting
        self.leader = leading(self.now)
        nodes = (*engine.network.contexts, *engine.network.findings)
        self.unanswered = tuple(node.id for node in nodes if node.id not in hard and node.id not in soft)
        self._given: dict[Tests, Array] = {}

    @classmethod
    def of(cls, answer: Posterior) -> Self:
        """Return the results to be expected after an answer."""
        return cls(answer.engine, answer.evidence.hard, answer.evidence.soft, answer.solution)

    @cached_property
    def batch(self) -> BatchEngine:
        """The engine for many rows, made when it is first needed."""
        return BatchEngine(self.engine)

    def results(self, tests: Tests) -> int:
        """Return the number of joint results."""
        return prod(self.engine.network.cardinality[test] for test in tests)

    def indicator(self, cause: str) -> Array:
        """Return which configurations have the cause in each of its states, (S, states)."""
        states = self.engine.network.cardinality[cause]
        return np.eye(states)[self.engine.codes[self.possible, self.engine.causes.index(cause)]]

    def groups(self, tests: Iterable[str]) -> list[Tests]:
        """Return the tests in groups that are independent of each other given causes and evidence."""
        return self.engine.groups(tests, self.hard)

    def given(self, tests: Tests) -> Array:
        """Return P(joint result | causes, evidence), shape (results, S), the last test's state fastest.

        Cost: as ``Engine.conditional`` for each group; kept.
        """
        if tests not in self._given:
            groups = self.groups(tests)
            if len(groups) == 1:
                given = self.engine.conditional(tests, self.hard, self.soft)
                self._given[tests] = given[:, self.possible]
            else:
                self._given[tests] = self._combined(tests, groups)
        return self._given[tests]

    def _combined(self, tests: Tests, groups: list[Tests]) -> Array:
        """Multiply groups that are independent given the causes, and bring the results into the order of `tests`."""
        table = np.ones((1, len(self.p)))
        for group in groups:
            table = (table[:, None] * self.given(group)[None]).reshape(-1, len(self.p))
        return self._ordered(table, [test for group in groups for test in group], tests)

    def noise(self, tests: Tests) -> float:
        """Return H(joint result | causes, evidence) in bits: what the results hold that no cause explains.

        It adds up over groups; Cover and Thomas 2006, theorem 2.6.6.
        """
        tables = (self.given(group) for group in self.groups(tests))
        return -sum(float(xlog2x(table).sum(0) @ self.p) for table in tables)

    def score(self, sets: Sequence[tuple[Tests, Codes]]) -> list[tuple[Array, Array]]:
        """Return, for each set of tests with results as rows, (P(row, cause acting | e), P(row | e)), all in one batch.

        Rows that stand several times are worked out once.

        sets    : (tests or causes, (rows, tests) codes); a cause here overrides what was entered on it
        returns : per set (rows, causes) and (rows,)
        """
        distinct = [np.unique(codes, axis=0, return_inverse=True) for _, codes in sets]
        whole = [where.ravel() for _, where in distinct]
        sets = [(tests, codes) for (tests, _), (codes, _) in zip(sets, distinct, strict=True)]
        ends = np.cumsum([0, *(len(codes) for _, codes in sets)])
        count = int(ends[-1])
        columns = {node: Column(np.full(count, state)) for node, state in self.hard.items()}
        for node, likelihood in self.soft.items():
            columns[node] = Column(np.full(count, len(likelihood)), np.array([likelihood]))
        chosen: dict[str, Codes] = {}
        for (tests, codes), (start, stop) in zip(sets, pairwise(ends.tolist()), strict=True):
            for position, test in enumerate(tests):
                if test not in chosen:
                    before = columns[test].codes if test in columns else np.full(count, UNOBSERVED)
                    chosen[test] = before.copy()
                chosen[test][start:stop] = codes[:, position]
        for test, codes in chosen.items():
            columns[test] = Column(codes, columns[test].soft if test in columns else None)
        acting, total = self.batch.score(columns, count)
        probability = total / self.total
        joint = acting * probability[:, None]
        ranges = zip(pairwise(ends.tolist()), whole, strict=True)
        return [(joint[start:stop][where], probability[start:stop][where]) for (start, stop), where in ranges]

    def together(self, tests: Tests, columns: Array) -> Array:
        """Return E[column of the causes; joint result | e] for every joint result, the last test's state fastest.

        columns : (S, n), functions of the causes;  returns : (results, n)
        Given the causes, groups of tests are independent, so the sum over the causes is one matrix product between the
        results of half of the groups and those of the others.
        Cost: results * S * n multiplications, and what `given` costs for each group.
        """
        halves: list[tuple[list[str], Array]] = [([], np.ones((1, len(self.p)))), ([], np.ones((1, len(self.p))))]
        for group in sorted(self.groups(tests), key=self.results, reverse=True):
            smaller = int(len(halves[1][1]) < len(halves[0][1]))
            names, table = halves[smaller]
            whole = (table[:, None] * self.given(group)[None]).reshape(-1, len(self.p))
            halves[smaller] = ([*names, *group], whole)
        (first, left), (second, right) = halves
        found = np.stack([(left * (self.p * column)) @ right.T for column in columns.T], axis=-1)
        return self._ordered(found.reshape(-1, columns.shape[1]), [*first, *second], tests)

    def _ordered(self, table: Array, order: list[str], tests: Tests) -> Array:
        """Bring the joint results, on the first axis, into the order of `tests`."""
        cards = [self.engine.network.cardinality[test] for test in order]
        axes = [order.index(test) for test in tests]
        return table.reshape(*cards, -1).transpose(*axes, len(cards)).reshape(len(table), -1)

    def every_result(self, tests: Tests) -> tuple[Array, Array]:
        """Return (P(joint result, cause acting | e), P(joint result | e)) of all joint results."""
        found = self.together(tests, np.column_stack([self.acting, np.ones(len(self.p))]))
        return found[:, :-1], found[:, -1]

    def sample(self, count: int, seed: int) -> dict[str, Codes]:
        """Return causes and answers to every unanswered test of `count` such patients (sampled)."""
        return draw(self.engine, count, np.random.default_rng(seed), self.hard, self.soft)


def xlog2x(p: Array) -> Array:
    """Return p log2 p, 0 where p is 0."""
    return p * np.log2(p, out=np.zeros_like(p), where=p > 0)
