"""What a fuzzer hands to each entrance: a little noise, and mostly what is almost right; noise alone stops early."""

import csv
import datetime
import io
import json

from hypothesis import strategies as st

from model.knowledge import load_knowledge

KNOWLEDGE = load_knowledge()
NODES = list(KNOWLEDGE.nodes)
STATES = sorted({state for node in KNOWLEDGE.nodes.values() for state in node.states})
UNITS = sorted({spelling for unit in KNOWLEDGE.units for spelling in (unit.unit, *unit.spellings)})
NAMES = sorted({name.spelling for name in KNOWLEDGE.lab_names})
RECORDS = [record.id for record in KNOWLEDGE.records]
SETTINGS = list(KNOWLEDGE.settings)
HASH = "0a1b2c3d4e5f"

HOSTILE = [
    "", " ", "nan", "NaN", "inf", "-inf", "Infinity", "1e999", "-1e999", "1e-999", "1e308", "-0", "0", "-1", "1_000",
    "٣", "½", "1,2", "1.200", "1,2,3", "0x10", "null", "None", "True", "'", '"', "''", '"""', ",", ";", "\t", "\r",
    "\n", "\r\n", "\x0b", "\x1c", "\x85", "\u2028", "\u202e", "\u200b", "\ufeff", "\ufffd", "\U0001f9b7", "e\u0301",
    "İ", "ß", "ﬁ", "<b>", "<script>alert(1)</script>", "=1+1", "+1", "@x", "../..", "%00", "{}", "[]", "{{7*7}}",
    "${x}", "%s%n", "a" * 300, "< 20", "≤20", ">= 3", "<", "1" * 400, "9" * 20, "12 10^9/L", "300 /mm3", "1200 /mm3",
    "0.3 10^9/L", "150 pg/mL",
]  # fmt: skip
noise = st.text(max_size=40)
word = st.one_of(st.sampled_from(HOSTILE), noise)
value = st.one_of(
    st.sampled_from(STATES),
    st.builds("{} {}".format, st.integers(0, 3000), st.sampled_from(UNITS)),
    st.builds("{:.3g} {}".format, st.floats(0, 300), st.sampled_from(UNITS)),
    st.floats().map(str),
    word,
)
node = st.one_of(*[st.sampled_from(NODES)] * 6, word)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | value,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(word | st.sampled_from(STATES), inner, max_size=3),
    max_leaves=6,
)


def of_node(name):
    """Draw a node, and what may be entered for it: a state, or a number in one of its units."""
    units = [unit.unit for unit in KNOWLEDGE.units if unit.node == name]
    numbers = st.builds("{:.6g} {}".format, st.floats(0, 3000), st.sampled_from(units)) if units else st.nothing()
    states = list(KNOWLEDGE.nodes[name].states)
    return st.tuples(st.just(name), numbers | st.sampled_from(states) if states else numbers)


ENTERABLE = [each.id for each in KNOWLEDGE.role("context", "finding", "cause", "guard")]
entered = st.sampled_from(ENTERABLE).flatmap(of_node)
evidence = st.one_of(
    *[st.lists(entered, max_size=6).map(dict)] * 2, st.dictionaries(node, st.one_of(value, value, anything), max_size=6)
)


def mostly(sound, unsound):
    """Draw what is sound nine times in ten."""
    return st.integers(0, 9).flatmap(lambda turn: unsound if turn == 0 else sound)


content = st.fixed_dictionaries(
    {"schema": mostly(st.just(1), anything)},
    optional={
        "setting": mostly(st.sampled_from(SETTINGS), anything),
        "evidence": mostly(evidence, anything),
        "note": mostly(word, anything),
        "model_hash": mostly(st.just(HASH), anything),
        "numbers": mostly(st.dictionaries(st.sampled_from(RECORDS), st.floats(0, 1) | anything, max_size=1), anything),
        "more": anything,
    },
)


