"""From the records to numbers: plug-in values, distributions, draws.

Words are read through a verbal scale, intervals are fitted (`quantity`), orders are read together (`ordered_simplex`).
Reading the plug-in values needs numpy only; scipy is imported when something is fitted or drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import ArrayLike

from model.elicitation.quantity import Array, Quantity, fit_betas, fit_lognormal
from model.errors import KnowledgeError, ModelError, listed, nearest
from model.knowledge import Record
from model.knowledge.load import RATIO_KINDS
from model.knowledge.rows import Word

ABOVE = {"cooccurrence": 1.0, **dict.fromkeys(RATIO_KINDS, 0.0)}  # numbers without an upper end, and what they exceed


def stated(record: Record, scale_words: Mapping[str, Word]) -> tuple[float, float, float]:
    """Return (value, low, high) of a record; `value` is the plug-in. Needs no scipy.

    record      : any record but an order, whose items are read together (`ordered_simplex.centroid_of_order`)
    scale_words : word -> reading, one scale: ``knowledge.scales[scale]``
    raises      : KnowledgeError for an order, a missing number or a word the scale lacks
    """
    where = f"Record {record.id!r}"
    if record.reading == "order":
        raise KnowledgeError(f"{where}: an order has no interval of its own; its items are drawn together.")
    if record.reading == "word":
        word = _look_up(where, record.word, scale_words)
        return word.value, word.low, word.high
    if record.low is None or record.value is None or record.high is None:
        raise KnowledgeError(f"{where}: value, low and high must all be given.")
    return record.value, record.low, record.high


def elicit_all(records: Iterable[Record], scale_words: Mapping[str, Word]) -> tuple[Quantity, ...]:
    """Return one quantity a record, in their order: a word through the scale, a number from its interval.

    raises : as `stated` and the fits
    """
    records = tuple(records)
    numbers = [stated(record, scale_words) for record in records]
    betas = [i for i, record in enumerate(records) if record.kind not in ABOVE]
    fitted = dict(zip(betas, fit_betas([records[i].id for i in betas], [numbers[i] for i in betas]), strict=True))
    for i, (value, low, high) in enumerate(numbers):
        if i not in fitted:
            fitted[i] = fit_lognormal(value, low, high, ABOVE[records[i].kind], records[i].id)
    return tuple(fitted[i] for i in range(len(records)))


def uniform_block(draws: int, ids: Sequence[str], seed: int) -> Array:
    """Return independent uniforms whose columns depend on their own id and the seed only (common random numbers).

    draws   : number of rows, at least 1; fewer draws are the first rows of more
    ids     : one name a column, all different
    seed    : integer, 0 or above
    returns : shape (draws, len(ids)), in (0, 1)
    raises  : ModelError for other draws, seeds or repeated ids
    """
    if len(set(ids)) != len(ids):
        raise ModelError("uniform_block: expected ids that are all different; equal ids would draw equal numbers.")
    for name, number, least in (("draws", draws, 1), ("seed", seed, 0)):
        if not isinstance(number, (int, np.integer)) or number < least:
            raise ModelError(f"uniform_block: expected {name} as an integer from {least}, got {number!r}.")
    block = np.empty((draws, len(ids)))
    for column, name in enumerate(ids):
        block[:, column] = stream(name, seed).random(draws)
    return np.maximum(block, np.finfo(float).epsneg, out=block)


def stream(name: str, seed: int) -> np.random.Generator:
    """Return the random stream of one number: it depends on its name and the seed, not on what else is drawn."""
    key = np.frombuffer(sha256(name.encode()).digest()[:16], dtype="<u4").tolist()
    return np.random.default_rng(np.random.SeedSequence(int(seed), spawn_key=key))


def sample(quantities: Sequence[Quantity], draws: int, seed: int) -> Array:
    """Return random draws, each quantity from its own stream (common random numbers across models and patients).

    returns : shape (draws, n); ten times faster than `draw`, for it inverts no distribution function
    """
    columns = [quantity.sample(stream(quantity.id, seed), draws) for quantity in quantities]
    return np.array(columns).reshape(len(quantities), draws).T


def draw(quantities: Sequence[Quantity], uniforms: ArrayLike) -> Array:
    """Return draws of the quantities: column j is the quantile of quantity j at column j of `uniforms`.

    uniforms : shape (draws, n), independent, from `uniform_block` or a Sobol sequence
    returns  : shape (draws, n)
    raises   : ModelError when the columns do not match the quantities
    """
    from concurrent.futures import ThreadPoolExecutor

    uniforms = np.asarray(uniforms, dtype=float)
    if uniforms.ndim != 2 or uniforms.shape[1] != len(quantities):
        raise ModelError(f"draw: expected uniforms of shape (draws, {len(quantities)}), got {uniforms.shape}.")
    with ThreadPoolExecutor() as pool:  # scipy lets go of the interpreter lock: two cores halve the time
        columns = list(pool.map(Quantity.ppf, quantities, uniforms.T))
    return np.array(columns).reshape(len(quantities), len(uniforms)).T


def _look_up(where: str, word: str, words: Mapping[str, Word]) -> Word:
    if word not in words:
        raise KnowledgeError(f"{where}: word {word!r} is unknown; allowed is {listed(words)}{nearest(word, words)}.")
    return words[word]
