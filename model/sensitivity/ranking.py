"""The ranking line by line: each cause now and before anything was entered, with where its probability lies."""

from __future__ import annotations

from dataclasses import dataclass

from model.calibrated_model import CalibratedModel
from model.posterior import Posterior
from model.sensitivity.uncertainty import CauseInterval, intervals
from model.wording import percent, state_label


@dataclass(frozen=True)
class StateLine:
    """One state of a cause that has several."""

    state: str
    label: str
    probability: float
    prior: float


@dataclass(frozen=True)
class CauseLine:
    """One cause. `prior` is its share of patients with this count before anything is known; `states` if several."""

    id: str
    rank: int
    label: str
    long_label: str
    probability: float
    prior: float
    in_article: bool
    states: tuple[StateLine, ...]
    interval: CauseInterval | None = None

    @property
    def percent(self) -> str:
        """The probability as shown."""
        return percent(self.probability)


def ranking(model: CalibratedModel, answer: Posterior, draws: int = 0) -> tuple[CauseLine, ...]:
    """Return the causes, likeliest first; equal ones stay in the order of ``nodes.csv``.

    answer : a posterior of `model`;  draws : parameter draws behind the intervals, 0 for none
    """
    found = intervals(model, answer, draws).causes if draws else {}
    lines = []
    for rank, cause in enumerate(answer.ranked, start=1):
        node = model.knowledge.nodes[cause]
        now, before = answer.state_probabilities[cause].tolist(), model.prior.state_probabilities[cause].tolist()
        states = zip(node.states, now, before, strict=True)
        every = tuple(StateLine(state, state_label(node, state), p, prior) for state, p, prior in states)[1:]
        lines.append(
            CauseLine(
                id=cause,
                rank=rank,
                label=node.short_label,
                long_label=node.label,
                probability=answer.acting[cause],
                prior=model.prior.acting[cause],
                in_article=node.basis == "article",
                states=every if len(every) > 1 else (),
                interval=found.get(cause),
            )
        )
    return tuple(lines)
