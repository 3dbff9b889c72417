"""Which entry moved a cause, by how much: weights of evidence in decibans that add up to the posterior.

In the toy network the sign takes the second cause from 10 in 19 to 1 in 10. It says nothing of that cause by itself:
all of it is explaining away, for the low count is accounted for by the first.

>>> from model.inference import Engine
>>> from model.network.toy import toy
>>> sign = Evidence(hard={"sign": 1}, soft={}, guards={}, readings=(), given={"sign": "present"})
>>> division = exact_division(LogOdds(Engine(toy()), sign, "second", players=[("sign",)]), players=1)
>>> division.empty[0].round(2).item(), division.shapley.round(2).tolist()  # prior; weight, and the own part of it
(0.46, [[-10.0, 0.0]])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.calibrated_model import CalibratedModel
from model.errors import EvidenceError, listed
from model.evidence import Evidence
from model.explanation.coalition import LogOdds, entries, stated
from model.explanation.shapley import Division, exact_division, sampled_division
from model.late import pd
from model.log_odds import DECIBANS, probability_at
from model.posterior import Posterior
from model.wording import inside_sentence, percent_said, signed, words_of

EXACT_UP_TO = 14  # players; 2^14 coalitions
METHODS = ("auto", "exact", "sampled", "grouped")
SLIGHT = 0.5  # decibans; a smaller weight changes odds by less than an eighth and is not worth a clause of its own
_SIGN = 1e-9  # decibans; a smaller weight has no sign


@dataclass(frozen=True, eq=False)
class Explanation:
    """The posterior log-odds of one cause, divided among the entries.

    Definition. With S a set of entries and the others not assessed (a context that is not in S goes back to its base
    rate), v(S) = 10 log10 of the odds P(cause acts | S, low count) / P(cause does not act | S, low count). An entry's

        alone   = v({entry}) - v(nothing)                 the first thing one would learn: the weight of evidence
        last    = v(all) - v(all but it)                  what changes if it is wrong
        shapley = what it adds, averaged over all orders in which the entries may come in

    `shapley` does not depend on the order of entry, and prior + sum of shapley = posterior log-odds, to 1e-9. `depends`
    marks entries whose alone and last have different signs: what they say depends on the others.

    Explaining away. Let u(S) be the same log-odds when the low count is *not* taken as seen, so that the causes do not
    compete to explain it. v(S) - u(S) = 10 log10 P(low count | cause, S) / P(low count | no cause, S) is the weight of
    the low count itself for this cause, given S. Entries that point to another cause lower it: the count is explained
    without this one. The Shapley value is linear, so each splits exactly into

        own             = its Shapley value in the game u (what it says by itself, in adults in general)
        explaining_away = shapley - own                   what it does by making the low count speak more or less for it

    and the sum of the latter, `explaining_away`, is the weight of the low count given all entries minus its weight
    given none. Two causes of one finding also compete in u, weakly, as far as both are likely in adults in general.

    Unit        : decibans (10 log10 of odds); `posterior` is a probability.
    Reference   : Good 1985 (weight of evidence); Shapley 1953; Madigan, Mosurski, Almond 1996 (explanation in belief
                  networks); Wellman, Henrion 1993 (explaining away); Kyrimi et al. 2020 (incremental explanation).
    Cost        : exact, 2^K coalitions as one batch for each game and each side of the odds: 4 * 2^K rows. Sampled,
                  at most 8 * pairs * (K - 1) rows.

    items : one row per entry (or group): item, label, state, alone, last, shapley, standard_error, own,
            explaining_away, depends; in the order of entry
    prior : v(nothing);  total : v(all) - v(nothing);  method : exact, sampled or grouped;  coalitions : scored
    """

    cause: str
    label: str
    items: pd.DataFrame
    prior: float
    total: float
    posterior: float
    explaining_away: float
    method: str
    coalitions: int

    @property
    def together(self) -> float:
        """The posterior log-odds."""
        return self.prior + self.total

    @property
    def strongest(self) -> list[dict[str, Any]]:
        """The rows of `items`, strongest first, whichever way they point."""
        return sorted(self.items.to_dict("records"), key=lambda row: -abs(row["shapley"]))

    def without(self, row: Mapping[str, Any]) -> float:
        """Return the probability had the entry of this row of `items` not been entered."""
        return float(probability_at((self.together - row["last"]) / DECIBANS))

    @property
    def lines(self) -> pd.DataFrame:
        """The same sum with explaining away as a line of its own: line, decibans, running total.

        prior, then the `own` part of each entry, then explaining away; the last running total is the posterior.
        """
        names = ["prior", *self.items["item"], "explaining away"]
        steps = np.array([self.prior, *self.items["own"], self.explaining_away], dtype=float)
        return pd.DataFrame({"line": names, "decibans": steps, "running": np.cumsum(steps)})


def explain(
    model: CalibratedModel,
    answer: Posterior,
    cause: str,
    *,
    method: str = "auto",
    pairs: int = 256,
    seed: int = 0,
) -> Explanation:
    """Return what each entry contributes to P(cause acting | evidence). Definition and cost: :class:`Explanation`.

    answer : a posterior of `model`
    method : "exact" (up to 14 entries); "grouped": entries of one group of nodes.csv count as one, exact over groups;
             "sampled": over `pairs` random orders and their reverses from `seed`, with a standard error, adding up
             all the same; "auto": exact up to 14 entries, else sampled.
    raises : EvidenceError for an unknown cause or method, or when the cause is certain or excluded, since its log-odds
             are then infinite and no division of them exists.
    """
    model.network.cause(cause)
    if method not in METHODS:
        raise EvidenceError(f"explain: expected a method {listed(METHODS)}, got {method!r}.")
    if pairs < 2:
        raise EvidenceError(f"explain: expected 2 pairs of orders or more, got {pairs}.")
    entered = answer.evidence
    posterior = answer.acting[cause]
    state = answer.state_probabilities[cause]
    if not (state[0] > 0 and state[1:].sum() > 0):
        why = "because it was entered" if cause in entered.hard else "which follows from what was entered"
        raise EvidenceError(
            f"explain: expected a cause that is neither certain nor excluded, got {cause!r} with probability "
            f"{posterior:.0f}, {why}; explain another cause, or take that entry back."
        )
    items = entries(entered)
    players = _groups(model, items) if method == "grouped" else [(item,) for item in items]
    used = method if method != "auto" else "exact" if len(players) <= EXACT_UP_TO else "sampled"
    if used != "sampled" and len(players) > EXACT_UP_TO:
        raise EvidenceError(
            f"explain: expected at most {EXACT_UP_TO} entries for method {used!r}, got {len(players)}; "
            "use 'sampled' or 'auto'."
        )
    scorer = LogOdds(model.engine, entered, cause, players)
    division = (
        sampled_division(scorer, len(players), pairs, seed)
        if used == "sampled" and players
        else exact_division(scorer, len(players))
    )
    prior, whole = float(division.empty[0]), float(division.whole[0])
    away = float((division.whole - division.empty) @ [1, -1])
    table = _table(model, entered, players, division)
    label = model.knowledge.nodes[cause].label
    return Explanation(cause, label, table, prior, whole - prior, posterior, away, used, division.scored)


def _groups(model: CalibratedModel, items: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the entries by the group of nodes.csv; one without a group stands alone."""
    groups: dict[str, list[str]] = {}
    for item in items:
        groups.setdefault(model.knowledge.nodes[item].group or f"={item}", []).append(item)
    return [tuple(members) for members in groups.values()]


