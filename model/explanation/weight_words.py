"""How strongly an entry speaks for a cause or against it, in a word: the rows of ``weight_words.csv``."""

from __future__ import annotations

from model.knowledge import Knowledge

LITTLE = ""  # the word of a weight that says little


def weight_word(knowledge: Knowledge, decibans: float) -> str:
    """Return strongly, moderately or slightly, whichever way the weight points; `LITTLE` below all of them."""
    rows = sorted(knowledge.weight_words, key=lambda row: -row.least)
    return next((row.word for row in rows if abs(decibans) >= row.least), LITTLE)


def rank_of(knowledge: Knowledge, word: str) -> int:
    """Return how strong a word is: 0 says little, then one more for each word of the table."""
    words = [row.word for row in sorted(knowledge.weight_words, key=lambda row: row.least)]
    return words.index(word) + 1 if word in words else 0
