"""The printed page: everything entered stands on it, its numbers are the engine's, nothing comes from outside."""

import json
import math
import re
from html.parser import HTMLParser

import pytest

import model
from model.__main__ import main
from model.errors import CaseFileError, KnowledgeError
from model.evidence import Case, published_case, published_cases, read_case, read_each
from model.knowledge import load_knowledge
from model.report import report, report_content
from model.sensitivity import intervals
from views.scope_banner import scope_banner

KNOWLEDGE = load_knowledge()
CASE = Case(
    "article",
    {"fever": "present", "serum_b12": "150 pg/mL", "methotrexate": "present", "antibiotic_course": 21, "sex": "female",
     "anaemia": "11.5 g/dL", "rash": {"absent": 0.2, "present": 0.8}, "viral": "absent", "anc": "1.2 x10^9/L"},
    "A note\nof two lines",
)  # fmt: skip
LINK = "link.fever.present.drug.immune"
HEADINGS = ["Scope and setting", "What was entered", "What is not known"]
ANSWERED = [
    "In short", *HEADINGS, "Causes, likeliest first", "For and against the leading causes", "What to ask or test next",
    "What would change the leading cause", "The numbers behind it", "Where the literature says otherwise",
]  # fmt: skip
VOID = {"meta", "line", "rect", "br"}


