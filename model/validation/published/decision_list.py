"""The article's clinical approach as a list of rules, read from the top: what a reader without numbers does.

The rules are data, ``decision_list.csv``: the steps of ``guidance.csv``, as far as a step says which cause a fact
points to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from model.errors import KnowledgeError
from model.knowledge import cell_items, table_rows

Fact = tuple[str, str]  # node, state
_PARTS = ("any_of", "all_of", "none_of")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: it fires when all facts of `all_of`, some of `any_of` (if it has any) and none of `none_of` hold.

    A rule without conditions always fires. A fact that was not assessed does not hold.
    """

    rule: str
    cause: str
    any_of: tuple[Fact, ...]
    all_of: tuple[Fact, ...]
    none_of: tuple[Fact, ...]

    def fires(self, entered: Mapping[str, str]) -> bool:
        """Return whether the rule fits what was entered, states by name."""

        def holds(fact: Fact) -> bool:
            return entered.get(fact[0]) == fact[1]

        some = any(map(holds, self.any_of)) or not self.any_of
        return some and all(map(holds, self.all_of)) and not any(map(holds, self.none_of))


@lru_cache(maxsize=4)
def decision_list(folder: Path) -> tuple[Rule, ...]:
    """Return the rules of ``decision_list.csv`` in order. Raises KnowledgeError for a fact that is not node=state."""
    return tuple(
        Rule(row["rule"], row["cause"], *(_facts(row[part], row["rule"]) for part in _PARTS))
        for _, row in table_rows(folder / "decision_list.csv")
    )


def fired(rules: Sequence[Rule], entered: Mapping[str, str]) -> list[str]:
    """Return the causes of the rules that fire, each once, in the order of the rules."""
    return list(dict.fromkeys(rule.cause for rule in rules if rule.fires(entered)))


def _facts(cell: str, rule: str) -> tuple[Fact, ...]:
    found = []
    for fact in cell_items(cell):
        node, equals, state = fact.partition("=")
        if not equals:
            raise KnowledgeError(f"decision_list.csv, rule {rule!r}: expected node=state, got {fact!r}.")
        found.append((node.strip(), state.strip()))
    return tuple(found)
