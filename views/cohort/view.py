"""What the cohort screen shows of a table of patients: what is read, what came out, one row as a case. No Streamlit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from model import DiagnosticModel
from model.cohort import CohortSummary, Header, ScoredTable, read_header, read_scored, safe_csv, summarise
from model.cohort.check import ColumnCheck, TableCheck, check_table
from model.cohort.scoring import added_columns, score_bytes
from model.errors import EvidenceError, TableError
from model.evidence import MAX_NOTE, Case, Unread, cases_of_today, entered_case, read_cell, units_of
from model.evidence.medicine import MEDICINES
from model.knowledge import Knowledge, Node
from model.progress import Progress, silent
from model.wording import cause_labels, percent
from views.scope_banner import Outside
from views.wording import named

MOST_ROWS = 10_000
MOST_MEGABYTES = 5
PAGE = 25  # rows of the preview
LONGEST_NAME = 60
LONGEST_SHOWN = 40  # letters of a cell in the preview
EXAMPLE = "published-cases.csv"
KINDS = ("csv", "gz", "parquet", "xlsx")
LIMIT = f"At most {MOST_ROWS:,} rows and {MOST_MEGABYTES} MB: CSV in UTF-8 with commas, Parquet or Excel (.xlsx)."
VERDICTS = {
    "in": "In scope",
    "near": "Outside the model's range",
    "refused": "Out of scope",
    "invalid": "Cannot be read",
    "impossible": "Findings clash",
}


@dataclass(frozen=True)
class Upload:
    """A table as it was uploaded, and what of it will be read. Kept for the visit, in memory only."""

    name: str
    content: bytes
    outside: Outside
    check: TableCheck


@dataclass(frozen=True)
class Scored:
    """A scored table: `content` is the file to download, the rest is read from it."""

    setting: str
    content: bytes
    table: ScoredTable
    summary: CohortSummary


def upload_of(
    model: DiagnosticModel, content: bytes, name: str, outside: Outside, progress: Progress = silent
) -> Upload:
    """Check a table. raises : TableError with one sentence for each thing that keeps it from being scored."""
    if len(content) > MOST_MEGABYTES << 20:
        raise TableError(f"{name}: expected at most {MOST_MEGABYTES} MB, got more; split the table.")
    check = check_table(model, content, name, outside, MOST_ROWS, progress)
    if check.problems:
        raise TableError("\n".join(f"{name}: {sentence}" for sentence in check.problems))
    return Upload(name, content, outside, check)


def score_upload(model: DiagnosticModel, upload: Upload, progress: Progress = silent) -> Scored:
    """Score a checked table: the bytes of ``score --safe --on-error mark`` writes, and figures read from them."""
    content, _ = score_bytes(model, upload.content, upload.name, upload.outside, progress, safe=True)
    table = read_scored(content, added_columns(model))
    return Scored(model.setting, content, table, summarise(table, cause_labels(model.knowledge)))


def file_name(given: str) -> str:
    """Return the last part of an uploaded file's name, short and without control letters.

    >>> file_name("../a/patients.csv"), file_name("")
    ('patients.csv', 'table.csv')
    """
    name = "".join(letter for letter in PurePosixPath(given.replace("\\", "/")).name if letter.isprintable())
    return name[-LONGEST_NAME:] or "table.csv"


def scored_name(name: str) -> str:
    """Return the name of the scored file."""
    return f"{PurePosixPath(name.removesuffix('.gz')).stem}-scored.csv"


COLUMNS = ("Column", "Read", "Not assessed", "Unreadable", "Why, the commonest first")


def column_lines(knowledge: Knowledge, check: TableCheck) -> tuple[tuple[str, str, str, str, str], ...]:
    """Return what is read of every column under the head `COLUMNS`; those with something unreadable first."""
    return tuple(
        (
            _column(knowledge, column),
            str(column.read),
            str(column.not_assessed),
            str(column.unreadable),
            " ".join(f"{_times(wrong.rows)}: {_named(knowledge, wrong.sentence)}" for wrong in column.examples),
        )
        for column in sorted(check.columns, key=lambda column: -column.unreadable)
    )


def _column(knowledge: Knowledge, column: ColumnCheck) -> str:
    """Return the node, the label where that is another name, and the unit of numbers without one."""
    said = "Medicines by name" if column.node == MEDICINES else knowledge.nodes[column.node].short_label
    label = f", column {column.label!r}" if column.label.strip().casefold() != column.node else ""
    return f"{said}{label}{f', in {column.unit}' if column.unit else ''}"


def _named(knowledge: Knowledge, sentence: str) -> str:
    node = knowledge.nodes.get(sentence.partition(":")[0])
    return named(node, sentence) if node else sentence


def _times(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows} rows"


def check_sentence(upload: Upload) -> str:
    """Return what will be read, in one sentence or two."""
    check = upload.check
    read = f"{len(check.columns)} column{'s are' if len(check.columns) != 1 else ' is'} read"
    return f"{_times(check.rows)}. {read}. {not_read_sentence(check)}"


def not_read_sentence(check: TableCheck) -> str:
    """Return which columns are kept and not read, by name, and why where it is one the laboratory has."""
    if not check.unread:
        return "No column is left unread."
    return f"Kept, not read: {', '.join(map(str, check.unread))}."


def scope_lines(knowledge: Knowledge, check: TableCheck) -> tuple[tuple[str, str, str, str], ...]:
    """Return (rows, what becomes of them, why, what to do instead), the scope guard's own words."""
    rules = {rule.rule: rule for rule in knowledge.scope}
    answered = check.verdicts.get("in", 0)
    lines = [(str(answered), "Answered", "In scope, or no count is given and you state that it is.", "")]
    for found in check.rules:
        rule = rules[found.rule]
        verdict = "Answered, marked" if found.verdict == "near" else "Not answered"
        lines.append((str(found.rows), verdict, rule.reason, f"{rule.advice} First such row: {found.first}."))
    if unreadable := check.verdicts.get("invalid", 0):
        lines.append((str(unreadable), "Not answered", "A cell cannot be read.", "Correct it, or leave it empty."))
    return tuple(lines)


