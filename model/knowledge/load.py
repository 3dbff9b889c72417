"""The knowledge: the tables of ``data/`` as frozen, checked values. Nothing here computes a probability."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property, lru_cache, wraps
from math import inf
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from model.errors import KnowledgeError, listed, nearest
from model.knowledge import course_tables, medicine_tables, rows, typed_tables
from model.knowledge.csv_table import cell_items, table_rows, table_text
from model.knowledge.medicines import check_medicines

KINDS = (
    "share_order", "other_share", "cooccurrence", "population", "split", "base_rate",
    "baseline_hazard", "hazard", "link", "leak", "mechanism", "relative_hazard", "relative_base_rate", "both",
)  # fmt: skip
RATIO_KINDS = frozenset({"relative_hazard", "relative_base_rate"})  # may exceed 1, and mean something on a log scale
SETTING_KINDS = frozenset({"share_order", "other_share", "cooccurrence", "population", "base_rate"})
READINGS = ("order", "word", "number", "literature", "assumption")
GRADES = ("A", "B", "C", "D", "E")
TAGS = ("ARTICLE", "SEEN", "DERIVED", "RECALLED", "GAP")
ROLES = ("cause", "context", "finding", "selection", "mechanism", "guard")
CELL_MEANINGS = ("not_assessed", "present", "absent", "code")
PARAMETER_FILES = ("population", "base_rates", "hazards", "links", "leaks", "mechanisms")
ANSWER_TABLES = (  # besides the parameters, the tables that an answer depends on
    "nodes", "settings", "verbal_scales", "labs", "units", "scope", "test_costs", "panels", "decision_rules",
    "alternative_readings", "drugs", "medicine_rules", "course_rules",
)  # fmt: skip


def data_folder() -> Path:
    """Return the folder of the tables: inside an installed wheel, else beside the package in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_data"
    return installed if installed.is_dir() else package.parent / "data"


Row = TypeVar("Row")
T = TypeVar("T")


@dataclass(frozen=True)
class Knowledge:
    """All tables, checked. Immutable, so one object can serve every thread."""

    nodes: Mapping[str, rows.Node]
    records: tuple[rows.Record, ...]
    claims: Mapping[str, rows.Claim]
    traces: tuple[rows.Trace, ...]
    sources: Mapping[str, rows.Source]
    words: tuple[rows.Word, ...]
    settings: Mapping[str, rows.Setting]
    labs: tuple[rows.Lab, ...]
    units: tuple[rows.Unit, ...]
    scope: tuple[rows.ScopeRule, ...]
    guidance: tuple[rows.Guidance, ...]
    disagreements: tuple[rows.Disagreement, ...]
    examples: tuple[rows.Example, ...]
    folder: Path
    digest: str
    costs: tuple[rows.Cost, ...] = ()
    panels: tuple[rows.Panel, ...] = ()
    decision_rules: tuple[rows.DecisionRule, ...] = ()
    alternative_readings: tuple[rows.AlternativeReading, ...] = ()
    stopping: tuple[rows.StoppingRule, ...] = ()
    weight_words: tuple[rows.WeightWord, ...] = ()
    lab_names: tuple[rows.LabName, ...] = ()
    lab_words: tuple[rows.LabWord, ...] = ()
    cell_words: tuple[rows.CellWord, ...] = ()
    renamed_states: tuple[rows.RenamedState, ...] = ()
    medicines: tuple[medicine_tables.Medicine, ...] = ()
    medicine_rules: Mapping[str, medicine_tables.MedicineRule] = field(default_factory=dict)
    medicine_words: tuple[medicine_tables.MedicineWord, ...] = ()
    course_rules: Mapping[str, course_tables.CourseRule] = field(default_factory=dict)
    course_words: tuple[course_tables.CourseWord, ...] = ()
    typed_phrases: tuple[typed_tables.TypedPhrase, ...] = ()
    typed_words: tuple[typed_tables.TypedWord, ...] = ()
    fhir_codes: tuple[rows.FhirCode, ...] = ()
    better_figures: tuple[rows.BetterFigure, ...] = ()
    reporting_items: tuple[rows.ReportingItem, ...] = ()

    def __repr__(self) -> str:
        sizes = f"{len(self.records)} records, {len(self.nodes)} nodes, {len(self.settings)} settings"
        return f"<Knowledge {self.digest[:12]}: {sizes}>"

    def role(self, *roles: str) -> tuple[rows.Node, ...]:
        """Return the nodes of these roles, in the order of ``nodes.csv``."""
        return tuple(node for node in self.nodes.values() if node.role in roles)

    @cached_property
    def scales(self) -> Mapping[str, Mapping[str, rows.Word]]:
        """Verbal scales: scale -> word -> reading."""
        scales: dict[str, dict[str, rows.Word]] = {}
        for word in self.words:
            scales.setdefault(word.scale, {})[word.word] = word
        return MappingProxyType({scale: MappingProxyType(words) for scale, words in scales.items()})

    @property
    def default_scale(self) -> str:
        """The first scale of ``verbal_scales.csv``."""
        return self.words[0].scale

    def record(self, number: str) -> rows.Record:
        """Return the record with this id; KnowledgeError when there is none."""
        found = self._by_id.get(number)
        if found is None:
            raise KnowledgeError(f"Number {number!r} has no record{nearest(number, self._by_id)}.")
        return found

    @cached_property
    def _by_id(self) -> Mapping[str, rows.Record]:
        return {record.id: record for record in self.records}

    def records_of(self, setting: str, kind: str = "") -> tuple[rows.Record, ...]:
        """Return the records that hold in `setting`: its own rows replace the ``all`` rows for the same number.

        kind : only records of this kind
        """
        if setting not in self.settings:
            raise KnowledgeError(f"Setting {setting!r} is unknown; allowed is {listed(self.settings)}.")
        chosen: dict[rows.RecordKey, rows.Record] = {}
        for record in self.records:
            if setting in record.setting or (record.setting == ("all",) and record.key not in chosen):
                chosen[record.key] = record
        return tuple(record for record in chosen.values() if kind in ("", record.kind))

    def numbers_in(self, setting: str, numbers: Mapping[str, T]) -> dict[str, T]:
        """Return those of the numbers, by record id, that the setting has."""
        known = {record.id for record in self.records_of(setting)}
        return {number: value for number, value in numbers.items() if number in known}


