"""Every way into the model, each as a function that takes what was drawn and holds the promise of that way.

The promise: what comes in is answered with numbers, or refused with a sentence (a ``ModelError``, or an exit code and a
line on standard error). Anything else that is raised is a fault. A new way in is a new entry of ``ENTRANCES``.
"""

import contextlib
import csv
import io
import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any
from unittest.mock import patch
from xml.etree import ElementTree

from hypothesis import strategies as st

import model
from model.__main__ import main
from model.cohort.scoring import score_bytes
from model.diagnostic_model import DiagnosticModel
from model.errors import CaseFileError, ModelError
from model.evidence import Case, entered_case, read_case, read_each
from model.evidence.case_link import read_link, to_link
from model.evidence.course import COURSE
from model.evidence.course_text import read_course_text
from model.evidence.fhir import bundle_case
from model.evidence.lab_text import read_lab_text
from model.evidence.medicine import MEDICINES
from model.evidence.read import read_evidence
from model.evidence.typed_line import read_typed
from model.knowledge import load_knowledge
from model.knowledge.load import ANSWER_TABLES, PARAMETER_FILES
from model.report import course_picture, course_rows, follow_lines
from tests.fuzz import drawn
from views.cohort import view

MODEL = model.load()
KNOWLEDGE = MODEL.knowledge


def assert_numbers(content: Any) -> None:
    """Assert that every number in a nest of mappings is one."""
    if isinstance(content, dict):
        for each in content.values():
            assert_numbers(each)
    elif isinstance(content, float):
        assert isfinite(content), content


def assert_sentence(error: ModelError) -> None:
    """Assert that an error says something."""
    assert str(error).strip()


def answered(loaded: DiagnosticModel, evidence: Any, outside: str = "refuse") -> None:
    """Ask for an answer: numbers, probabilities among them from 0 to 1, or a sentence."""
    try:
        found = loaded.posterior(evidence, outside).to_dict()
    except ModelError as error:
        assert_sentence(error)
        return
    assert_numbers(found)
    assert all(0 <= each <= 1 for each in found["causes"].values())
    assert abs(sum(found["share"].values()) - 1) < 1e-9


def case_file(raw: bytes) -> None:
    """A case file: read, answered with its own numbers, and the same when it is saved and read again."""
    try:
        case, warnings = read_case(raw, KNOWLEDGE, MODEL.hash)
    except CaseFileError as error:
        assert_sentence(error)
        return
    assert all(map(str.strip, warnings))
    _answer_case(case)
    again, _ = read_case(case.to_json(MODEL.hash), KNOWLEDGE, MODEL.hash)
    assert (again.evidence, again.numbers, again.note) == (case.evidence, case.numbers, case.note)


def bundle(raw: bytes) -> None:
    """A FHIR Bundle: read, answered as the case it makes, and the same when that is saved and read again."""
    try:
        case, said, read = bundle_case(KNOWLEDGE, MODEL.setting, raw)
    except CaseFileError as error:
        assert_sentence(error)
        return
    assert all(map(str.strip, said))
    assert str(read.summary).strip()
    _answer_case(case)
    again, _ = read_case(case.to_json(MODEL.hash), KNOWLEDGE, MODEL.hash)
    assert again.evidence == case.evidence


def link(token: str) -> None:
    """A link."""
    try:
        case, _ = read_link(token, KNOWLEDGE, MODEL.hash)
    except CaseFileError as error:
        assert_sentence(error)
        return
    _answer_case(case)


def _answer_case(case: model.evidence.Case) -> None:
    try:
        loaded = MODEL.override(case.numbers) if case.numbers and case.setting == MODEL.setting else MODEL
    except ModelError as error:
        assert_sentence(error)
        return
    answered(loaded, case.evidence, "allow")


