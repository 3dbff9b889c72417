"""Pasted laboratory text as evidence: what was read, what was not and why. Nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from model.evidence.lab_agreement import LabConflict, agreed_results
from model.evidence.lab_line import NOT_BLOOD, NOT_OURS, NOT_UNDERSTOOD, LabEntry, LabLeftOut, read_line
from model.evidence.lab_sections import LONGEST_LINE, lab_sections
from model.knowledge import Knowledge

__all__ = ["LONGEST_LINE", "MAX_BYTES", "MAX_LINES", "NOT_OURS", "LabConflict", "LabText", "read_lab_text"]

MAX_BYTES = 20_000
MAX_LINES = 400


@dataclass(frozen=True, slots=True)
class LabText:
    """What a text gave.

    entries   : results to enter, one a node, in the order of the text
    left_out  : lines that were not read, each ``not ours``, ``not blood`` or ``not understood``
    conflicts : quantities with different results, not among the entries
    sentences : what a reader should know besides: another specimen, an older date, a count that was derived
    lines     : numbers of the lines with anything on them
    """

    entries: tuple[LabEntry, ...]
    left_out: tuple[LabLeftOut, ...]
    conflicts: tuple[LabConflict, ...]
    sentences: tuple[str, ...]
    lines: tuple[int, ...] = ()

    @property
    def evidence(self) -> Mapping[str, str]:
        """Node -> number with its unit, as ``read_evidence`` takes it."""
        return {entry.node: entry.value for entry in self.entries}

    @property
    def not_understood(self) -> tuple[int, ...]:
        """Numbers of the lines that were not understood, or only in part."""
        return self._lines_of(NOT_UNDERSTOOD)

    @property
    def not_ours(self) -> tuple[int, ...]:
        """Numbers of the lines that were understood, and hold something that is no entry of this model."""
        return tuple(line for line in self._lines_of(NOT_OURS) if line not in self.not_understood)

    @property
    def not_blood(self) -> tuple[int, ...]:
        """Numbers of the lines that are of another specimen, or stand below a heading of one."""
        return self._lines_of(NOT_BLOOD)

    def _lines_of(self, status: str) -> tuple[int, ...]:
        return tuple(sorted({left.line for left in self.left_out if left.status == status}))

    @property
    def summary(self) -> str:
        """How much of the text was read, to stand above everything else."""
        if not self.lines:
            return "Nothing was read." if self.sentences else "There is no text."
        lost, total = self.not_understood, f"{len(self.lines)} line{'s' * (len(self.lines) != 1)}"
        parts = [f"Every line was understood, {total} in all."]
        if lost:
            parts = [f"{len(lost)} of {total} {'was' if len(lost) == 1 else 'were'} not understood ({_lines(lost)})."]
        if other := self.not_blood:
            parts.append(f"Not read, for {'it is' if len(other) == 1 else 'they are'} not of blood: {_lines(other)}.")
        if self.conflicts:
            parts.append(f"To be decided by you: {', '.join(each.entries[0].quantity for each in self.conflicts)}.")
        return " ".join(parts)

    def __str__(self) -> str:
        return "\n".join(map(str, self.entries))


def read_lab_text(knowledge: Knowledge, text: str) -> LabText:
    """Read pasted laboratory results: one or more to a line, CSV, tabs, semicolons or columns, in five languages.

    text    : at most 20 kB and 400 lines; more is refused as a whole
    returns : see :class:`LabText`. Left out are a number without a unit where the unit matters, one whose comma or
              point can be read in two ways, a name that ``lab_names.csv`` does not have, a line with anything in it
              that is not understood, and everything below a heading of another specimen, of another patient, or that
              is not known. Of several dates the newest counts, and that is said; where it is not certain, no result of
              the quantity is used. The neutrophil count is computed only when no count is there, see
              :mod:`model.evidence.lab_neutrophils`.
    raises  : nothing on account of `text`.
    """
    size = len(text.encode("utf-8", "replace"))
    lines = text.splitlines()
    if size > MAX_BYTES or len(lines) > MAX_LINES:
        allowed = f"Expected at most {MAX_BYTES} bytes and {MAX_LINES} lines"
        return LabText((), (), (), (f"{allowed}, got {size} and {len(lines)}; nothing was read.",))
    sections = lab_sections(knowledge, lines)
    every, left_out = [], list(sections.left_out)
    for line in sections.results:
        entries, unread = read_line(knowledge, line.line, line.text)
        left_out += unread
        every += [replace(entry, date=entry.date or line.date) for entry in entries]
    agreed = agreed_results(knowledge, every, left_out, sections.sentences)
    return LabText(agreed.entries, agreed.left_out, agreed.conflicts, agreed.sentences, sections.lines)


def _lines(numbers: Sequence[int]) -> str:
    """Return line numbers in words, runs as ranges.

    >>> _lines((2, 5, 6, 7))
    'lines 2, 5 to 7'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = [f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    return f"line{'s' * (len(numbers) > 1)} {', '.join(words)}"
