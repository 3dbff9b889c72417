"""What to ask next, and when to stop: every open question and test, its information, its value and its cost.

May import the engine, the answer and everything below them (``docs/packages.csv``); draws no chart. Start reading at
``outcomes``, what open tests could show, and ``worth``, what that is worth; ``value_of_information`` orders the tests
by it. ``look_ahead``, ``same_decision``, ``stop_rule`` and ``article_order`` each ask the same numbers one thing more.
"""

from model.decision.article_order import ArticleOrder, article_order
from model.decision.same_decision import SameDecision, same_decision
from model.decision.value_of_information import NextTest, NextTests, next_tests

__all__ = [
    "ArticleOrder", "NextTest", "NextTests", "SameDecision", "article_order", "next_tests", "same_decision",
]  # fmt: skip