def table(raw: bytes) -> None:
    """A table of patients, as the command reads it and as the cohort screen checks it: as many rows come out."""
    try:
        content, summary = score_bytes(MODEL, raw, "in.csv")
    except ModelError as error:
        assert_sentence(error)
    else:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert len(rows) == summary.rows
        for row in rows:
            numbers = [row[f"p_{cause.id}"] for cause in MODEL.network.causes]
            assert all(0 <= float(each) <= 1 for each in numbers) if numbers[0] else not any(numbers)
            assert bool(numbers[0]) == (row["scope"] in ("in", "near"))
            assert numbers[0] or row["scope_reason"].strip()
    with contextlib.suppress(ModelError):
        upload = view.upload_of(MODEL, raw, "in.csv", "refuse")
        view.check_sentence(upload), view.column_lines(KNOWLEDGE, upload.check)


def lab_text(text: str) -> None:
    """Pasted laboratory text, which is never refused: what it gives can be read, and is answered."""
    found = read_lab_text(KNOWLEDGE, text)
    assert str(found.summary).strip()
    for evidence in (found.evidence, {**found.evidence, "sex": "female"}):
        answered(MODEL, evidence)
    read_evidence(KNOWLEDGE, {**found.evidence, "sex": "female"})


def typed_line(text: str) -> None:
    """The typed line, which is never refused: what it gives can be read and is answered, what it leaves stays."""
    line = read_typed(KNOWLEDGE, text)
    for piece in line.pieces:
        assert bool(piece.reading) != bool(piece.reason)
        assert not piece.reason or piece.text in line.left
    evidence = {**line.evidence, **({MEDICINES: list(line.medicines)} if line.medicines else {})}
    read_evidence(KNOWLEDGE, evidence)
    answered(MODEL, evidence)


def course(text: str) -> None:
    """A course over time, pasted, and its lines as a file holds them; a link of it holds no date and says the same."""
    read = read_course_text(KNOWLEDGE, text)
    assert str(read.summary).strip()
    assert all(left.reason.strip() for left in read.unread)
    answered(MODEL, {COURSE: list(read.lines)}, "allow")
    given = {COURSE: text.splitlines(), "other_culprit_drug": "absent", "fever": "absent"}
    case, unread = entered_case(KNOWLEDGE, MODEL.setting, given)
    assert all(each.sentence.strip() for each in unread)
    again, _ = read_case(case.to_json(MODEL.hash), KNOWLEDGE, MODEL.hash)
    assert again.evidence == case.evidence
    answered(MODEL, case.evidence, "allow")
    usable, _ = read_each(KNOWLEDGE, {COURSE: list(read.lines)})
    with contextlib.suppress(CaseFileError):  # dates a century apart
        token = to_link(Case(MODEL.setting, {COURSE: list(read.lines)}), KNOWLEDGE, MODEL.hash)
        assert read_evidence(KNOWLEDGE, read_link(token, KNOWLEDGE, MODEL.hash)[0].evidence).key == usable.key
    course_rows(KNOWLEDGE, usable), follow_lines(KNOWLEDGE, usable, {})
    if usable.course and (picture := course_picture(KNOWLEDGE, usable.course)):
        ElementTree.fromstring(picture.svg())


FOLDERS: dict[str, Path] = {}  # a scratch folder for each entrance that needs one, made by the test


def arguments(words: list[str]) -> None:
    """The command line, in a folder of sound and of spoilt files."""
    folder = FOLDERS["arguments"]
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    before = os.getcwd()
    os.chdir(folder)
    try:
        with patch.object(sys, "stdout", out), patch.object(sys, "stderr", err):
            code = main(words)
    except SystemExit as ended:
        code = ended.code
    finally:
        os.chdir(before)
        shutil.rmtree(folder / "out", ignore_errors=True)
        left = [path.name for path in folder.glob(".*.partial")]
    for stream in (out, err):
        stream.flush()
    printed, said = (stream.buffer.getvalue().decode() for stream in (out, err))
    assert code in (0, 2), (code, said)
    assert not left
    assert "Traceback" not in said
    assert said.strip() if code else True
    if code == 0 and printed.startswith("{"):
        assert_numbers(json.loads(printed))
    if "nan" not in "".join(words).casefold():
        assert not re.search(r"\bnan\b", printed)


