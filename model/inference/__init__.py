"""The exact engine: P(causes | evidence) by enumeration, for one patient, for many, and at many draws of the numbers.

It knows networks (``model.network``) and nothing of tables, words or units. Start with ``engine``: one patient. Then
``stratum``, ``blocks`` and ``slots`` (what factorises), ``batch`` (many patients), ``draw_engine`` (many parameter
points), ``sampling`` (patients drawn). Every file opens with an example small enough to check by hand.
"""

from model.inference.engine import Engine, Solution
from model.inference.stratum import NOTHING, Hard, Soft

__all__ = ["NOTHING", "Engine", "Hard", "Soft", "Solution"]
