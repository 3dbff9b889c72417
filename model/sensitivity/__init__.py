"""How the answer hangs on the numbers: second-order intervals, one-way, curves, Sobol indices, other readers.

Every analysis takes a model and one of its posteriors and returns a frozen result with a frame. It may import the
engine, the network and what explains an answer; it draws no chart and reads no evidence. Start in ``parameter_space``,
where every uncertain number is a coordinate, then ``uncertainty`` (all numbers at once) and ``one_way`` (one by one).
"""

from model.sensitivity.curves import sensitivity_function, two_way
from model.sensitivity.one_way import Flip, OneWay, flip_sentence, one_way
from model.sensitivity.parameter_space import ParameterSpace, apart
from model.sensitivity.ranking import CauseLine, ranking
from model.sensitivity.uncertainty import intervals, parameter_draws, prior_predictive

__all__ = [
    "CauseLine", "Flip", "OneWay", "ParameterSpace", "apart", "flip_sentence", "intervals", "one_way",
    "parameter_draws", "prior_predictive", "ranking", "sensitivity_function", "two_way",
]  # fmt: skip
