"""A case as a file: what is known of one patient, replaced numbers of the model included."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from model.elicitation import plug_in
from model.errors import CaseFileError, ModelError, listed
from model.evidence.course import COURSE, course_lines
from model.evidence.medicine import MEDICINES, lines_without, medicine_lines
from model.evidence.read import Evidence
from model.evidence.read_each import Unread, by_the_rule, read_each
from model.evidence.renamed import todays_words
from model.knowledge import Knowledge

SCHEMA = 1
MAX_BYTES = 200_000
MAX_NOTE = 10_000
_KEYS = ("schema", "setting", "evidence", "note", "numbers", "model_hash")


@dataclass(frozen=True)
class Case:
    """One patient: what is known, in which setting, with a free note. Holds no identity.

    evidence : what is known; a guard that cannot be read stays in it as given, so that nothing answers without it
    numbers  : record id -> value that stands in for the model's own in this case, as ``DiagnosticModel.override`` takes
    unread   : entries that are no guards and cannot be read; they have no part in an answer and are saved as given
    dropped  : one sentence for each other thing a file or link held that this model does not know
    notices  : one sentence for each word of an earlier version that it held, and how that is read now
    """

    setting: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)
    unread: tuple[Unread, ...] = ()
    dropped: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def entries(self) -> dict[str, Any]:
        """Everything that was entered, read or not."""
        unread = {each.node: each.given for each in self.unread if each.node not in self.evidence}
        for node, lines in ((MEDICINES, medicine_lines), (COURSE, course_lines)):
            if left := [each.given for each in self.unread if each.node == node]:
                unread[node] = [*lines(self.evidence.get(node)), *left]
        return {**self.evidence, **unread}

    @property
    def left_out(self) -> tuple[str, ...]:
        """One sentence for each thing that has no part in the answer, for whatever outlasts the asking."""
        return (*(each.reason for each in self.unread), *self.dropped)

    def to_json(self, model_hash: str) -> str:
        """Return the case file; `model_hash` says which model the findings were entered for."""
        content = {
            "schema": SCHEMA,
            "setting": self.setting,
            "evidence": self.entries,
            "note": self.note,
            **({"numbers": dict(self.numbers)} if self.numbers else {}),
            "model_hash": model_hash,
        }
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def entered_case(
    knowledge: Knowledge,
    setting: str,
    entries: Mapping[str, Any],
    note: str = "",
    numbers: Mapping[str, float] | None = None,
    dropped: tuple[str, ...] = (),
    as_read: tuple[Evidence, tuple[Unread, ...]] | None = None,
    notices: tuple[str, ...] = (),
) -> tuple[Case, tuple[Unread, ...]]:
    """Return a case of `entries` as somebody gave them, and those that cannot be read, guards included.

    Words of cells (yes, NA) become what they stand for; an entry that is not assessed has no part in the case. Words of
    earlier versions are put into the words of today; the case holds a sentence for each.

    as_read : what ``read_each`` made of them, where they have been read already, with the `notices` of that
    """
    values, _ = by_the_rule(knowledge, entries)
    entries = {node: values.get(node, given) for node, given in entries.items() if values.get(node, given) is not None}
    if as_read is None:
        entries, told = todays_words(knowledge, entries)
        as_read, notices = read_each(knowledge, entries), (*notices, *told)
    read, unread = as_read
    left = tuple(each for each in unread if not each.guard)
    away = {each.node for each in left}
    evidence = {node: value for node, value in entries.items() if node not in away}
    if MEDICINES in away and (readable := lines_without(entries[MEDICINES], [each.given for each in left])):
        evidence[MEDICINES] = readable
    if COURSE in away:
        gone = [each.given for each in left if each.node == COURSE]
        if readable := [line for line in course_lines(entries[COURSE]) if line not in gone]:
            evidence[COURSE] = readable
    if "sex" in evidence and "sex" in read.given:
        evidence["sex"] = read.guards.get("sex", read.given["sex"])  # f and F as nodes.csv spells them
    return Case(setting, evidence, note, numbers or {}, left, dropped, notices), unread


def read_case(text: str | bytes, knowledge: Knowledge, model_hash: str | None = None) -> tuple[Case, tuple[str, ...]]:
    """Read a case file.

    text       : the file's content, at most 200 kB of UTF-8
    model_hash : the model it will be used with; a different one in the file is worth a warning
    returns    : the case, nodes and sex spelled as in nodes.csv, and one sentence for each thing left out because this
                 model does not know it, or kept and in the way of any answer because it is a guard, and for each word
                 of an earlier version
    raises     : CaseFileError when nothing sensible can be read, or a node is given twice.
    """
    return case_of(_parse(text), knowledge, model_hash)


def case_of(
    content: Mapping[str, Any], knowledge: Knowledge, model_hash: str | None = None
) -> tuple[Case, tuple[str, ...]]:
    """Return the case that the content of a file or link states; arguments, result and errors as ``read_case``."""
    setting = content.get("setting", next(iter(knowledge.settings)))
    if not isinstance(setting, str) or setting not in knowledge.settings:
        raise CaseFileError(f"Case file: setting {setting!r} is unknown; allowed is {listed(knowledge.settings)}.")
    evidence, note = content.get("evidence", {}), content.get("note", "")
    if not isinstance(evidence, dict):
        raise CaseFileError(f"Case file: expected 'evidence' as a mapping of nodes, got {type(evidence).__name__}.")
    if not isinstance(note, str) or len(note) > MAX_NOTE:
        raise CaseFileError(f"Case file: expected 'note' as text of at most {MAX_NOTE} characters.")
    dropped = [f"{key!r} is not part of a case file." for key in content if key not in _KEYS]
    numbers = _numbers(knowledge, setting, content.get("numbers", {}), dropped)
    case, unread = entered_case(knowledge, setting, _folded(evidence), note, numbers, tuple(dropped))
    first = sorted(unread, key=lambda each: not each.guard)  # what is in the way of any answer is told first
    warnings = [*(each.sentence for each in first), *(f"Left out: {sentence}" for sentence in dropped), *case.notices]
    made_with = content.get("model_hash")
    if model_hash and made_with and made_with != model_hash:
        warnings.append(
            f"The case was saved with model {str(made_with)[:12]}; this is {model_hash}, so probabilities may differ."
        )
    return case, tuple(warnings)


def _numbers(knowledge: Knowledge, setting: str, given: Any, dropped: list[str]) -> dict[str, float]:
    """Return the replaced numbers that this model can take; a sentence for each other goes to `dropped`."""
    if not isinstance(given, dict):
        raise CaseFileError(f"Case file: expected 'numbers' as a mapping of record ids, got {type(given).__name__}.")
    numbers: dict[str, float] = {}
    for number, value in given.items():
        try:
            plug_in(knowledge, setting, knowledge.default_scale, {number: value})
        except ModelError as error:
            dropped.append(str(error))
        else:
            numbers[number] = float(value)
    return numbers


def _folded(evidence: Mapping[str, Any]) -> dict[str, Any]:
    folded: dict[str, Any] = {}
    for key, value in evidence.items():
        node = key.strip().casefold()
        if node in folded:
            raise CaseFileError(f"Case file: expected each node once, got {node!r} twice.")
        folded[node] = value
    return folded


def _parse(text: str | bytes) -> dict[str, Any]:
    if not isinstance(text, str | bytes):
        raise CaseFileError(f"Case file: expected text or bytes, got {type(text).__name__}.")
    try:
        size = len(text if isinstance(text, bytes) else text.encode())
        if size > MAX_BYTES:
            raise CaseFileError(f"Case file: expected at most {MAX_BYTES} bytes, got {size}.")
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        content = json.loads(decoded, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
        json.dumps(content, ensure_ascii=False).encode()  # refuses half a surrogate pair, written as an escape
    except CaseFileError:
        raise
    except (RecursionError, ValueError) as error:
        reason = str(error).split("\n")[0] if str(error) else type(error).__name__
        raise CaseFileError(f"Case file: expected JSON in UTF-8, but it cannot be read ({reason}).") from None
    if not isinstance(content, dict):
        raise CaseFileError(f"Case file: expected an object with {listed(_KEYS)}, got {type(content).__name__}.")
    if content.get("schema") != SCHEMA:
        raise CaseFileError(f"Case file: expected schema {SCHEMA}, got {content.get('schema')!r}.")
    return content


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        twice = sorted({key for key, _ in pairs if sum(key == other for other, _ in pairs) > 1})
        raise ValueError(f"{', '.join(map(repr, twice))} given twice")
    return content


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number JSON allows")
