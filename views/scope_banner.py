"""The banner above the ranking: whether this patient is one the model is about. No Streamlit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from model.errors import OutOfScope
from model.evidence.read import read_evidence
from model.evidence.scope import check_scope
from model.knowledge.load import Knowledge
from model.knowledge.rows import ScopeRule

Outside = Literal["refuse", "allow"]
NO_ANSWER = "No answer."


@dataclass(frozen=True)
class Banner:
    """The scope of the model for this patient. `near` may be answered on request, `refused` and `emergency` never."""

    level: Literal["in", "near", "refused", "emergency"]
    rule: str
    title: str
    reason: str
    advice: str
    sources: tuple[str, ...]


def scope_banner(knowledge: Knowledge, usable: Mapping[str, Any], outside: Outside) -> Banner:
    """Return the verdict of the scope guard; it stands apart from the network, so a red flag always shows."""
    try:
        scope = check_scope(knowledge, read_evidence(knowledge, usable), "refuse")
    except OutOfScope as error:
        rule = next(rule for rule in knowledge.scope if rule.rule == error.rule)
        if error.verdict == "near":
            title = "Outside the model's range" + (": shown on request" if outside == "allow" else "")
            return _from_rule(knowledge, "near", rule, title)
        urgent = rule.reason.startswith("Emergency")
        title = "Emergency: do not use this model" if urgent else "Outside this model: no probabilities are shown"
        return _from_rule(knowledge, "emergency" if urgent else "refused", rule, title)
    rule = next(rule for rule in knowledge.scope if rule.rule == scope.rule)
    return replace(_from_rule(knowledge, "in", rule, "Within scope"), reason=scope.reason, advice=scope.advice)


def not_understood(knowledge: Knowledge, usable: Mapping[str, Any], problems: list[str]) -> Banner:
    """Return the banner for a count, age or other guard that cannot be read: it may be an emergency."""
    said = " ".join(problem for problem in problems if problem.startswith(NO_ANSWER)).replace(f"{NO_ANSWER} ", "")
    advice = "Correct it before reading anything here."
    urgent = next(rule for rule in knowledge.scope if rule.reason.startswith("Emergency"))
    node, _, state = urgent.state.partition("=")
    if usable.get(node) == state:
        advice = f"{advice} {urgent.reason} {urgent.advice}"
    return Banner("refused", "", "An entry is not understood: no probabilities are shown", said, advice, ())


def _from_rule(
    knowledge: Knowledge, level: Literal["in", "near", "refused", "emergency"], rule: ScopeRule, title: str
) -> Banner:
    names = [name.strip() for name in rule.source.split(";")]
    cited = [knowledge.sources[name].citation for name in names if name in knowledge.sources]
    return Banner(level, rule.rule, title, rule.reason, rule.advice, tuple(cited))