def sound_and_spoilt_files(folder: Path) -> None:
    """Write what the command line is pointed to."""
    (folder / "case.json").write_text('{"schema": 1, "evidence": {"fever": "present"}}', encoding="utf-8")
    (folder / "spoilt.json").write_text('{"schema": 1, "evidence": {"fever": ', encoding="utf-8")
    (folder / "table.csv").write_text("id,fever,ANC (/mm3)\n1,present,1200\n2,,300\n", encoding="utf-8")
    (folder / "spoilt.csv").write_text('id,fever\n"1,present\n2,hot,3\n', encoding="utf-8")
    (folder / "bytes").write_bytes(bytes(range(256)))


TABLES = [f"{name}.csv" for name in ANSWER_TABLES] + [f"parameters/{name}.csv" for name in PARAMETER_FILES]


@dataclass(frozen=True)
class Spoilt:
    """One table of the knowledge with one thing wrong: a cell, a row, a column, or some bytes."""

    name: str
    how: str
    row: int
    column: int
    text: str

    def content(self, sound: bytes) -> bytes:
        """Return the table with it."""
        if self.how == "bytes":
            at = self.row * 97 % len(sound)
            return sound[:at] + self.text.encode("utf-8", "surrogatepass")[:4] + b"\xff" + sound[at + 3 :]
        rows = list(csv.reader(io.StringIO(sound.decode("utf-8"))))
        row, column = self.row % len(rows), self.column % len(rows[0])
        if self.how == "cell":
            rows[row][column] = self.text
        elif self.how == "other cell":
            rows[row][column] = rows[(row * 7 + 1) % len(rows)][column]
        elif self.how == "row":
            del rows[row]
        elif self.how == "again":
            rows.append(rows[row])
        elif self.how == "short":
            del rows[row][column:]
        else:
            rows = [[cell for place, cell in enumerate(each) if place != column] for each in rows]
        written = io.StringIO()
        csv.writer(written, lineterminator="\n").writerows(rows)
        return written.getvalue().encode("utf-8", "surrogatepass")


HOWS = ["cell", "cell", "cell", "other cell", "other cell", "row", "again", "short", "column", "bytes"]
number = st.one_of(
    st.floats().map(str), st.floats(0, 1).map(str), st.sampled_from(["0", "1", "0.5", "-1", "1e300", "0.0005"])
)
spoilt = st.builds(
    Spoilt, st.sampled_from(TABLES), st.sampled_from(HOWS), st.integers(0, 400), st.integers(0, 30), number | drawn.word
)  # fmt: skip


def knowledge(what: Spoilt) -> None:
    """The tables of knowledge: refused with a sentence, or a model that answers with numbers."""
    path = FOLDERS["knowledge"] / what.name
    sound = path.read_bytes()
    try:
        path.write_bytes(what.content(sound))
        read = load_knowledge.__wrapped__(FOLDERS["knowledge"])
        loaded = DiagnosticModel.of(read, next(iter(read.settings)), read.default_scale)
        for evidence in ({}, {"fever": "present", "serum_b12": "150 pg/mL", "anc": "1200 /mm3"}):
            answered(loaded, evidence)
    except ModelError as error:
        assert_sentence(error)
    finally:
        path.write_bytes(sound)


@dataclass(frozen=True)
class Entrance:
    """One way in: what is drawn for it, what it promises, and how many examples the tests can afford."""

    draws: st.SearchStrategy[Any]
    promise: Callable[[Any], None]
    examples: int = 300


ENTRANCES = {
    "arguments": Entrance(drawn.arguments, arguments, 200),
    "case_file": Entrance(drawn.case_file, case_file),
    "link": Entrance(drawn.link, link),
    "table": Entrance(drawn.table, table),
    "lab_text": Entrance(drawn.lab_text, lab_text),
    "bundle": Entrance(drawn.bundle, bundle),
    "typed_line": Entrance(drawn.typed_line, typed_line),
    "course": Entrance(drawn.course, course),
    "knowledge": Entrance(spoilt, knowledge),
}