def spoilt(text):
    """Return text, or the bytes of text with a piece cut out, doubled or overwritten."""
    raw = text.map(lambda each: each.encode("utf-8", "surrogatepass"))
    cut = st.tuples(raw, st.integers(0, 400), st.integers(0, 40), st.binary(max_size=8)).map(
        lambda drawn: drawn[0][: drawn[1]] + drawn[3] + drawn[0][drawn[1] + drawn[2] :]
    )
    return st.one_of(raw, raw, raw, cut)


case_file = mostly(spoilt(content.map(json.dumps)), st.binary(max_size=200) | noise.map(str.encode))

piece = st.one_of(
    *[entered.map(lambda pair: f"{pair[0]}.{pair[1]}".replace(" ", "_").replace("/", "_per_").replace("^", "e"))] * 4,
    st.builds("{}.{}".format, st.sampled_from(NODES), st.sampled_from(["y", "n", *STATES])),
    st.builds(
        "{}.{}{}_{}".format,
        st.sampled_from(NODES),
        st.sampled_from(["", "lt", "ge"]),
        st.integers(0, 3000),
        st.sampled_from(["pg_per_mL", "per_mm3", "10e9_per_L", "d", "y", "x"]),
    ),
    st.builds(
        "{}..{}.{}..{}.{}".format,
        st.sampled_from(NODES),
        st.sampled_from(STATES),
        st.floats(),
        st.sampled_from(STATES),
        st.integers(),
    ),
    st.builds("n.{}..{}".format, st.sampled_from(RECORDS), st.floats()),
    st.text("abcnyl._-~0123456789", max_size=30),
    word,
)
link = mostly(
    st.builds(
        lambda version, setting, made, parts: "~".join((version, setting, made, *parts)),
        mostly(st.just("1"), word),
        mostly(st.sampled_from(SETTINGS), word),
        mostly(st.just(HASH), word),
        st.lists(piece, max_size=6),
    ),
    noise,
)

heading = st.one_of(
    *[st.sampled_from(ENTERABLE)] * 6,
    st.builds("{} ({})".format, st.sampled_from(NODES + NAMES), st.sampled_from(UNITS)),
    st.sampled_from(NAMES),
    word,
)
cell = st.one_of(st.just(""), st.sampled_from([row.word for row in KNOWLEDGE.cell_words]), value)


@st.composite
def _table(draw):
    head = draw(st.lists(heading, min_size=1, max_size=5, unique=True))
    fitting = [st.one_of(of_node(name).map(lambda pair: pair[1]), cell) if name in ENTERABLE else cell for name in head]
    rows = draw(st.lists(st.tuples(*fitting), max_size=5))
    written = io.StringIO()
    csv.writer(written, lineterminator=draw(st.sampled_from(["\n", "\r\n"]))).writerows([head, *rows])
    return draw(st.sampled_from(["", "", "\ufeff"])) + written.getvalue()


table = mostly(spoilt(_table()), st.binary(max_size=200) | noise.map(str.encode))

lab_line = st.one_of(
    st.builds(
        "{}{}{} {}".format,
        st.sampled_from(NAMES),
        st.sampled_from([" ", ": ", "\t", ";", " = ", ",", ""]),
        st.one_of(st.integers(0, 3000).map(str), st.floats(0, 300).map("{:.2f}".format), st.sampled_from(HOSTILE)),
        st.sampled_from(UNITS),
    ),
    st.sampled_from(
        ["Urine", "CSF", "01.02.2024", "2024-02-30", "Ref. range 4-10", "H", "(L)", "Patient: X", "Date\tHb\tWBC"]
    ),
    word,
)
lab_text = mostly(
    st.lists(lab_line, max_size=8).flatmap(
        lambda lines: st.sampled_from(["\n", "\r\n", "\t", "; ", " "]).map(lambda sign: sign.join(lines))
    ),
    st.text(st.characters(), max_size=200),
)

