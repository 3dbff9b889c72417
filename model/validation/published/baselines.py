"""What the model must beat: methods that know less, or that leave out one of its ideas but keep its numbers.

uniform         every cause alike
prior           the shares before anything is entered
always drug     the article's commonest cause, whatever is found
naive Bayes     exactly one cause acts, and entries speak independently given it; same links, hazards and shares
multimembership each cause for itself, against its absence; entries speak independently (Ben-Bassat 1980)
no selection    the same network without the low count as evidence, its priors set to the elicited P(cause | count):
                ruling one cause out then says nothing of the others
article's list  the clinical approach of the article as a list of rules (``decision_list``)

A method that only names a cause is given the share of cases it gets right on these very cases as its certainty, the
rest divided like the prior: better than it could know, so beating it is harder.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from model.calibrated_model import CalibratedModel
from model.evidence import Evidence
from model.explanation.coalition import unselected
from model.inference import NOTHING, Engine, Hard, Soft
from model.log_odds import log_odds, probability_at
from model.network import Array
from model.validation.published.decision_list import decision_list, fired
from model.validation.published.forecast import CaseSet, Forecast, Method, entered


def uniform(model: CalibratedModel, cases: CaseSet, decisive: bool) -> Forecast:
    """Return the same share for every cause."""
    even = np.full((len(cases), len(cases.causes)), 1 / len(cases.causes))
    return Forecast("uniform", even, even, even)


def prior(model: CalibratedModel, cases: CaseSet, decisive: bool) -> Forecast:
    """Return what the model says before anything is entered."""
    before = model.posterior({}, scope=False)
    shares = np.tile(before.attribution, (len(cases), 1))
    acting = np.tile(list(before.acting.values()), (len(cases), 1))
    return Forecast("prior", shares, acting, acting)


def always_drug(model: CalibratedModel, cases: CaseSet, decisive: bool) -> Forecast:
    """Return the article's commonest cause each time."""
    orders = [["drug"]] * len(cases)
    return _named("always drug", orders, model, cases)


def article_list(model: CalibratedModel, cases: CaseSet, decisive: bool) -> Forecast:
    """Return the first rule of the article's clinical approach that fits, then the others that fit."""
    rules = decision_list(model.knowledge.folder)
    orders = []
    for case, evidence in zip(cases.cases, entered(model, cases, decisive), strict=True):
        states = {node: model.network.by_id[node].states[code] for node, code in evidence.hard.items()}
        orders.append(fired(rules, {**case.presenting(decisive), **states}))
    return _named("article's list", orders, model, cases)


def naive_bayes(model: CalibratedModel, cases: CaseSet, decisive: bool) -> Forecast:
    """Return P(exactly this cause | entries), the entries independent given it."""
    engine = model.engine
    alone = engine.size == 1
    shares_before = _alone(model)
    weights = np.array([
        np.prod([_of_one(model, *single)[alone] for single in _singly(evidence)], axis=0) * shares_before
        for evidence in entered(model, cases, decisive)
    ])  # fmt: skip
    shares = weights @ engine.acting[alone] / weights.sum(1, keepdims=True)
    return Forecast("naive Bayes", shares, shares, shares)


def multimembership(model: CalibratedModel, cases: CaseSet, decisive: bool) -> Forecast:
    """Return each cause's odds, multiplied by one likelihood ratio an entry; shares are the odds' part of their sum."""
    engine = model.engine
    before = _acting(engine, {})
    rows = []
    for evidence in entered(model, cases, decisive):
        odds = log_odds(before, edge=0)
        for single in _singly(evidence):
            odds = odds + log_odds(_acting_given(model, *single), edge=0) - log_odds(before, edge=0)
        rows.append(probability_at(odds))
    acting = np.array(rows)
    return Forecast("multimembership", acting / acting.sum(1, keepdims=True), acting, acting)