class Page(HTMLParser):
    """A page as headings, tables of cells and running text; fails on tags that do not close in order."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.headings, self.tables, self.words = [], [], [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
        if tag in ("h1", "h2", "h3"):
            self.headings.append((tag, ""))

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" in self.open:
            return
        self.words.append(data)
        if "td" in self.open or "th" in self.open:
            self.tables[-1][-1][-1] += data
        for level in ("h1", "h2", "h3"):
            if level in self.open:
                self.headings[-1] = (level, self.headings[-1][1] + data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).replace("\N{NO-BREAK SPACE}", " ").split())

    def titles(self, level="h2"):
        return [title for tag, title in self.headings if tag == level]

    def table(self, first):
        return next(rows for rows in self.tables if rows[0][0] == first)


@pytest.fixture(scope="module")
def page(article):
    return Page(report(article, CASE, when="25 November 2026"))


def in_percent(p):
    return "<1 %" if p < 0.01 else ">99 %" if p > 0.99 else f"{100 * p:.0f} %"


def test_the_order_of_the_page(page):
    assert page.titles("h1") == ["Causes of mild neutropenia: report of one case"]
    assert page.titles() == [*ANSWERED, "About this page"]
    assert page.text.index("Not a medical device") < page.text.index("Scope and setting")
    for said in (
        "not validated on patients",
        "not for emergencies",
        f"Version {model.__version__}",
        "25 November 2026",
    ):
        assert said in page.text


def test_every_entry_stands_there_as_entered_and_as_read(page):
    rows = {row[0]: row[1:] for row in page.table("Entry")[1:]}
    assert len(rows) == len(CASE.evidence)
    assert rows["Fever"] == ["present", "Yes"]
    assert rows["Viral infection"] == ["absent", "No"]
    assert rows["Serum vitamin B12"][0] == "150 pg/mL"
    assert "low 0.84" in rows["Serum vitamin B12"][1]
    assert rows["Rash"] == ["absent 0.2, present 0.8", "likelihood absent 0.25, present 1"]
    assert rows["Antibiotic course (beta-lactams above all)"][0] == "21"
    assert "over 2 weeks" in rows["Antibiotic course (beta-lactams above all)"][1]
    assert rows["Absolute neutrophil count"] == ["1.2 x10^9/L", "Absolute neutrophil count 1.2 10^9/L = 1200 /mm3"]
    assert "A note of two lines" in page.text


def test_what_is_unknown_is_counted_and_named(page):
    askable = [node for node in KNOWLEDGE.nodes.values() if node.role in ("context", "finding")]
    open_ = [node for node in askable if node.id not in CASE.evidence]
    assert len(open_) == len(askable) - 7
    assert f"{len(open_)} of {len(askable)} questions and tests were not assessed" in page.text
    between = page.text.split("were not assessed")[1].split("Causes, likeliest first")[0]
    assert all(node.label in between for node in open_)
    assert "Fever" not in between


def test_numbers_are_those_of_the_engine(article, page):
    answer = article.posterior(CASE.evidence)
    frame = intervals(article, answer, 500).frame
    before = article.posterior({}).acting
    ranked = sorted(answer.acting, key=lambda cause: -answer.acting[cause])
    rows = page.table("Cause")[1:]
    assert len(rows) == 7
    for place, (cause, row) in enumerate(zip(ranked, rows, strict=True), start=1):
        shown = [cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row]
        p = answer.acting[cause]
        assert shown[0].startswith(f"{place}. {KNOWLEDGE.nodes[cause].label}")
        assert shown[1] == in_percent(p)
        low, high = frame.loc[cause, "low"], frame.loc[cause, "high"]
        assert shown[2].startswith(in_percent(low).removesuffix(" %"))
        assert shown[2].endswith(in_percent(high))
        first = frame.loc[cause, "first"]
        assert shown[3].startswith(in_percent(first) if first else "never")
        assert shown[4] == in_percent(before[cause])
        for state, part in zip(KNOWLEDGE.nodes[cause].states[1:], answer.state_probabilities[cause][1:], strict=True):
            if len(KNOWLEDGE.nodes[cause].states) > 2 and state in ("folate", "copper", "unexplained"):
                assert f"{state} {in_percent(part)}" in shown[0]
    assert article.hash in page.text


def test_reasons_add_up_to_the_posterior(article, page):
    answer = article.posterior(CASE.evidence)
    tables = [rows for rows in page.tables if rows[0][-1] == "Decibans"]
    ranked = sorted(answer.acting, key=lambda cause: -answer.acting[cause])
    assert len(tables) == 3
    for cause, rows in zip(ranked, tables, strict=False):
        weights = [float(row[-1].replace("\N{MINUS SIGN}", "-")) for row in rows[1:]]
        p = answer.acting[cause]
        assert weights[-1] == pytest.approx(10 * math.log10(p / (1 - p)), abs=0.051)
        assert sum(weights[:-1]) == pytest.approx(weights[-1], abs=0.051 * len(weights))
        assert len(weights) == 2 + 8  # the count is for the guard


def test_numbers_behind_it_have_their_record(article, page):
    frame = article.one_way(CASE.evidence, "drug").frame.head(10)
    for number in frame["id"]:
        record = KNOWLEDGE.record(number)
        said = page.text[: page.text.index(f"Record {number}")].rsplit("Grade ", 1)[1]
        assert said.startswith(f"{record.grade}:")
        assert " ".join(record.rationale.split()).rstrip(".") in said
        assert all(KNOWLEDGE.sources[source].citation in said for source in record.sources)
        assert all(f"Claim {claim}:" in said for claim in record.claims)
        assert record.conflict.rstrip(".") in said


def test_next_step_and_flip(article, page):
    tests = article.next_tests(CASE.evidence)
    assert page.table("Question or test")[1][0] == tests.lines[0].label
    assert KNOWLEDGE.guidance[0].action in page.text
    assert KNOWLEDGE.guidance[0].safety in page.text
    assert tests.stop.reason.replace("\N{NO-BREAK SPACE}", " ") in page.text
    certificate = article.one_way(CASE.evidence, "drug").certificate
    assert certificate.replace("(drug)", "(drug-induced)") in page.text


def test_disagreements_about_what_was_used(page):
    text = page.text.split("Where the literature says otherwise")[1]
    for line in KNOWLEDGE.disagreements:
        if "drug" in line.concerns or LINK in line.concerns:
            assert f"{line.id}. The article: {line.article_says}" in text


def test_tables_and_language_are_marked_for_screen_readers(page):
    assert ("html", {"lang": "en"}) in page.tags
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")
    tags = [tag for tag, _ in page.tags]
    assert tags.count("table") == tags.count("caption") == len(page.tables)
    assert all(attributes.get("aria-hidden") == "true" for tag, attributes in page.tags if tag == "svg")


def test_nothing_from_outside_and_nothing_that_runs(page):
    for tag, attributes in page.tags:
        assert tag not in ("script", "link", "img", "iframe", "object", "embed", "form", "a", "base")
        assert not {"src", "href", "srcset", "action"} & set(attributes)
        assert not any(name.startswith("on") for name in attributes)
    html = report(model.load(), Case("article"))
    assert "url(" not in html
    assert "@import" not in html


def test_what_was_typed_is_escaped(article):
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>{{ 7*7 }}'
    case = Case("article", {"fever": "present", evil: "present", "rash": evil}, evil)
    html = report(article, case, when=evil)
    assert "<script" not in html
    assert "<img" not in html
    assert html.count("&lt;script&gt;") >= 4
    assert "{{ 7*7 }}" in html
    assert Page(html).titles() == [*HEADINGS, "About this page"]
    assert "An entry is not understood: no probabilities are shown" in Page(html).text


@pytest.mark.parametrize(
    ("evidence", "outside", "said"),
    [
        ({"anc": "300 /mm3", "fever": "present"}, "allow", "Emergency: fever with a count below 500"),
        ({"anc": "700 /mm3"}, "refuse", "Outside the model's range"),
        ({"age": 7, "fever": "present"}, "allow", "Outside this model"),
        ({"blasts": "present"}, "refuse", "Urgent haematology referral"),
        ({cause.id: "absent" for cause in KNOWLEDGE.role("cause")}, "refuse", "The entries contradict each other"),
        ({"anc": "3 /mm3/day"}, "refuse", "An entry is not understood"),
    ],
)
def test_a_case_without_an_answer_says_so_and_shows_no_probabilities(article, evidence, outside, said):
    page = Page(report(article, Case("article", evidence), outside))
    assert page.titles() == [*HEADINGS, "About this page"]
    assert said in page.text
    assert "Not a medical device" in page.text
    assert len(page.table("Entry")) == 1 + len(evidence)
    assert not any(rows[0][0] == "Cause" for rows in page.tables)


def test_a_guard_of_a_case_file_that_cannot_be_read_leaves_no_answer(article):
    entries = {"fever": "present", "blasts": "seen", "age": "7 ans", "anc": ["low"], "sex": "x"}
    case, _ = read_case(json.dumps({"schema": 1, "evidence": entries}), KNOWLEDGE)
    page = Page(report(article, case, "allow"))
    assert page.titles() == [*HEADINGS, "About this page"]
    assert "An entry is not understood: no probabilities are shown" in page.text
    rows = {label: (entered, read) for label, entered, read in page.table("Entry")[1:]}
    for node in ("blasts", "age", "anc", "sex"):
        assert rows[KNOWLEDGE.nodes[node].label][1].startswith(f"Not read. {node}: ")
    assert rows[KNOWLEDGE.nodes["fever"].label] == ("present", "Yes")


def test_a_red_flag_stands_on_the_page_beside_a_guard_that_cannot_be_read(article):
    text = Page(report(article, Case("article", {"blasts": "present", "age": "7 ans"}))).text
    assert "Urgent haematology referral" in text
    assert "age: the unit 'ans' is unknown, got '7 ans'" in text


def test_what_was_left_out_stands_on_the_page_and_out_of_the_answer(article):
    entries = {"fever": "present", "rash": "maybe", "<b>": "present"}
    content = {"schema": 1, "evidence": entries, "numbers": {"link.of.nothing": 0.5}, "extra": 1}
    case, _ = read_case(json.dumps(content), KNOWLEDGE)
    page = Page(report(article, case))
    assert page.titles() == [*ANSWERED, "About this page"]
    assert "Left out, as if it had not been given" in page.text
    assert len(case.left_out) == 4
    for sentence in case.left_out:
        assert " ".join(sentence.split()) in page.text
    assert len(page.table("Entry")) == 1 + len(entries)
    alone = report_content(article, Case("article", {"fever": "present"}))
    assert report_content(article, case).answer.causes == alone.answer.causes
    assert alone.left_out == ()


def test_the_first_page_alone_is_an_answer(article, page):
    short = page.text.split("In short")[1].split("Scope and setting")[0].replace("\N{NO-BREAK SPACE}", " ")
    answer = article.posterior(CASE.evidence)
    for cause in answer.ranked:
        assert f"{KNOWLEDGE.nodes[cause].short_label} {in_percent(answer.acting[cause])}" in short
    assert all(KNOWLEDGE.nodes[node].label in short for node in CASE.evidence)
    for said in ("without it", "Against.", "What would change it.", "instead of", "Next."):
        assert said in short
    assert article.next_tests(CASE.evidence).stop.reason.replace("\N{NO-BREAK SPACE}", " ") in short


def test_an_answer_on_request_is_marked(article):
    text = Page(report(article, Case("article", {"anc": "700 /mm3"}), "allow")).text
    assert text.count("Outside the model's range: shown on request") == 2  # on the first page, and over the scope
    assert "Outside the model’s range: shown on request" in text.split("likeliest first")[1]


def test_replaced_numbers_are_marked_and_used(article):
    case = Case("article", {"fever": "present"}, numbers={LINK: 0.4})
    page = Page(report(article, case))
    changed = article.override({LINK: 0.4})
    leader, p = max(changed.posterior({"fever": "present"}).acting.items(), key=lambda item: item[1])
    assert page.table("Cause")[1][0].startswith(f"1. {KNOWLEDGE.nodes[leader].label}")
    assert page.table("Cause")[1][1].replace("\N{NO-BREAK SPACE}", " ").startswith(in_percent(p))
    assert page.table("Number")[1][1:] == ["0.12", "0.4"]
    assert "The answer below is not that of the published model" in page.text
    assert f"model {changed.hash} , with replaced numbers" in page.text
    assert "Replaced: 0.4" in page.text
    assert report(changed, case) == report(article, case)
    with pytest.raises(KnowledgeError, match="is not a number of setting"):
        report(article, Case("article", {}, numbers={"link.of.nothing": 0.4}))


def test_nothing_entered_is_a_report_too(article):
    page = Page(report(article, Case("article")))
    assert "Nothing was entered: the answer is the starting share of each cause" in page.text
    assert page.titles() == [*ANSWERED, "About this page"]


def test_a_certain_cause_has_no_reasons_and_the_others_do(article):
    content = report_content(article, Case("article", {"drug": "present"}))
    assert [reasons.label for reasons in content.answer.reasons].count("Drug-induced") == 0
    assert len(content.answer.reasons) == 2


def test_another_setting_is_an_error(article):
    with pytest.raises(CaseFileError, match="expected a case of setting 'article', got 'primary_care'"):
        report(article, Case("primary_care"))


@pytest.mark.parametrize("case_id", sorted(published_cases(KNOWLEDGE.folder))[::6])
def test_published_cases(article, case_id):
    case = published_case(KNOWLEDGE, case_id)
    page = Page(report(article, case, "allow"))
    rows = page.table("Entry")[1:]
    assert len(rows) == len(case.evidence)
    assert page.titles() in ([*HEADINGS, "About this page"], [*ANSWERED, "About this page"])
    assert not re.search(r"\bnan\b|\binf\b|\bNone\b|Undefined", page.text.split("The numbers behind it")[0])
    assert not re.search(r"(?<![0-9.,])(0|100) %", page.text.split("more than 100 %.")[-1].split("Bar:")[0])


def test_from_the_command_line(tmp_path, capsys):
    file, target = tmp_path / "case.json", tmp_path / "report.html"
    file.write_text(CASE.to_json("abc"), encoding="utf-8")
    assert main(["report", "--case", str(file), "-o", str(target), "--date", "1 May 2026"]) == 0
    assert target.read_text(encoding="utf-8") == report(model.load(), CASE, when="1 May 2026")
    assert "written to" in capsys.readouterr().err
    assert main(["report", "--set", "fever=present", "-o", str(tmp_path / "none" / "x.html")]) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("evidence", "title"),
    [
        ({"anc": "300 /mm3", "fever": "present"}, "Emergency: do not use this model"),
        ({"anc": "300 /mm3"}, "Outside this model: no probabilities are shown"),
        ({"anc": "700 /mm3"}, "Outside the model's range"),
    ],
)
def test_a_refusal_is_called_as_on_screen(article, evidence, title):
    assert report_content(article, Case("article", evidence)).verdict == title
    assert scope_banner(article.knowledge, read_each(article.knowledge, evidence)[0], "refuse")[0].title == title
