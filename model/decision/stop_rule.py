"""When to stop testing, and the sentence that says why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from model.wording import inside_sentence, percent_said

if TYPE_CHECKING:
    from model.decision.cannot_miss import CannotMiss
    from model.decision.same_decision import SameDecision


@dataclass(frozen=True, slots=True)
class Stop:
    """Whether to stop, the rule that decided (nothing left, no value, same decision, cannot miss, go on), and why."""

    stop: bool
    rule: str
    reason: str
    same_decision: SameDecision | None = None


def stop_rule(
    worth: Sequence[tuple[str, float, float]],
    cannot_miss: CannotMiss | None,
    same_decision: Callable[[], SameDecision],
    enough: float,
    rate: float,
    labels: Mapping[str, str],
) -> Stop:
    """Decide whether to stop.

    worth  : (name, value, burden) of every test, panel or plan that can be done now
    enough : the same-decision probability from which more tests are unlikely to matter
    rate   : what one unit of burden costs in probability of naming an acting cause
    labels : name -> what to call it

    Stop when nothing has value - rate * burden above 0, or when the same-decision probability reaches `enough`; but not
    while a cause that must not be missed is above its threshold and has open tests.
    """
    labels = {name: inside_sentence(label) for name, label in labels.items()}
    if not worth:
        return Stop(True, "nothing left", "Stop: nothing that can be had now is left to ask.")
    name, value, burden = max(worth, key=lambda item: item[1] - rate * item[2])
    same = None
    if value - rate * burden <= 0:
        most = max(worth, key=lambda item: item[1])
        rule, reason = "no value", (
            f"no test is worth its burden: even {labels.get(most[0], most[0])} would make the leading cause only "
            f"{_points(most[1])} likelier to be right, and its burden counts for {_points(rate * most[2])}."
        )  # fmt: skip
    else:
        same = same_decision()
        rule, reason = "same decision", (
            f"with {len(same.tests)} more answers {labels.get(same.leader, same.leader)} would still lead in "
            f"{percent_said(same.probability)} of such patients (limit {percent_said(enough)})."
        )  # fmt: skip
        if same.probability < enough:
            go_on = (
                f"Go on: {labels.get(name, name)} would make the leading cause {_points(value)} likelier to be right, "
                f"for a burden that counts for {_points(rate * burden)}; with {len(same.tests)} more answers the "
                f"leader would stay the same in {percent_said(same.probability)} of such patients."
            )
            also = f" Also, {_held(cannot_miss, labels)}" if cannot_miss is not None and cannot_miss.tests else ""
            return Stop(False, "go on", go_on + also, same)
    if cannot_miss is not None and cannot_miss.tests:
        kept = f"Do not stop yet: {_held(cannot_miss, labels)} For the leading cause alone one could stop: {reason}"
        return Stop(False, "cannot miss", kept, same)
    return Stop(True, rule, f"Stop: {reason}", same)


def _points(p: float) -> str:
    if p < 5e-7:
        return "nothing"
    return f"{100 * p:.2g} percentage points" if p < 0.1 else f"{100 * p:.0f} percentage points"


def _held(cannot_miss: CannotMiss, labels: Mapping[str, str]) -> str:
    names = [labels.get(test, test) for test in cannot_miss.tests[:3]]
    more = len(cannot_miss.tests) - len(names)
    offered = ", ".join(names) + (f" and {more} more" if more else "")
    cause = labels.get(cannot_miss.cause, cannot_miss.cause)
    now, limit = f"{100 * cannot_miss.probability:.2g} %", f"{100 * cannot_miss.threshold:.2g} %"
    left = f"above the {limit} under which it may be left unasked here"
    return f"{cause} is at {now}, {left}, so these stay on offer: {offered}."