def _cell(where: str, name: str, kind: str, text: str) -> Any:
    if kind.startswith("tuple"):
        return cell_items(text.replace("|", ";"))
    if kind.startswith("float"):
        if text == "" and "None" in kind:
            return None
        try:
            return float(text)
        except ValueError:
            raise KnowledgeError(f"{where} column {name!r}: expected a number, got {text!r}.") from None
    return text


def _table(folder: Path, name: str, row_type: type[Row], renamed: Mapping[str, str] | None = None) -> list[Row]:
    """Read one CSV file into `row_type`; `renamed` maps a column to the field that holds it."""
    path, renamed = folder / f"{name}.csv", renamed or {}
    columns = {field.name: str(field.type) for field in fields(row_type)}  # type: ignore[arg-type]
    read = []
    for number, row in table_rows(path):
        named = {renamed.get(column, column): cell for column, cell in row.items()}
        if set(named) != set(columns):
            missing, extra = sorted(set(columns) - set(named)), sorted(set(named) - set(columns))
            raise KnowledgeError(f"{path.name}: columns missing {missing}, columns not known {extra}.")
        where = f"{path.name} row {number}"
        read.append(row_type(**{field: _cell(where, field, columns[field], named[field]) for field in columns}))
    return read


def _keyed(read: list[Row], field: str, name: str) -> Mapping[str, Row]:
    table: dict[str, Row] = {}
    for row in read:
        key = getattr(row, field)
        if key in table:
            raise KnowledgeError(f"{name}.csv: {field} {key!r} stands twice; each must be unique.")
        table[key] = row
    return MappingProxyType(table)


def kept_with_knowledge(make: Callable[[Knowledge], T]) -> Callable[[Knowledge], T]:
    """Let a function of the knowledge work once and keep its result with that object, as a cached property would."""
    name = f"{make.__module__}.{make.__name__}"

    @wraps(make)
    def kept(knowledge: Knowledge) -> T:
        if name not in knowledge.__dict__:
            knowledge.__dict__[name] = make(knowledge)
        return knowledge.__dict__[name]

    return kept