typed_piece = st.one_of(
    st.sampled_from([row.phrase for row in KNOWLEDGE.typed_phrases]),
    st.builds(
        "{} {}".format,
        st.sampled_from([each for row in KNOWLEDGE.typed_words for each in row.spelling]),
        st.sampled_from([row.phrase for row in KNOWLEDGE.typed_phrases]),
    ),
    st.builds("{} {}".format, st.sampled_from([each.name for each in KNOWLEDGE.medicines]), st.sampled_from(HOSTILE)),
    st.builds("{} {}".format, st.integers(0, 130), st.sampled_from(["f", "m", "y", "yo f", "year old man"])),
    lab_line,
    word,
)
typed_line = mostly(
    st.lists(typed_piece, max_size=8).flatmap(
        lambda pieces: st.sampled_from([", ", ";", ","]).map(lambda s: s.join(pieces))
    ),
    st.text(st.characters(), max_size=200),
)

day = st.one_of(
    st.dates(datetime.date(2019, 1, 1), datetime.date(2026, 12, 31)).flatmap(
        lambda each: st.sampled_from(
            [
                str(each),
                f"{each:%d.%m.%Y}",
                f"{each:%d/%m/%Y}",
                f"{each:%d %b %Y}",
                f"{each:%B} {each.day}, {each.year}",
            ]
        )
    ),
    st.sampled_from(["2026-02-30", "03/04/2026", "0000-00-00", "2026", "9999-12-31", "1.1.1", "2026-03-12T08:30"]),
)
course_line = st.one_of(
    st.builds(
        "{}{}{}{} {}".format, day, st.sampled_from([" ", ": ", "\t", ";", ", ", " ANC "]),
        st.sampled_from(["", "", "< ", "-"]),
        st.one_of(st.integers(0, 5000), st.floats(0, 9).map("{:.2f}".format), st.sampled_from(HOSTILE)),
        st.sampled_from(["", "", "/mm3", "10^9/L", "%"]),
    ),
    st.builds(
        "{} {} {} {} {}".format, st.sampled_from([each.name for each in KNOWLEDGE.medicines] + HOSTILE),
        st.sampled_from(["from", "started", "", "stopped"]), day, st.sampled_from(["to", "-", "until", ""]),
        st.one_of(day, st.just(", suspected"), st.just("")),
    ),
    st.builds("{} {}".format, day, st.sampled_from(["fever", "flu", "no fever", "infection", *HOSTILE])),
    lab_line,
)  # fmt: skip
course = mostly(
    st.lists(course_line, max_size=8).flatmap(
        lambda lines: st.sampled_from(["\n", "\r\n", "\n\n"]).map(lambda s: s.join(lines))
    ),
    st.text(st.characters(), max_size=200),
)

ASK = [["posterior", "--json"]] * 8 + [["posterior"], ["explain"], ["next"]]  # slow ones rarely
GO = [
    ["score", "table.csv", "-o", "out"],
    ["score", "spoilt.csv", "-o", "out", "--on-error", "mark"],
    ["score"],
    ["export"],
]
letters = st.characters(exclude_categories=(), exclude_characters="\0")  # what a terminal can hand over
loose = st.one_of(word.filter(lambda each: "\0" not in each), st.text(letters, max_size=20))
entry = st.one_of(
    st.builds("{}={}".format, st.sampled_from(NODES), value),
    st.builds("{}={}".format, st.sampled_from(NODES), loose),
    loose,
)
FILES = ["case.json", "spoilt.json", "table.csv", "spoilt.csv", "nowhere", ".", "bytes"]
flag = st.one_of(
    st.lists(entry, min_size=1, max_size=3).map(lambda each: ["--set", *each]),
    st.builds(
        lambda name, given: [name, given],
        st.sampled_from(["--setting", "--scale", "--outside", "--cause", "--most", "--case", "--on-error", "--date"]),
        st.sampled_from([*SETTINGS, *FILES, "allow", "refuse", "mark", "3", "drug"]) | loose,
    ),
    st.sampled_from(
        [
            ["--json"],
            ["--safe"],
            ["-o", "out"],
            ["-o", "no/out"],
            ["-o", "."],
            ["-o"],
            ["--set"],
            ["--version"],
            ["--help"],
            ["--"],
        ]
    ),
    loose.map(lambda each: [each]),
)
settings = st.lists(entered, max_size=4).map(
    lambda pairs: ["--set", *(f"{name}={value}" for name, value in dict(pairs).items())] if pairs else []
)
known = st.sampled_from([["--case", "case.json"], ["--setting", "primary_care"], ["--outside", "allow"]])
sound = st.one_of(
    *[
        st.builds(
            lambda ask, asked, flags: [ask, asked, *flags], st.sampled_from(ASK), settings, st.lists(known, max_size=2)
        )
    ]
    * 3,
    st.sampled_from(GO).map(lambda words: [words]),
)
command_line = st.one_of(
    sound,
    st.builds(lambda words, flags: [*words, *flags], sound, st.lists(flag, max_size=3)),
    st.lists(flag, max_size=3),
)
arguments = command_line.map(lambda parts: [word.replace("\0", "") for part in parts for word in part])

