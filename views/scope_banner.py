"""The banner above the ranking: whether this patient is one the model is about. No Streamlit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from model.errors import OutOfScope
from model.evidence import Evidence, Scope, check_scope
from model.knowledge import Knowledge, ScopeRule
from model.knowledge.provenance import sources_cited
from model.wording import SCOPE_TITLES

Outside = Literal["refuse", "allow"]
NO_ANSWER = "No answer."


@dataclass(frozen=True)
class Banner:
    """The scope of the model for this patient: the rule of ``scope.csv`` that holds, and its level.

    `near` may be answered on request, `refused` and `emergency` never.
    """

    level: str
    rule: str
    title: str
    reason: str
    advice: str
    sources: tuple[str, ...]

    @property
    def urgent(self) -> bool:
        """Whether nothing is ever answered under it."""
        return self.level in ("refused", "emergency")


def scope_banner(knowledge: Knowledge, entered: Evidence, outside: Outside) -> tuple[Banner, Scope | None]:
    """Return the banner and, unless it refuses, the verdict of the scope guard to answer under.

    The guard stands apart from the network, so a red flag always shows.
    """
    try:
        scope = check_scope(knowledge, entered, outside)
    except OutOfScope as error:
        rule = next(rule for rule in knowledge.scope if rule.rule == error.rule)
        return _from_rule(knowledge, rule, SCOPE_TITLES[rule.level]), None
    rule = next(rule for rule in knowledge.scope if rule.rule == scope.rule)
    if scope.verdict == "near":
        return _from_rule(knowledge, rule, SCOPE_TITLES["near, answered"]), scope
    banner = _from_rule(knowledge, rule, SCOPE_TITLES["in"])
    return replace(banner, reason=scope.reason, advice=scope.advice), scope


def not_understood(knowledge: Knowledge, entered: Evidence, problems: list[str]) -> Banner:
    """Return the banner for a count, age or other guard that cannot be read: it may be an emergency."""
    said = " ".join(problem for problem in problems if problem.startswith(NO_ANSWER)).replace(f"{NO_ANSWER} ", "")
    advice = "Correct it before reading anything here."
    urgent = next(rule for rule in knowledge.scope if rule.level == "emergency")
    node, _, state = urgent.state.partition("=")
    if entered.given.get(node) == state:
        advice = f"{advice} {urgent.reason} {urgent.advice}"
    return Banner("refused", "", SCOPE_TITLES["unread"], said, advice, ())


def _from_rule(knowledge: Knowledge, rule: ScopeRule, title: str) -> Banner:
    names = [name.strip() for name in rule.source.split(";")]
    citations = tuple(source.citation for source in sources_cited(knowledge, names))
    return Banner(rule.level, rule.rule, title, rule.reason, rule.advice, citations)