@lru_cache(maxsize=4)
def load_knowledge(folder: Path | None = None) -> Knowledge:
    """Read and check every table.

    folder : where the tables are; default the ones that travel with the package.
    raises : KnowledgeError, naming file, row and column.
    """
    folder = data_folder() if folder is None else Path(folder)
    parameters = [
        record
        for name in PARAMETER_FILES
        for record in _table(folder / "parameters", name, rows.Record, {"claim": "claims", "source": "sources"})
    ]
    _keyed(parameters, "id", "parameters")
    knowledge = Knowledge(
        nodes=_keyed(_table(folder, "nodes", rows.Node, {"node": "id"}), "id", "nodes"),
        records=tuple(parameters),
        claims=_keyed(_table(folder, "claims", rows.Claim), "claim", "claims"),
        traces=tuple(_table(folder, "claim_traces", rows.Trace)),
        sources=_keyed(_table(folder, "sources", rows.Source), "source", "sources"),
        words=tuple(_table(folder, "verbal_scales", rows.Word)),
        settings=_keyed(_table(folder, "settings", rows.Setting), "setting", "settings"),
        labs=tuple(_table(folder, "labs", rows.Lab)),
        units=tuple(_table(folder, "units", rows.Unit)),
        scope=tuple(_table(folder, "scope", rows.ScopeRule)),
        guidance=tuple(_table(folder, "guidance", rows.Guidance)),
        disagreements=tuple(_table(folder, "disagreements", rows.Disagreement)),
        examples=tuple(_table(folder, "examples", rows.Example)),
        folder=folder,
        digest=_digest(folder),
        costs=tuple(_table(folder, "test_costs", rows.Cost, {"panel": "panels"})),
        panels=tuple(_table(folder, "panels", rows.Panel)),
        decision_rules=tuple(_table(folder, "decision_rules", rows.DecisionRule)),
        alternative_readings=tuple(_table(folder, "alternative_readings", rows.AlternativeReading)),
        stopping=tuple(_table(folder, "stopping", rows.StoppingRule)),
        weight_words=tuple(_table(folder, "weight_words", rows.WeightWord)),
        lab_names=tuple(_table(folder, "lab_names", rows.LabName)),
        lab_words=tuple(_table(folder, "lab_words", rows.LabWord)),
        cell_words=tuple(_keyed(_table(folder, "cell_words", rows.CellWord), "word", "cell_words").values()),
        renamed_states=tuple(_table(folder, "renamed_states", rows.RenamedState)),
        medicines=tuple(_table(folder, "drugs", medicine_tables.Medicine)),
        medicine_rules=_keyed(_table(folder, "medicine_rules", medicine_tables.MedicineRule), "rule", "medicine_rules"),
        medicine_words=tuple(_table(folder, "medicine_words", medicine_tables.MedicineWord)),
        course_rules=_keyed(_table(folder, "course_rules", course_tables.CourseRule), "rule", "course_rules"),
        course_words=tuple(_table(folder, "course_words", course_tables.CourseWord)),
        typed_phrases=tuple(_table(folder, "typed_phrases", typed_tables.TypedPhrase)),
        typed_words=tuple(_table(folder, "typed_words", typed_tables.TypedWord)),
        fhir_codes=tuple(_table(folder, "fhir_codes", rows.FhirCode)),
        better_figures=tuple(_table(folder, "better_figures", rows.BetterFigure)),
        reporting_items=tuple(_table(folder, "reporting_items", rows.ReportingItem)),
    )
    check_records(knowledge)
    _check_renamed(knowledge)
    check_medicines(knowledge.medicines, knowledge.nodes, {lab.node for lab in knowledge.labs if lab.unit == "days"})
    typed_tables.check_typed(knowledge.typed_phrases, knowledge.typed_words)
    course_tables.check_course(knowledge.course_rules, knowledge.course_words)
    for row in knowledge.cell_words:
        if row.meaning not in CELL_MEANINGS:
            raise KnowledgeError(
                f"cell_words.csv: meaning {row.meaning!r} of {row.word!r} is not {listed(CELL_MEANINGS)}."
            )
    return knowledge


def _digest(folder: Path) -> str:
    """Return a short hash of every table that an answer depends on; line endings do not change it."""
    digest = hashlib.sha256()
    tables = [*(f"parameters/{name}" for name in PARAMETER_FILES), *ANSWER_TABLES]
    for path in (folder / f"{name}.csv" for name in tables):
        digest.update(path.name.encode())
        digest.update(table_text(path).replace("\r\n", "\n").encode())
    return digest.hexdigest()[:12]


