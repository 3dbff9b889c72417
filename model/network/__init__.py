"""From numbers to a calibrated network, and the network as other programs read it.

Knows the tables (``model.knowledge``) and no patient. Start with ``network.Network``, which holds plain tables. ``cpt``
has the formulas of one table. ``assembly`` puts the tables together: ``context_tables``, ``hazard_tables`` and
``finding_tables`` make them from the numbers that ``record_index`` finds. ``calibration`` finds the priors that return
what was elicited, from the sums over all adults in ``adults``, which ``islands`` prepares and ``competing_hazards``
does for one cause. ``exchange`` writes files and builds a pgmpy network; it is not imported here.
"""

from model.network.assembly import CalibratedNetwork, assemble, without_kappa
from model.network.context_grid import grid
from model.network.cpt import Array
from model.network.network import Cause, Context, Finding, Mechanism, Network, Pair
from model.network.record_index import RecordIndex

__all__ = [
    "Array",
    "CalibratedNetwork",
    "Cause",
    "Context",
    "Finding",
    "Mechanism",
    "Network",
    "Pair",
    "RecordIndex",
    "assemble",
    "grid",
    "without_kappa",
]
