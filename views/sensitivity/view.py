"""What the sensitivity screen draws: which numbers move one cause, in words, and a number before and after. No
Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, isnan, log10

from model import DiagnosticModel
from model.errors import ModelError
from model.knowledge.load import RATIO_KINDS
from model.sensitivity import OneWay, ParameterSpace, flip_sentence
from model.wording import cause_labels, number_text, percent
from views.record_card import record_card
from views.result_view import ResultView
from views.wording import change

SHOWN = 12  # bars of the tornado; the list of numbers holds every one
STEPS = 50  # of a slider, at least
ONE_OF_ITS_KIND = ("cooccurrence", "population", *RATIO_KINDS)  # not probabilities that could be anything from 0 to 1
LEAST = 0.001  # a probability of the model is never nearer to 0 or 1


@dataclass(frozen=True)
class NumberBar:
    """What one number does to the cause that is asked about, over its own interval.

    low, value, high : the number as stated (5 %, mean, 95 %);  at_low, at_high : the probability at its ends
    flip, rival      : where another cause takes the lead and which, for any value it may have; None where none does
    inside           : whether that lies inside the interval
    exact            : whether every value was looked at, not only those inside the interval
    replaced         : whether the visitor set the number
    """

    id: str
    title: str
    low: float
    value: float
    high: float
    at_low: float
    at_high: float
    swing: float
    flip: float | None
    rival: str
    inside: bool
    exact: bool
    replaced: bool

    @property
    def ends(self) -> str:
        """The probability at both ends, in words."""
        return f"{percent(self.at_low)} at {number_text(self.low)}, {percent(self.at_high)} at {number_text(self.high)}"

    @property
    def turn(self) -> str:
        """Where the lead changes, in words; empty where it never does."""
        if self.flip is None:
            return ""
        side = "above" if self.flip > self.value else "below"
        where = "" if self.inside else ", outside its interval"
        return f"{self.rival} leads {side} {number_text(self.flip)}{where}"

    @property
    def turn_or_none(self) -> str:
        """The same, and in words where the lead never changes."""
        return self.turn or f"No value {'it may have' if self.exact else 'inside its interval'} changes the lead"


@dataclass(frozen=True)
class SensitivityView:
    """The tornado in words.

    bars : every number that matters, widest swing first;  axis : the ends of the picture's scale, probabilities
    """

    cause: str
    label: str
    probability: float
    certificate: str
    bars: tuple[NumberBar, ...]

    @property
    def axis(self) -> tuple[float, float]:
        """The scale that holds every bar shown, to whole per cents."""
        ends = [self.probability, *(end for bar in self.bars[:SHOWN] for end in (bar.at_low, bar.at_high))]
        return floor(100 * min(ends)) / 100, ceil(100 * max(ends)) / 100

    def bar(self, number: str) -> NumberBar | None:
        """Return the bar of one number, or None when it does not move this cause."""
        return next((bar for bar in self.bars if bar.id == number), None)


def sensitivity_view(model: DiagnosticModel, found: OneWay) -> SensitivityView:
    """Return a tornado with labels in place of ids."""
    labels = cause_labels(model.knowledge)
    bars = tuple(
        NumberBar(
            id=row["id"],
            title=record_card(model.knowledge, model.knowledge.record(row["id"]), None).title,
            **{name: float(row[name]) for name in ("low", "value", "high", "at_low", "at_high", "swing")},
            flip=None if isnan(row["flip"]) else float(row["flip"]),
            rival=labels.get(row["rival"], ""),
            inside=bool(row["inside"]),
            exact=bool(row["exact"]),
            replaced=row["id"] in model.overridden,
        )
        for row in found.frame.to_dict("records")
    )
    titles = {bar.id: f"“{bar.title}”" for bar in bars}
    said = flip_sentence(found.nearest_flip, found.leader, labels | titles)
    return SensitivityView(found.cause, labels[found.cause], found.posterior, said, bars)


@dataclass(frozen=True)
class Range:
    """Where a slider runs. low, high : its ends;  step : its step;  interval : the number's own 90 % interval."""

    low: float
    high: float
    step: float
    value: float
    stated: float
    interval: tuple[float, float]


def slider_range(published: DiagnosticModel, number: str, value: float | None, whole: bool = False) -> Range | None:
    """Return where the slider of one number runs, or None when it cannot be replaced (a share read from an order).

    published : the model without replaced numbers;  value : the visitor's own, None for the stated one
    whole     : over everything the number may be, instead of its own interval
    """
    record = published.knowledge.record(number)
    if record.kind == "share_order" and record.reading == "order":
        return None
    space = ParameterSpace(published)
    interval, stated = space.interval(number), space.stated(number)
    low, high = interval
    if whole and record.kind not in ONE_OF_ITS_KIND:
        low, high = max(space.least(number), LEAST), 1 - LEAST
    step = _nice_step((high - low) / STEPS)
    low, high = (round(turn(end / step + nudge) * step, 12) for turn, end, nudge in
                 ((ceil, low, -1e-9), (floor, high, 1e-9)))  # fmt: skip
    now = stated if value is None else value
    return Range(min(low, now), max(high, now), step, now, stated, interval)


def _nice_step(most: float) -> float:
    """Return the largest step of 1, 2 or 5 times a power of ten that is not above `most`."""
    power = 10.0 ** floor(log10(most))
    return max(times * power for times in (1, 2, 5) if times * power <= most * (1 + 1e-9))


def before_after(before: ResultView, after: ResultView) -> list[tuple[str, str, str, str]]:
    """Return the causes as they rank after: label, probability before and after, what moved."""
    rows = []
    for row in after.causes:
        was = before.cause(row.id)
        if was is not None:
            place = f"place {row.rank} (was {was.rank})" if row.rank != was.rank else f"place {row.rank}"
            rows.append((row.label, was.percent, row.percent, f"{change(row.probability, was.probability)}, {place}"))
    return rows


def impossible(error: ModelError) -> str:
    """Return an analysis that cannot be done as a sentence for the screen."""
    return f"This cannot be computed for the case as it stands. {error}"