def check_records(knowledge: Knowledge) -> None:
    """Check every record against the nodes, settings and the rules of ``data/README.md``."""
    for record in knowledge.records:
        where = f"parameters, record {record.id!r}"
        for name, allowed in (("kind", KINDS), ("reading", READINGS), ("grade", GRADES), ("tag", TAGS)):
            if getattr(record, name) not in allowed:
                raise KnowledgeError(f"{where}: {name} {getattr(record, name)!r} is not {listed(allowed)}.")
        _check_setting(knowledge, record, where)
        for nodes, states in ((record.node, record.state), (record.parent, record.parent_state)):
            _check_states(knowledge, where, nodes, states)
        _check_values(record, where)


def _check_renamed(knowledge: Knowledge) -> None:
    """Check that every word that is no state any more leads to one that is, and says so."""
    for row in knowledge.renamed_states:
        old, new = knowledge.nodes.get(row.node), knowledge.nodes.get(row.new_node)
        if old is not None and row.state in old.states:
            continue  # still a word of today
        where = f"renamed_states.csv: {row.node}={row.state}"
        if new is None:
            raise KnowledgeError(f"{where}: node {row.new_node!r} is not in nodes.csv.")
        allowed = (*new.states, *(("present",) if new.kinds else ()))
        if not row.new_state or not set(row.new_state) <= set(allowed):
            raise KnowledgeError(
                f"{where}: {row.new_node!r} has no state {row.new_state}; allowed is {listed(allowed)}."
            )
        if not row.notice:
            raise KnowledgeError(f"{where}: expected a notice for whoever reads an old file, got none.")


def _check_setting(knowledge: Knowledge, record: rows.Record, where: str) -> None:
    unknown = set(record.setting) - set(knowledge.settings) - {"all"}
    if unknown or not record.setting:
        raise KnowledgeError(f"{where}: setting {record.setting} is not 'all' or of {listed(knowledge.settings)}.")
    if record.kind in SETTING_KINDS and "all" in record.setting:
        raise KnowledgeError(f"{where}: a {record.kind} belongs to named settings, not to 'all'.")


def _check_states(knowledge: Knowledge, where: str, nodes: str, states: str) -> None:
    """Check a node and its state, or several of each joined by ``&``."""
    named, given = nodes.split("&"), states.split("&")
    if len(named) != len(given):
        raise KnowledgeError(f"{where}: expected a state for each of {nodes!r}, joined by '&', got {states!r}.")
    for node_id, state in zip(named, given, strict=True):
        _check_state(knowledge, where, node_id, state)


def _check_state(knowledge: Knowledge, where: str, node_id: str, state: str) -> None:
    if not node_id and not state:
        return
    node = knowledge.nodes.get(node_id)
    if node is None:
        raise KnowledgeError(f"{where}: node {node_id!r} is not in nodes.csv.")
    if state and state not in node.states:
        raise KnowledgeError(f"{where}: {node_id!r} has no state {state!r}; allowed is {listed(node.states)}.")


def _check_values(record: rows.Record, where: str) -> None:
    numbers = (record.low, record.value, record.high)
    if record.reading in ("word", "order"):
        if numbers != (None, None, None) or not record.word:
            raise KnowledgeError(f"{where}: a {record.reading} row needs `word` and leaves value, low, high empty.")
        return
    if None in numbers:
        raise KnowledgeError(f"{where}: value, low and high must all be given.")
    low, value, high = (number for number in numbers if number is not None)
    if record.kind in RATIO_KINDS:
        if not 0 < low <= value <= high < inf:
            raise KnowledgeError(f"{where}: expected 0 < low <= value <= high, got {low}, {value}, {high}.")
    elif record.kind == "cooccurrence":
        if not 1 < low <= value <= high:
            raise KnowledgeError(f"{where}: expected 1 < low <= value <= high, got {low}, {value}, {high}.")
    elif not 0 <= low <= value <= high <= 1:
        raise KnowledgeError(f"{where}: expected 0 <= low <= value <= high <= 1, got {low}, {value}, {high}.")
    if record.kind in ("link", "leak") and not 0.001 <= value <= 0.999:  # a zero or a one can never be outweighed
        raise KnowledgeError(f"{where}: expected a value in [0.001, 0.999], got {value}.")
