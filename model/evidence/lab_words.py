"""Words of laboratory printouts besides names and units: headings, specimens, columns, dates, flags, patients.

A word is compared whole, without capitals, accents and punctuation: "24-hour Urine:" is "24 hour urine".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from model.knowledge import Knowledge, kept_with_knowledge

OTHER, BLOOD, NEUTRAL, SPECIMEN = "other", "blood", "neutral", "specimen"
REMARK, OUTCOME, PATIENT, DATE, COLUMN, MONTH, FLAG = "remark", "outcome", "patient", "date", "column", "month", "flag"
KINDS = (OTHER, BLOOD, NEUTRAL, SPECIMEN, REMARK, OUTCOME, PATIENT, DATE, COLUMN, MONTH, FLAG)


@dataclass(frozen=True, slots=True)
class LabWords:
    """The table, folded. known : kind -> words -> meaning;  longest : most words in one entry"""

    known: Mapping[str, Mapping[tuple[str, ...], str]]
    longest: int

    def starts(self, words: tuple[str, ...], *kinds: str) -> tuple[str, str, int]:
        """Return kind, meaning and number of words of the longest entry at the start; an empty kind when none is."""
        for size in range(min(len(words), self.longest), 0, -1):
            for kind in kinds:
                if (meaning := self.known[kind].get(words[:size])) is not None:
                    return kind, meaning, size
        return "", "", 0

    def ends(self, words: tuple[str, ...], kind: str) -> bool:
        """Say whether an entry of this kind stands at the end."""
        return any(words[-size:] in self.known[kind] for size in range(1, min(len(words), self.longest) + 1))

    def anywhere(self, words: tuple[str, ...], kind: str) -> str | None:
        """Return the meaning of the first entry of this kind, wherever it stands; None when there is none."""
        for start in range(len(words)):
            found, meaning, _ = self.starts(words[start:], kind)
            if found:
                return meaning
        return None

    def parts(self, words: tuple[str, ...], *kinds: str) -> Iterator[tuple[str, str]]:
        """Yield (kind, meaning) from left to right, longest entry first; an empty kind for a word of none of them."""
        while words:
            kind, meaning, size = self.starts(words, *kinds)
            yield kind, meaning
            words = words[max(size, 1) :]


def fold_words(text: str) -> tuple[str, ...]:
    """Return the words of a text without capitals, accents and punctuation.

    >>> fold_words("24-hour Urine:"), fold_words("Épanchement pleural")
    (('24', 'hour', 'urine'), ('epanchement', 'pleural'))
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    return tuple(re.findall(r"[^\W_]+", "".join(sign for sign in plain if not unicodedata.combining(sign))))


@kept_with_knowledge
def lab_words(knowledge: Knowledge) -> LabWords:
    """Return the words of ``lab_words.csv``, folded."""
    known: dict[str, dict[tuple[str, ...], str]] = {kind: {} for kind in KINDS}
    for row in knowledge.lab_words:
        known[row.kind].setdefault(fold_words(row.spelling), row.meaning)
    longest = max((len(words) for table in known.values() for words in table), default=0)
    return LabWords(known, longest)


def alternatives(knowledge: Knowledge, kind: str) -> str:
    """Return the entries of one kind as part of a regular expression, the longest first; it matches words as typed."""
    spelled = {row.spelling for row in knowledge.lab_words if row.kind == kind}
    return (
        "|".join(re.escape(each).replace(r"\ ", r"\s+") for each in sorted(spelled, key=len, reverse=True)) or r"(?!)"
    )