def _table(
    model: CalibratedModel, evidence: Evidence, players: Sequence[tuple[str, ...]], division: Division
) -> pd.DataFrame:
    nodes = model.knowledge.nodes
    together = [len(members) > 1 for members in players]
    alone, last, (shapley, own) = division.alone[:, 0], division.last[:, 0], division.shapley.T
    return pd.DataFrame({
        "item": [nodes[m[0]].group if many else m[0] for m, many in zip(players, together, strict=True)],
        "label": ["; ".join(nodes[member].label for member in members) for members in players],
        "state": ["; ".join(stated(model, evidence, member) for member in members) for members in players],
        "alone": alone, "last": last, "shapley": shapley, "standard_error": division.standard_error[:, 0],
        "own": own, "explaining_away": shapley - own,
        "depends": (alone * last < 0) & (np.minimum(np.abs(alone), np.abs(last)) > _SIGN),
    })  # fmt: skip


def sentences(explanation: Explanation) -> list[str]:
    """Return the explanation in plain sentences, each made from its numbers; weights are in decibans.

    Entries that move the log-odds by less than half a deciban are counted, not named.
    """
    found, items, cause = explanation, explanation.items, inside_sentence(explanation.label)
    before = probability_at(found.prior / DECIBANS)
    text = [
        f"Given the low count alone, {cause} has a probability of {percent_said(before)}; what was entered adds "
        f"{signed(found.total)} decibans and makes it {percent_said(found.posterior)}."
    ]
    rows = items.to_dict("records")
    named = [row for row in found.strongest if abs(row["shapley"]) >= SLIGHT]
    sides = [
        ([row for row in named if row["shapley"] > 0], f"to {cause}"),
        ([row for row in named if row["shapley"] < 0], f"away from {cause}"),
    ]
    clauses = [
        f"{_together([_entry(row) for row in side])} {'points' if len(side) == 1 else 'point'} {where}"
        for side, where in sides
        if side
    ]
    slight = len(rows) - len(named)
    if slight:
        few = "one entry says" if slight == 1 else f"{slight} entries say"
        clauses.append(f"{few} little (less than {SLIGHT} decibans{'' if slight == 1 else ' each'})")
    if clauses:
        joined = "; ".join(clauses)
        text.append(f"{joined[0].upper()}{joined[1:]}.")
    if found.explaining_away <= -SLIGHT:
        text.append(
            f"Of this, {signed(found.explaining_away)} is explaining away: if it were not {cause}, other "
            "causes would now account for the low count better than before."
        )
    elif found.explaining_away >= SLIGHT:
        text.append(
            f"Of this, {signed(found.explaining_away)} comes from other causes losing ground: if it were "
            f"not {cause}, they would now account for the low count less well than before."
        )
    for row in rows:
        if row["depends"] and round(row["alone"], 1) * round(row["last"], 1) < 0:
            text.append(
                f"What {_named(row)} says depends on the others: {signed(row['alone'])} by itself, "
                f"{signed(row['last'])} after all the rest."
            )
    if found.method == "sampled":
        text.append(
            "The weights are averages over random orders; their standard errors are at most "
            f"{items['standard_error'].max():.2f}, and their sum is exact."
        )
    return text


def _named(row: Mapping[str, Any]) -> str:
    words = {"present": "", "absent": " absent"}
    parts = zip(row["label"].split("; "), row["state"].split("; "), strict=True)
    return " with ".join(f"{label}{words.get(state, ': ' + words_of(state))}" for label, state in parts)


def _entry(row: Mapping[str, Any]) -> str:
    return f"{_named(row)} ({signed(row['shapley'])})"


def _together(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
