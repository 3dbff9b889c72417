"""The plug-in point: one stated value per number, and the shares that the article's order implies.

The published posterior is computed at the mean of every number: independent numbers enter P(causes, evidence)
linearly, so this is the posterior predictive answer. Shares drawn from an order are dependent; their plug-in is the
exact mean of the ordered simplex.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from model.elicitation.elicit import ABOVE, stated
from model.elicitation.ordered_simplex import centroid_of_order
from model.errors import KnowledgeError, as_number, listed, nearest, shown
from model.knowledge import Knowledge


def plug_in(
    knowledge: Knowledge, setting: str, scale: str, replaced: Mapping[str, float] | None = None
) -> tuple[dict[str, float], dict[str, float]]:
    """Return (record id -> value as elicited, cause -> share among the causes that are ordered or weighted).

    setting  : a row of settings.csv;  scale : a verbal scale
    replaced : record id -> value to use instead; checked here, entered by ``assembly``; weights change the shares
    raises   : KnowledgeError for an unknown setting, scale, word or replaced id, an impossible replaced value, or
        shares half ordered and half weighted.
    """
    if scale not in knowledge.scales:
        raise KnowledgeError(f"Verbal scale {scale!r} is unknown; allowed is {listed(knowledge.scales)}.")
    words = knowledge.scales[scale]
    records = knowledge.records_of(setting)
    values = {record.id: stated(record, words)[0] for record in records if record.reading != "order"}
    kinds = {record.id: record.kind for record in records}
    for number, value in (replaced or {}).items():
        if number not in values:
            raise KnowledgeError(
                f"Override: {number!r} is not a number of setting {setting!r}{nearest(str(number), values)}."
            )
        if (real := as_number(value)) is None:
            raise KnowledgeError(f"Override: {number}: expected a number, got {shown(value)}.")
        least = ABOVE.get(kinds[number])
        if not (0 <= real <= 1 if least is None else least < real < math.inf):
            allowed = "0 to 1" if least is None else f"more than {least:g}"
            raise KnowledgeError(f"Override: {number}: expected {allowed}, got {value}.")
    return values, shares_of(knowledge, setting, {**values, **(replaced or {})})


def shares_of(knowledge: Knowledge, setting: str, values: dict[str, float]) -> dict[str, float]:
    """Return cause -> share among the ordered or weighted causes, summing to one."""
    rows = knowledge.records_of(setting, "share_order")
    ranks = {record.node: record.word for record in rows if record.reading == "order"}
    if ranks and len(ranks) != len(rows):
        raise KnowledgeError(
            f"data/parameters, setting {setting!r}: share_order rows must all be ranks or all weights."
        )
    if ranks:
        return centroid_of_order(ranks)
    total = sum(values[record.id] for record in rows)
    if total <= 0:
        raise KnowledgeError(f"Shares of setting {setting!r}: expected one weight or more above 0, got none.")
    return {record.node: values[record.id] / total for record in rows}