def summary_sentence(summary: CohortSummary) -> str:
    """Return the outcome: how many were answered, how many fell under each verdict, which cause leads most often."""
    rows = sum(summary.verdicts.values())
    counted = ", ".join(f"{summary.verdicts[verdict]} {said[:1].lower()}{said[1:]}"
                        for verdict, said in VERDICTS.items() if verdict in summary.verdicts)  # fmt: skip
    if not summary.answered:
        return f"None of {_times(rows)} answered: {counted}. The reasons stand below and in the file."
    most = max(summary.leads.values())
    leading = " and ".join(summary.labels[cause] for cause, led in summary.leads.items() if led == most)
    return f"{summary.answered} of {_times(rows)} answered: {counted}. Most often first, in {most}: {leading}."


@dataclass(frozen=True)
class PatientRow:
    """One patient of the preview. `number` counts rows from 1; `about`: the first column that is kept, or nothing."""

    number: int
    about: str
    top: str
    percent: str
    second: str
    scope: str
    reason: str


def patient_rows(knowledge: Knowledge, scored: Scored, page: int) -> tuple[PatientRow, ...]:
    """Return one page of the preview."""
    table = scored.table
    nodes = set(read_header(knowledge, table.header).nodes.values())
    about = next((place for place in range(len(table.header)) if place not in nodes), None)
    return tuple(
        PatientRow(
            row + 1,
            "" if about is None else _cut(table.rows[row][about]),
            *_leaders(scored, row),
            VERDICTS[table.scope[row]],
            _first_sentence(table.reason[row]),
        )
        for row in range(page * PAGE, min((page + 1) * PAGE, len(table)))
    )


