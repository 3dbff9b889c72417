"""Several answers side by side: scenarios of one patient, settings, or readers, each cause with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from model.calibrated_model import CalibratedModel
from model.errors import EvidenceError
from model.late import pd
from model.posterior import Posterior
from model.progress import Progress, silent
from model.sensitivity.uncertainty import QUICK_DRAWS, intervals


@dataclass(frozen=True)
class SideBySide:
    """Posteriors to be compared.

    frame : one row per side and cause, sides as given, causes in the model's order; columns side, cause, plug_in (the
        probability), low (5 %), high (95 %), first (share of the draws in which the cause leads), difference (of
        plug_in from the first side) and leads (whether the cause is the likeliest of its side)
    """

    frame: pd.DataFrame

    @property
    def sides(self) -> list[str]:
        """The sides in order."""
        return list(dict.fromkeys(self.frame["side"]))

    @property
    def leaders(self) -> dict[str, str]:
        """Side -> the cause that leads."""
        leading = self.frame[self.frame["leads"]]
        return dict(zip(leading["side"], leading["cause"], strict=True))


def side_by_side(
    answers: Mapping[str, tuple[CalibratedModel, Posterior]],
    draws: int = QUICK_DRAWS,
    seed: int = 0,
    progress: Progress = silent,
) -> SideBySide:
    """Return the posteriors of several answers, with their intervals.

    answers : what to call a side -> the model that answers and its posterior
    raises  : EvidenceError for no answer.
    Unit: probabilities; draws as in ``model.sensitivity.uncertainty``, the same for each side of one model.
    """
    if not answers:
        raise EvidenceError("side_by_side: expected one answer or more, got none.")
    parts = []
    for position, (side, (model, answer)) in enumerate(answers.items()):
        progress(position / len(answers), f"drawing the numbers for {side}")
        frame = intervals(model, answer, draws, seed).frame.reset_index()
        frame["leads"] = frame["cause"] == answer.leader
        parts.append(frame.assign(side=side, difference=frame["plug_in"] - (parts or [frame])[0]["plug_in"]))
    progress(1.0, "done")
    columns = ["side", "cause", "plug_in", "low", "high", "first", "difference", "leads"]
    return SideBySide(pd.concat(parts, ignore_index=True).reindex(columns=columns))
