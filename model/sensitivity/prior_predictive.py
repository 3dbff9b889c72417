"""What the model expects before anything is known: how common each finding and context is, given the low count.

A prior predictive check (Box 1980; Gabry et al. 2019): if a frequency looks wrong to somebody who sees such patients, a
number behind it is wrong, whatever its own record says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from model.sensitivity.uncertainty import parameter_draws

if TYPE_CHECKING:
    import pandas as pd

    from model.calibrated_model import CalibratedModel


@dataclass(frozen=True)
class PriorPredictive:
    """Expected frequencies given a low count and nothing else.

    frame : index (node, state), every state but a node's first; columns role, label, plug_in, low (5 %), high (95 %)
    draws, seed : parameter points, as in ``uncertainty.intervals``
    """

    frame: pd.DataFrame
    draws: int
    seed: int


def prior_predictive(model: CalibratedModel, draws: int = 500, seed: int = 0) -> PriorPredictive:
    """Return P(state | low count) of every finding and context, with its interval over parameter draws.

    Cost: one pass at all draws per state, a few seconds for 500 draws.
    """
    import pandas as pd

    engine = parameter_draws(model, draws, seed).engine
    whole = engine.solve({}).total
    published = model.posterior({}).nodes
    rows = {}
    for node in (*model.network.findings, *model.network.contexts):
        known = model.knowledge.nodes[node.id]
        for code, state in enumerate(node.states):
            if code:
                drawn = engine.solve({node.id: code}).total / whole
                rows[node.id, state] = (
                    known.role,
                    known.label,
                    published[node.id, state],
                    *np.quantile(drawn, (0.05, 0.95)),
                )
    index = pd.MultiIndex.from_tuples(list(rows), names=("node", "state"))
    columns = ["role", "label", "plug_in", "low", "high"]
    return PriorPredictive(pd.DataFrame(list(rows.values()), index, columns), draws, seed)