def no_selection(model: CalibratedModel, cases: CaseSet, decisive: bool) -> Forecast:
    """Return the posterior of independent causes whose priors are the elicited ones; nobody has to be acting."""
    engine = model.engine
    weights = np.array([
        _likelihood(model, evidence.hard, evidence.soft) * _prior(model) for evidence in entered(model, cases, decisive)
    ])  # fmt: skip
    weights /= weights.sum(1, keepdims=True)
    shares = weights @ engine.share_of
    acting = weights @ engine.acting
    return Forecast("no selection", shares / shares.sum(1, keepdims=True), acting, acting)


BASELINES: tuple[Method, ...] = (
    uniform, prior, always_drug, naive_bayes, multimembership, no_selection, article_list
)  # fmt: skip


@lru_cache(maxsize=8)
def _prior(model: CalibratedModel) -> Array:
    """Return the product of the elicited P(cause state | count) over independent causes, shape (S,)."""
    chance = np.ones(len(model.engine.codes))
    for position, name in enumerate(model.engine.causes):
        cause = model.network.by_id[name]
        states = [model.calibrated.targets[cause.id, state] for state in cause.states[1:]]
        chance = chance * np.array([1 - sum(states), *states])[model.engine.codes[:, position]]
    return chance


def _alone(model: CalibratedModel) -> Array:
    """Return the elicited share of each cause state, in the order of the configurations with one cause acting."""
    engine = model.engine
    total = sum(model.calibrated.targets.values())
    found = []
    for row in engine.codes[engine.size == 1]:
        position = int(row.argmax())
        cause = model.network.by_id[engine.causes[position]]
        found.append(model.calibrated.targets[cause.id, cause.states[row[position]]] / total)
    return np.array(found)


def _likelihood(model: CalibratedModel, hard: Hard, soft: Soft = NOTHING) -> Array:
    """Return P(entries | configuration of the causes), shape (S,)."""
    engine = unselected(model.engine)
    return engine.solve(hard, soft).weights / engine.no_evidence.weights


@lru_cache(maxsize=1024)
def _of_one(model: CalibratedModel, node: str, state: int | tuple[float, ...]) -> Array:
    """Return :func:`_likelihood` of one entry: many cases share it."""
    return _likelihood(model, *_entry(node, state))


@lru_cache(maxsize=1024)
def _acting_given(model: CalibratedModel, node: str, state: int | tuple[float, ...]) -> Array:
    """Return :func:`_acting` given one entry."""
    return _acting(model.engine, *_entry(node, state))


def _entry(node: str, state: int | tuple[float, ...]) -> tuple[Hard, Soft]:
    """Return (hard, soft) of one state, or of one likelihood."""
    return ({node: state}, NOTHING) if isinstance(state, int) else ({}, {node: state})


def _singly(evidence: Evidence) -> list[tuple[str, int | tuple[float, ...]]]:
    """Return (node, state or likelihood) of each entry."""
    return [*evidence.hard.items(), *((node, tuple(likelihood)) for node, likelihood in evidence.soft.items())]


def _acting(engine: Engine, hard: Hard, soft: Soft = NOTHING) -> Array:
    """Return P(cause acting | entries, low count), shape (C,)."""
    solution = engine.solve(hard, soft)
    return solution.weights @ engine.acting / solution.total


def _named(method: str, orders: list[list[str]], model: CalibratedModel, cases: CaseSet) -> Forecast:
    """Turn named causes, the first choice first, into a forecast; causes that are not named follow by their prior."""
    before = model.posterior({}, scope=False).attribution
    ranked = [
        [cases.causes.index(cause) for cause in order]
        + [int(c) for c in np.argsort(-before, kind="stable") if cases.causes[c] not in order]
        for order in orders
    ]
    first = np.array([order[0] for order in ranked])
    hits = np.clip((first == cases.truth).mean(), 0.5 / len(cases), 1 - 0.5 / len(cases))
    rest = np.tile(before, (len(cases), 1))
    np.put_along_axis(rest, first[:, None], 0.0, axis=1)
    shares = (1 - hits) * rest / rest.sum(1, keepdims=True)
    np.put_along_axis(shares, first[:, None], hits, axis=1)
    return Forecast(method, shares, shares, -np.argsort(np.array(ranked), axis=1).astype(float))
