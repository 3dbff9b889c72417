"""Which lines of pasted laboratory text are blood results of one patient, and of which date.

A heading of another specimen, or one that is not understood, ends the reading until a heading of blood results. A
second patient ends it for good. A name alone on its line is joined with the number on the next.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from model.errors import shown
from model.evidence.lab_columns import Columns, current_only, heading_of
from model.evidence.lab_cumulative import Cumulative, cumulative_at
from model.evidence.lab_dates import LabDate, date_of
from model.evidence.lab_line import NOT_BLOOD, NOT_OURS, NOT_UNDERSTOOD, LabLeftOut, cells, printable
from model.evidence.lab_spellings import HEADING, Spellings, name_at, names_in, spellings
from model.evidence.lab_words import (
    BLOOD,
    DATE,
    NEUTRAL,
    OTHER,
    OUTCOME,
    PATIENT,
    REMARK,
    SPECIMEN,
    LabWords,
    fold_words,
    lab_words,
)  # fmt: skip
from model.evidence.numerals import fold_unit
from model.knowledge import Knowledge

LONGEST_LINE = 400  # characters
_LONGEST_HEADING = 8  # words: a longer line without a digit is a sentence
_SENTENCE = 4  # words from which a full stop at the end makes a sentence
_VALUE_LINE = re.compile(r"\s*(?:[(\[]?(?:HH?|LL?)[)\]]?\s+)?\*?[<>≤≥]?=?\s*\.?[0-9]", re.IGNORECASE)
_RANGE_LINE = re.compile(r"[(\[]?\s*[0-9.,]+\s*[-–]\s*[0-9.,]+\s*[)\]]?\s*\S{0,12}")
_MARKED = re.compile(r"(?:\++|[-–]|\([+-]+\))\s*$")
_COLON = re.compile(r"[:#]")


@dataclass(frozen=True, slots=True)
class LabResultLine:
    """A line that may hold blood results. text : what of it is read;  date : of its section, where it has one"""

    line: int
    text: str
    date: LabDate | None


@dataclass(frozen=True, slots=True)
class LabSections:
    """What a text is made of.

    results   : the lines to read;  left_out : headings and lines that are not read, and why
    sentences : what a reader should know besides;  lines : numbers of the lines with anything on them
    """

    results: tuple[LabResultLine, ...]
    left_out: tuple[LabLeftOut, ...]
    sentences: tuple[str, ...]
    lines: tuple[int, ...]


@dataclass(slots=True)
class _State:
    """What the lines so far have set. closed : why the lines that follow are not read; empty while they are"""

    closed: str = ""
    status: str = NOT_OURS
    date: LabDate | None = None
    columns: Columns | None = None
    patient: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    seen: bool = False  # a line of results
    over: bool = False  # a second patient


def lab_sections(knowledge: Knowledge, lines: Sequence[str]) -> LabSections:
    """Sort the lines of a text. Raises nothing on account of `lines`."""
    reader = _Reader(
        knowledge, [(number, printable(line)) for number, line in enumerate(lines, start=1) if line.strip()]
    )
    at = 0
    while at < len(reader.lines):
        at = reader.take(at)
    numbers = tuple(number for number, _ in reader.lines)
    return LabSections(tuple(reader.results), tuple(reader.left_out), tuple(reader.sentences), numbers)


class _Reader:
    """Goes through the lines once; `take` returns where the next line is."""

    def __init__(self, knowledge: Knowledge, lines: list[tuple[int, str]]) -> None:
        self.knowledge, self.lines = knowledge, lines
        self.words: LabWords = lab_words(knowledge)
        self.names: Spellings = spellings(knowledge)
        self.state = _State()
        self.results: list[LabResultLine] = []
        self.left_out: list[LabLeftOut] = []
        self.sentences: list[str] = []

    def take(self, at: int) -> int:
        """Sort one line, with the value on the next where it belongs to it."""
        number, text = self.lines[at]
        state = self.state
        if len(text) > LONGEST_LINE:
            reason = f"The line has {len(text)} characters; at most {LONGEST_LINE} are read."
            self._leave(number, f"{text[:60]}...", reason, NOT_UNDERSTOOD)
            return at + 1
        if state.over:
            self._leave(number, text, state.closed, state.status)
            return at + 1
        if not state.closed and (table := cumulative_at(self.knowledge, self.names, self.lines[at:])):
            return at + self._cumulative(table)
        if columns := heading_of(self.knowledge, self.names, number, text):
            state.columns, state.date = columns, columns.date or state.date
            return at + 1
        dates = [date for found in self.names.date.finditer(text) if (date := date_of(self.knowledge, found))]
        bare = self.names.date.sub(" ", text)
        found, rest = names_in(self.names, cells(self.names, bare))
        words = fold_words(bare)
        if self._patient(number, text, words, dates):
            return at + 1
        if other := self.words.anywhere(fold_words(rest), OTHER):
            self._close(number, text, f"is of {other}, not of the patient's blood", NOT_BLOOD)
            return at + 1
        if not found and self._heading(at, number, text, bare, words, dates):
            return at + 1
        if state.closed:
            self._leave(number, text, state.closed, state.status)
            return at + 1
        state.seen = True
        return self._result(at, number, text)

    def _cumulative(self, table: Cumulative) -> int:
        """Handle a table with one column a test and one row a date; return how many lines it takes."""
        self.state.seen = True
        self.results += [LabResultLine(each.line, each.text, each.date) for each in table.results]
        for line, text, why in table.unread:
            self._leave(line, text, why, NOT_UNDERSTOOD)
        return table.lines

    def _patient(self, number: int, text: str, words: tuple[str, ...], dates: list[LabDate]) -> bool:
        """Handle the name, birthday, number, sex or age of a patient; the second one ends the reading."""
        head = words
        while size := self.words.starts(head, REMARK)[2]:
            head = head[size:]
        _, what, size = self.words.starts(head, PATIENT)
        named = names_in(self.names, text)[0]
        if what and (_COLON.search(text) or not named):
            key, value = head[:size], (*head[size:], *(str(date) for date in dates))
        else:
            parts = [fold_words(part) for part in _COLON.split(text)]
            ends = [self._patient_end(part) for part in parts[:-1]]
            at = next((at for at, end in enumerate(ends) if end), None)
            if at is None:
                return False
            what, key, value = "name", ends[at], tuple(word for part in parts[at + 1 :] for word in part)
        if not value:
            value = self._next_words(number)
        patient = self.state.patient
        known = patient.get(key) if self.state.seen else patient.setdefault(key, value)
        if known != value:
            self.state.over = True
            self.state.status = NOT_UNDERSTOOD
            reason = (
                f"Line {number}, {shown(text)}, reads as the heading of another patient; nothing from there on is "
                "read. Paste the results of one patient."
            )
            self.state.closed = reason
            self.sentences.append(reason)
        status = NOT_UNDERSTOOD if self.state.over or named else NOT_OURS
        reason = self.state.closed if self.state.over else f"The {what} of the patient; nothing on this line is read."
        self._leave(number, text, reason, status)
        return True

    def _patient_end(self, part: tuple[str, ...]) -> tuple[str, ...]:
        """Return the words at the end of a part of a line that introduce a patient; "Lab ID" is a remark and none."""
        if part and self.words.starts(part, REMARK)[2] == len(part):
            return ()
        ends = (part[start:] for start in range(len(part)))
        return next((end for end in ends if self.words.starts(end, PATIENT)[2] == len(end)), ())

    def _next_words(self, number: int) -> tuple[str, ...]:
        later = [text for line, text in self.lines if line > number]
        return fold_words(later[0]) if later else ()

    def _heading(
        self, at: int, number: int, text: str, bare: str, words: tuple[str, ...], dates: list[LabDate]
    ) -> bool:
        """Handle a line without a name that is known: a date, a heading, a remark; return whether it was one."""
        kinds = [kind for kind, _ in self.words.parts(words, BLOOD, SPECIMEN, NEUTRAL, DATE)]
        first, meaning, _ = self.words.starts(words, REMARK, DATE, SPECIMEN)
        if dates and first == DATE and meaning == OTHER:
            return True  # when it was printed or received says nothing about when the blood was taken
        if all(kinds) and (dates or words):
            if dates:
                self.state.date = dates[0]
            if BLOOD in kinds and not self._answered(at) and not _MARKED.search(bare):  # blood in urine: +++
                self.state.closed = ""
            return bool(dates) or not re.search(r"[0-9]", bare)
        letterhead = not self.state.seen and self.words.anywhere(words, REMARK) is not None
        if first == REMARK or letterhead or (first == DATE and meaning == OTHER):
            self._leave(number, text, self.state.closed or "A remark; not read.", self.state.status)
            return True
        digits = re.search(r"[0-9]", bare)
        if first == SPECIMEN and digits:
            return self._close(number, text, "is a specimen that is not understood", NOT_UNDERSTOOD)
        if self._continues(bare):
            return False  # a unit or a flag that came apart from its number
        if not words or (digits and not bare.rstrip().endswith(":")):
            return not words and not digits and not self.state.closed and bool(dates or _MARKED.search(bare))
        if self._answered(at) and not dates and not bare.rstrip().endswith(":"):
            return False  # the name of a test that is not known, with its number on the next line
        sentence = len(words) >= _SENTENCE and bare.rstrip().endswith((".", "!", "?"))
        if sentence or len(words) > _LONGEST_HEADING or self.words.ends(words, OUTCOME) or _MARKED.search(bare):
            return False
        return self._close(number, text, "is a heading that is not understood", NOT_UNDERSTOOD)

    def _answered(self, at: int) -> bool:
        """Say whether the next line is only a number or an outcome, so that this one is a name and no heading."""
        if at + 1 >= len(self.lines):
            return False
        text = self.lines[at + 1][1]
        if self.names.date.match(text.lstrip()) or names_in(self.names, text)[0]:
            return False
        words = fold_words(text)
        outcome = self.words.starts(words, OUTCOME)[2] == len(words)
        return bool(_VALUE_LINE.match(text) or _MARKED.fullmatch(text.strip())) or (outcome and bool(words))

    def _result(self, at: int, number: int, text: str) -> int:
        """Handle a line of results; a name alone takes the number of the next line."""
        state, end, line = self.state, at + 1, number
        if self._lone_name(text):
            end = self._joined(at)
            if end > at + 1:
                line, text = self.lines[at + 1][0], " ".join(part for _, part in self.lines[at:end])
        if state.columns:
            text, reason = current_only(self.knowledge, self.names, state.columns, text)
            if reason:
                self._leave(line, self.lines[at][1], reason, NOT_UNDERSTOOD)
                return end
        self.results.append(LabResultLine(line, text, state.date))
        return end

    def _lone_name(self, text: str) -> bool:
        text = text.strip(" \t:;|,=*•-")
        rows, end = name_at(self.names, text, 0)
        return bool(rows) and rows[0].quantity != HEADING and end == len(text)

    def _joined(self, at: int) -> int:
        """Return where the result ends whose name stands alone in line `at`; the next line where it is not certain.

        Names one below the other before their numbers are columns that came apart; so are two numbers in a row.
        """
        if at and self._lone_name(self.lines[at - 1][1]):
            return at + 1
        end = at + 1
        if end >= len(self.lines) or not self._starts_value(self.lines[end][1]):
            return at + 1
        end += 1
        while end < len(self.lines) and end < at + 5 and self._continues(self.lines[end][1]):
            end += 1
        follows = end < len(self.lines) and self._starts_value(self.lines[end][1])
        return at + 1 if follows else end

    def _starts_value(self, text: str) -> bool:
        dated = self.names.date.match(text.lstrip())
        return bool(_VALUE_LINE.match(text)) and not dated and not names_in(self.names, text)[0]

    def _continues(self, text: str) -> bool:
        """Say whether a line is only a unit, a flag or a range."""
        text = text.strip()
        flag = self.names.flag.match(text)
        unit = any(fold_unit(text) in known for known in self.names.units.values())
        return unit or bool(_RANGE_LINE.fullmatch(text)) or (flag is not None and flag.end() == len(text))

    def _close(self, number: int, text: str, why: str, status: str) -> bool:
        """End the section at this line."""
        self.state.closed = (
            f"Below line {number}, {shown(text)}, which {why}: not read. A heading such as 'Blood' before blood "
            "results starts the reading again."
        )
        self.state.status = status
        reason = f"The line {why}; nothing below it is read until a heading of blood results."
        self.sentences.append(f"Line {number}, {shown(text)}, {why}; nothing below it was read as blood.")
        self._leave(number, text, reason, status)
        return True

    def _leave(self, number: int, text: str, reason: str, status: str) -> None:
        self.left_out.append(LabLeftOut(number, text, reason, status))
