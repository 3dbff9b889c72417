"""The most relevant explanation: which partial statement about the causes the evidence supports most.

Of 100 patients 80 have neither of two causes, 10 the first, 8 the second, 2 both. What each statement holds of, and
what its negation holds of (last place of an axis: nothing is said of that cause):

>>> holds, fails = partial(np.array([[80.0, 8.0], [10.0, 2.0]]))
>>> holds[1, 2].item(), fails[1, 2].item()  # the first acts, nothing said of the second
(12.0, 88.0)
>>> holds[1, 1].item(), fails[1, 1].item()  # both act
(2.0, 98.0)

Of ln GBF 2 for *the first acts*, 1 for *the second is absent* and 1.5 for the two together, the first alone is kept:

>>> low = -np.inf
>>> np.argwhere(~dominated(np.array([[low, low, low], [1.5, low, 2.0], [1.0, low, low]])) & (holds > 10)).tolist()
[[1, 2]]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.calibrated_model import CalibratedModel
from model.errors import EvidenceError
from model.inference import Engine
from model.late import pd
from model.log_odds import DECIBANS
from model.network import Array
from model.posterior import Posterior

_TIE = 1e-9  # in the logarithm: rounding, not support


@dataclass(frozen=True, eq=False)
class RelevantExplanations:
    """The best explanations of the evidence.

    Definition. An explanation h states some causes (acting in a state, or absent) and says nothing of the others. Its
    generalized Bayes factor

        GBF(h; e) = P(e | h) / P(e | not h) = odds P(h | e) / odds P(h)           (all given the low count)

    is above 1 exactly when the evidence makes h more probable. The most relevant explanation has the largest. A
    large factor does not make it probable: several causes acting at once can score high with a posterior near zero, so
    read `posterior` beside it, or ask for a `least` posterior. Pruned are explanations that the evidence does not
    support (GBF at most 1) and dominated ones: part of h scores at least as high, or an extension of h scores higher.
    A most probable configuration (MAP), in contrast, must state every cause.

    A cause that evidence all but excludes can make "it is absent" the winner: correct, but no account of what was
    found. With `absences` False only acting causes are stated and compared.

    Unit      : `gbf` is a ratio of odds; `decibans` is 10 log10 of it; `prior` and `posterior` are probabilities of h.
    Reference : Yuan, Lim, Lu 2011, Most relevant explanation in Bayesian networks, JAIR 42.
    Cost      : exact over all prod(K_c + 1) - 1 partial instantiations (prod(K_c) - 1 without absences): a few passes
                over a tensor of that size.

    table    : explanation, gbf, decibans, prior, posterior, size; best first
    searched : how many partial instantiations were compared
    certain  : causes entered, or settled by what was entered: nothing is left to explain about them
    """

    table: pd.DataFrame
    searched: int
    certain: tuple[str, ...]


def most_relevant(
    model: CalibratedModel,
    answer: Posterior,
    n: int = 5,
    *,
    absences: bool = True,
    prune: bool = True,
    least: float = 0.0,
) -> RelevantExplanations:
    """Return the `n` explanations with the largest generalized Bayes factor. Definition: :class:`RelevantExplanations`.

    answer   : a posterior of `model`
    absences : whether an explanation may state that a cause is absent
    prune    : leave unsupported and dominated explanations out; False ranks all
    least    : leave out explanations with a smaller posterior
    raises   : EvidenceError for n below 1.
    """
    if n < 1:
        raise EvidenceError(f"most_relevant: expected 1 explanation or more, got {n}.")
    engine = model.engine
    certain = [cause for cause, states in answer.state_probabilities.items() if np.count_nonzero(states) == 1]
    free = [cause.id for cause in model.network.causes if cause.id not in certain]
    before, not_before = partial(_tensor(engine, engine.no_evidence.weights, free))
    after, not_after = partial(_tensor(engine, answer.solution.weights, free))
    # what states nothing cannot fail, and drops out here
    possible = (before > 0) & (not_before > 0) & (after > 0) & (not_after > 0)
    score = np.full(before.shape, -np.inf)
    score[possible] = np.log(after[possible]) - np.log(not_after[possible])
    score[possible] -= np.log(before[possible]) - np.log(not_before[possible])
    score[after < least * answer.solution.total] = -np.inf
    if not absences:
        for axis in range(score.ndim):
            np.moveaxis(score, axis, 0)[0] = -np.inf
    kept = (score > _TIE) & ~dominated(score) if prune else np.isfinite(score)
    found = np.flatnonzero(kept)
    found = found[np.argsort(-score.flat[found], kind="stable")][:n]
    positions = np.stack(np.unravel_index(found, score.shape), axis=1) if free else np.zeros((0, 0), np.intp)
    table = pd.DataFrame({
        "explanation": [_text(engine, free, states) for states in positions],
        "gbf": np.exp(score.flat[found]),
        "decibans": DECIBANS * score.flat[found],
        "prior": before.flat[found] / engine.no_evidence.total,
        "posterior": after.flat[found] / answer.solution.total,
        "size": (positions < np.array(score.shape, int) - 1).sum(1),
    })  # fmt: skip
    searched = int(np.prod(np.array(score.shape) - (not absences), dtype=int)) - 1
    return RelevantExplanations(table, searched, tuple(certain))


def partial(weights: Array) -> tuple[Array, Array]:
    """Return the weight of every partial instantiation and of its negation, each of shape (K_1 + 1, ..., K_n + 1).

    weights : shape (K_1, ..., K_n). The last place of an axis is *not stated*. The negation is built up by sums, not as
    a difference from the total, so that a nearly certain statement keeps its odds.
    """
    holds, fails = weights, np.zeros_like(weights)
    for axis, states in enumerate(weights.shape):
        stated = np.concatenate([np.eye(states), np.ones((1, states))])  # (K + 1, K)
        fails = _along(np.ones_like(stated), fails, axis) + _along(1 - stated, holds, axis)
        holds = _along(stated, holds, axis)
    return holds, fails


def _along(matrix: Array, tensor: Array, axis: int) -> Array:
    return np.moveaxis(np.tensordot(matrix, tensor, (1, axis)), 0, axis)


def dominated(score: Array) -> NDArray[np.bool_]:
    """Say which explanations a part of them matches, or an extension of them beats.

    score : ln GBF, in the places of :func:`partial`
    """
    parts, extensions = score.copy(), score.copy()  # best of h and what it contains; of h and what contains it
    for axis in range(score.ndim):
        parts, extensions = np.moveaxis(parts, axis, 0), np.moveaxis(extensions, axis, 0)
        np.maximum(parts[:-1], parts[-1:], out=parts[:-1])
        np.maximum(extensions[-1:], extensions[:-1].max(0, keepdims=True), out=extensions[-1:])
        parts, extensions = np.moveaxis(parts, 0, axis), np.moveaxis(extensions, 0, axis)
    part, extension = np.full(score.shape, -np.inf), np.full(score.shape, -np.inf)  # the same, h itself left out
    for axis in range(score.ndim):
        into_part, into_extension = np.moveaxis(part, axis, 0), np.moveaxis(extension, axis, 0)
        np.maximum(into_part[:-1], np.moveaxis(parts, axis, 0)[-1:], out=into_part[:-1])
        beyond = np.moveaxis(extensions, axis, 0)[:-1].max(0, keepdims=True)
        np.maximum(into_extension[-1:], beyond, out=into_extension[-1:])
    return (part >= score - _TIE) | (extension > score + _TIE)


def _tensor(engine: Engine, weights: Array, causes: Sequence[str]) -> Array:
    """Return the weights over the configurations of `causes`, the others summed out."""
    cards = engine.network.cardinality
    whole = weights.reshape([cards[cause] for cause in engine.causes])
    summed = tuple(axis for axis, cause in enumerate(engine.causes) if cause not in causes)
    left = [cause for cause in engine.causes if cause in causes]
    return whole.sum(axis=summed).transpose([left.index(cause) for cause in causes])


def _text(engine: Engine, causes: Sequence[str], states: NDArray[np.intp]) -> str:
    nodes = [engine.network.by_id[cause] for cause in causes]
    said = [(node.id, node.states[k]) for node, k in zip(nodes, states, strict=True) if k < len(node.states)]
    return ", ".join(f"{cause}={state}" for cause, state in said)
