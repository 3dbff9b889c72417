"""What to ask next, and when to stop: every open question and test, its information, its value and its cost.

May import the engine, the answer and everything below them (``docs/packages.csv``); draws no chart. Start reading at
``outcomes``: what open tests could show. ``worth`` says what that is worth, and ``value_of_information`` orders the
tests by it. ``look_ahead`` looks two tests ahead. ``same_decision`` says how often the leader would stay. ``stop_rule``
says when to stop. ``article_order`` sets the steps of the article beside the order of the numbers.
"""

from model.decision.article_order import ArticleOrder, article_order
from model.decision.same_decision import SameDecision, same_decision
from model.decision.value_of_information import NextTest, NextTests, next_tests

__all__ = [
    "ArticleOrder", "NextTest", "NextTests", "SameDecision", "article_order", "next_tests", "same_decision",
]  # fmt: skip