def _leaders(scored: Scored, row: int) -> tuple[str, str, str]:
    """Return name and percentage of the likeliest cause, and both of the second."""
    table, labels = scored.table, scored.summary.labels
    if not table.top[row]:
        return "", "", ""
    chances = dict(zip(table.causes, table.probabilities[row].tolist(), strict=True))
    first, second, *_ = sorted(chances, key=lambda cause: -chances[cause])
    return labels[first], percent(chances[first]), f"{labels[second]} {percent(chances[second])}"


def _first_sentence(text: str) -> str:
    """Return the beginning up to the first full stop before a space; all of it stands in the file."""
    head, stop, _ = text.partition(". ")
    return f"{head}." if stop else text


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def pages(scored: Scored) -> int:
    """Return how many pages the preview has."""
    return max(1, -(-len(scored.table) // PAGE))


def case_of_row(knowledge: Knowledge, scored: Scored, number: int, name: str) -> tuple[Case, tuple[str, ...]]:
    """Return row `number`, counted from 1, as a case, and a sentence for each cell that is no state or an old word."""
    row = scored.table.rows[number - 1]
    header = read_header(knowledge, scored.table.header)
    given, ours = {}, []
    for column in header.columns:
        cell = row[column.place].strip().removeprefix("'")
        try:
            value = read_cell(knowledge, column.cells_of, cell, column.header_unit, column.quantity)
        except EvidenceError as error:
            ours.append(Unread(column.node, cell, str(error), guard=False))
        else:
            given |= {column.cells_of: value} if value is not None else {}
    case, unread = entered_case(knowledge, scored.setting, given, _note(header, number, name))
    case = replace(case, unread=(*case.unread, *ours))
    left_out = (replace(each, reason=_named(knowledge, each.reason)).sentence for each in (*ours, *unread))
    return case, (*left_out, *case.notices)


def _note(header: Header, number: int, name: str) -> str:
    """Return where a case comes from, and which columns of its row are no part of it."""
    unread = f" Columns not read: {header.labels_unread}." if header.unread else ""
    return f"Row {number} of {name}.{unread}"[:MAX_NOTE]


def template(knowledge: Knowledge) -> str:
    """Return a table with every column that can be read and no patient."""
    return safe_csv([("patient", *(node.id for node in _entered(knowledge)), MEDICINES)])


MEDICINES_GUIDE = (
    MEDICINES, "Medicines by name", "names, generic or trade, parted by ;", "days, weeks, months, years",
    "Which medicines does the patient take, and for how long? For instance: carbamazepine, 3 weeks, suspected; mtx 2 y",
)  # fmt: skip
GUIDE = ("column", "meaning", "allowed", "units of a number", "question")


def guide_rows(knowledge: Knowledge) -> tuple[tuple[str, ...], ...]:
    """Return every column that can be read: id, name, allowed states, units of a number, question."""
    rows = []
    for node in _entered(knowledge):
        units = ", ".join(node.unit or units_of(knowledge, node.id))
        rows.append((node.id, node.label, ", ".join(node.states) or "a number", units, node.question or node.note))
    return (*rows, MEDICINES_GUIDE)


def guide(knowledge: Knowledge) -> str:
    """Return the same as CSV."""
    return safe_csv([GUIDE, *guide_rows(knowledge)])


def example(knowledge: Knowledge) -> str:
    """Return the published cases, as they presented, as a table to try; the authors' cause is kept and not read."""
    nodes = [node.id for node in _entered(knowledge)]
    cases = cases_of_today(knowledge.folder).values()
    used = [node for node in nodes if any(node in case.presenting() for case in cases)]
    rows = [(case.id, case.true_cause, *(case.presenting().get(node, "") for node in used)) for case in cases]
    return safe_csv([("patient", "authors_cause", *used), *rows])


def _entered(knowledge: Knowledge) -> Sequence[Node]:
    return knowledge.role("guard", "context", "finding", "cause")
