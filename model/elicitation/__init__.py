"""From what was elicited, words, orders and intervals, to numbers and distributions.

Knows the tables (``model.knowledge``) and no network. Start with ``plug_in``, the one value of each number that the
published answer uses; ``elicit`` reads a record as a distribution, fitted in ``quantity``; ``ordered_simplex`` turns an
order of causes into shares. numpy alone until something is fitted or drawn.
"""

from model.elicitation.elicit import stated
from model.elicitation.plug_in import plug_in
from model.elicitation.quantity import Quantity

__all__ = [
    "Quantity",
    "plug_in",
    "stated",
]