URLS = {"loinc": "http://loinc.org", "snomed": "http://snomed.info/sct", "icd10": "http://hl7.org/fhir/sid/icd-10",
        "atc": "http://www.whocc.no/atc", "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm"}  # fmt: skip
coding = st.one_of(
    *[st.sampled_from([row for row in KNOWLEDGE.fhir_codes if row.system in URLS]).map(
        lambda row: {"system": URLS[row.system], "code": row.code.rstrip("*"), "display": row.label})] * 4,
    st.fixed_dictionaries({"system": st.sampled_from([*URLS.values()]) | word, "code": word}),
    anything,
)  # fmt: skip
concept = mostly(
    st.fixed_dictionaries({}, optional={
        "coding": st.lists(coding, max_size=2),
        "text": st.sampled_from(NAMES) | st.sampled_from([s for m in KNOWLEDGE.medicines for s in m.spellings]) | word,
    }),
    anything,
)  # fmt: skip
day = st.dates().map(str) | word | anything
quantity = mostly(
    st.fixed_dictionaries({"value": st.floats(0, 3000) | anything, "unit": st.sampled_from(UNITS) | word}), anything
)
resource = st.fixed_dictionaries(
    {"resourceType": mostly(st.sampled_from(
        ["Observation", "Condition", "Procedure", "MedicationStatement", "MedicationRequest", "Patient", "Claim"]
    ), word)},
    optional={
        "id": word, "status": mostly(st.sampled_from(["final", "active", "entered-in-error", "completed"]), anything),
        "code": concept, "medicationCodeableConcept": concept, "valueCodeableConcept": concept,
        "valueQuantity": quantity, "valueString": value, "valueBoolean": st.booleans() | anything,
        "effectiveDateTime": day, "effectivePeriod": st.fixed_dictionaries({"start": day, "end": day}) | anything,
        "birthDate": day, "gender": mostly(st.sampled_from(["female", "male", "other"]), anything),
        "component": st.lists(st.fixed_dictionaries({"code": concept, "valueQuantity": quantity}), max_size=2),
        "interpretation": st.lists(concept, max_size=1), "clinicalStatus": concept, "verificationStatus": concept,
        "intent": mostly(st.just("order"), anything), "contained": anything, "referenceRange": anything,
    },
)  # fmt: skip
bundle = mostly(
    spoilt(st.fixed_dictionaries({
        "resourceType": mostly(st.just("Bundle"), anything),
        "type": mostly(st.just("collection"), word),
        "entry": mostly(
            st.lists(st.fixed_dictionaries({"resource": mostly(resource, anything)}), max_size=6), anything
        ),
    }).map(json.dumps)),
    st.binary(max_size=200),
)  # fmt: skip
