"""The command line: the same numbers as the library, and one sentence for each mistake."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

import model
from model import validation
from model.__main__ import main
from model.cli import validate_command
from model.cli.validate_command import Part
from model.cohort import scoring
from model.evidence import Case, published_case
from model.validation import check_laws as laws_of
from model.validation.laws import table as law_table
from model.validation.laws.exceptions import found_exceptions
from model.validation.laws.table import read_laws
from model.wording import SPACE

ROOT = Path(__file__).resolve().parents[2]


def run(capsys, *words):
    code = main([str(word) for word in words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_posterior_json_equals_the_library(capsys, article):
    code, out, _ = run(capsys, "posterior", "--set", "fever=present", "serum_b12=150 pg/mL", "--set",
                       "methotrexate=absent", "--json")  # fmt: skip
    expected = article.posterior({"fever": "present", "serum_b12": "150 pg/mL", "methotrexate": "absent"}).to_dict()
    assert code == 0
    assert json.loads(out) == expected


def test_a_case_file_gives_the_numbers_of_the_app(capsys, tmp_path, article):
    case = published_case(article.knowledge, article.knowledge.examples[0].case)
    path = tmp_path / "case.json"
    path.write_text(case.to_json(article.hash), encoding="utf-8")
    code, out, err = run(capsys, "posterior", "--case", path, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["causes"] == article.posterior(case.evidence).acting


def test_the_case_file_chooses_the_setting_unless_told(capsys, tmp_path):
    path = tmp_path / "case.json"
    path.write_text(Case("primary_care", {"fever": "present"}).to_json("x"), encoding="utf-8")
    assert json.loads(run(capsys, "posterior", "--case", path, "--json")[1])["setting"] == "primary_care"
    told = run(capsys, "posterior", "--case", path, "--setting", "article", "--json")[1]
    assert json.loads(told)["setting"] == "article"


GUARDS = {"blasts": 3, "chemotherapy": "soon", "age": "7 ans", "anc": 0.3}


@pytest.mark.parametrize("words", [["posterior"], ["posterior", "--json"], ["explain"], ["next"], ["sensitivity"]])
def test_guards_of_a_case_file_that_cannot_be_read_are_refused_each_by_name(capsys, tmp_path, words):
    path = tmp_path / "case.json"
    path.write_text(json.dumps({"schema": 1, "evidence": {**GUARDS, "fever": "present"}}), encoding="utf-8")
    code, out, err = run(capsys, *words, "--case", path, "--outside", "allow")
    assert (code, out) == (2, "")
    for said in ("blasts: expected 'absent' or 'present', got 3", "chemotherapy: state 'soon' is unknown; allowed is "
                 "'absent' or 'present'", "age: the unit 'ans' is unknown, got '7 ans'; allowed is 'years' or 'months'",
                 "anc: a number needs its unit, got 0.3; allowed is '/mm3', '10^9/L', "
                 "'10^2/uL' or '10^4/uL'"):  # fmt: skip
        assert said in err.splitlines()[-1]


@pytest.mark.parametrize("given", [{"blasts": True}, {"chemotherapy": "yes"}, {"blasts": 1, "rash": "?"}])
def test_words_of_cells_are_read_in_a_case_file_and_behind_set(capsys, tmp_path, given):
    path = tmp_path / "case.json"
    path.write_text(json.dumps({"schema": 1, "evidence": {**given, "fever": "present"}}), encoding="utf-8")
    code, out, err = run(capsys, "posterior", "--case", path)
    assert (code, out) == (2, "")
    assert "OutOfScope" in err
    words = [f"{node}={value}" for node, value in given.items()]
    assert run(capsys, "posterior", "--set", *words, "fever=ja")[2].splitlines()[-1] == err.splitlines()[-1]


def test_what_may_be_a_code_is_refused_by_name(capsys, tmp_path):
    code, _, err = run(capsys, "posterior", "--set", "antibiotic_course=1")
    assert code == 2
    assert "antibiotic_course: 1 can be a code or a number of days, got '1'; write '1 days'" in err
    assert run(capsys, "posterior", "--json", "--set", "antibiotic_course=1 days", "fever=NA")[0] == 0
    path = tmp_path / "case.json"
    path.write_text(
        json.dumps({"schema": 1, "evidence": {"antibiotic_course": 1, "fever": "present"}}), encoding="utf-8"
    )
    assert "1 can be a code" in json.loads(run(capsys, "posterior", "--case", path, "--json")[1])["left_out"][0]


def test_a_red_flag_is_said_beside_a_guard_that_cannot_be_read(capsys):
    code, out, err = run(capsys, "posterior", "--set", "blasts=present", "age=7 ans", "--outside", "allow")
    assert (code, out) == (2, "")
    assert "Urgent haematology referral" in err
    assert "age: the unit 'ans' is unknown" in err


def test_what_is_left_out_of_a_case_file_stands_beside_the_answer(capsys, tmp_path):
    path, content = tmp_path / "case.json", {"schema": 1, "evidence": {"fever": "present", "rash": "maybe"}, "extra": 1}
    path.write_text(json.dumps({**content, "numbers": {"link.of.nothing": 0.5}}), encoding="utf-8")
    left_out = json.loads(run(capsys, "posterior", "--case", path, "--json")[1])["left_out"]
    assert len(left_out) == 3
    for word in ("rash: state 'maybe'", "link.of.nothing", "'extra'"):
        assert any(word in sentence for sentence in left_out)
    out = run(capsys, "explain", "--case", path)[1]
    assert all(f"Left out: {sentence}" in out for sentence in left_out)


def test_plain_output_ranks_and_marks(capsys):
    code, out, _ = run(capsys, "posterior", "--set", "anc=700 /mm3", "ben=present", "--outside", "allow")
    assert code == 0
    assert out.startswith("OUTSIDE THE MODEL")
    first = next(line for line in out.splitlines() if line[46:].strip().startswith("1.000"))
    assert first.startswith("Benign ethnic neutropenia")
    assert "90 % interval" in out
    assert "not validated on patients" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["posterior", "--set", "fever=present", "fever=absent"], "'fever' is given twice"),
        (["posterior", "--set", "fever"], "expected node=value, got 'fever'"),
        (["posterior", "--set", "=present"], "expected node=value"),
        (["posterior", "--set", "fevr=present"], "did you mean 'fever'"),
        (["posterior", "--set", "anc=400 /mm3"], "OutOfScope"),
        (["posterior", "--setting", "ward"], "allowed is 'article'"),
        (["posterior", "--scale", "nobody"], "Verbal scale 'nobody' is unknown"),
        (["posterior", "--case", "missing.json"], "missing.json cannot be read"),
        (["posterior", "--outside", "perhaps"], "'refuse' or 'allow'"),
        (["export", "network.txt"], "expected a file ending in"),
        (["score", "missing.csv", "-o", "out.csv"], "missing.csv"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(capsys, words, message):
    code, out, err = run(capsys, *words)
    assert code == 2
    assert message in err
    assert out == ""
    assert "Traceback" not in err


def test_set_and_case_may_not_both_give_a_node(capsys, tmp_path):
    path = tmp_path / "case.json"
    path.write_text(Case("article", {"fever": "present"}).to_json("x"), encoding="utf-8")
    code, _, err = run(capsys, "posterior", "--case", path, "--set", "fever=absent")
    assert code == 2
    assert "'fever' is given twice" in err


def test_score_adds_columns(capsys, tmp_path):
    table, out = tmp_path / "in.csv", tmp_path / "out.csv"
    table.write_text("name,fever,anc\nA,present,1200 /mm3\nB,,2000 /mm3\n", encoding="utf-8")
    code, _, _ = run(capsys, "score", table, "-o", out)
    assert code == 0
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("name,fever,anc,p_drug")
    assert lines[1].startswith("A,present,1200 /mm3,0.")
    assert "refused" in lines[2]


def test_export_writes_the_setting_asked_for(capsys, tmp_path):
    path = tmp_path / "network.json"
    assert run(capsys, "export", path, "--setting", "primary_care")[0] == 0
    assert json.loads(path.read_text())["setting"] == "primary_care"


def test_verify_passes_and_prints_kappa(capsys, article):
    code, out, _ = run(capsys, "verify", "--setting", "article", "--cases", "2")
    assert code == 0
    assert "FAILED" not in out
    assert out.count("kappa") == len(article.calibrated.targets) == 17
    assert "ben.present" in out
    assert "shares and epidemiology disagree" in out


def test_validate_compares_with_the_population(capsys):
    code, out, _ = run(capsys, "validate", "--population", "--setting", "primary_care")
    assert code == 0
    assert "195 of 21678 adults" in out
    assert f"71.5{SPACE}% (60.4 to 81.0{SPACE}%)" in out
    assert "primary_care: agrees on" in out
    assert "article" not in out
    found = json.loads(run(capsys, "validate", "--population", "--json", "--effort", "0.1")[1])["population"]
    assert {row["setting"] for row in found["compared"]} == {
        "article", "even", "haematology_clinic", "primary_care", "urban_us_clinic"}  # fmt: skip


SMALL = ("--effort", "0.05", "--setting", "primary_care")


def test_validate_runs_only_the_sections_asked_for(capsys):
    code, out, err = run(capsys, "validate", "--consistency", "--recovery", "--plausibility", *SMALL)
    assert code == 0
    heads = [line for line in out.splitlines() if line.isupper()]
    assert heads == ["PLAUSIBLE PATIENTS", "SELF-CONSISTENCY", "ROBUST RECOVERY"]
    assert out.count("Cannot show") == 3
    assert "2,500 simulated patients, setting primary_care" in out
    assert "5 worlds of 100 simulated patients" in out
    assert re.search(r"41 of 42 inside their range; .*", out)
    assert err == ""


def test_validate_json_is_the_library(capsys):
    """The same figures as the library, by section; every number finite."""
    code, out, _ = run(capsys, "validate", "--recovery", "--plausibility", "--consistency", "--json", *SMALL)
    found = json.loads(out, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert code == 0
    assert list(found) == ["plausibility", "consistency", "recovery"]
    asked = model.load("primary_care")
    mine = validation.robust_recovery(asked, worlds=5, patients=100)
    rows = {row["asked"]: row for row in found["recovery"]["asked"]}
    assert rows["published numbers"]["top1"] == mine.frame.loc["published numbers", "top1"]
    expected = validation.plausibility(asked, draws=25).frame
    items = {row["item"]: row for row in found["plausibility"]["primary_care"]["items"]}
    assert items["fever=present"]["high"] == expected.loc["fever=present", "high"]
    assert found["consistency"]["consistent"] is True
    assert len(found["consistency"]["causes"]) == 7


@pytest.fixture
def few_laws(monkeypatch):
    """Two laws on a small lattice, with the exceptions that they have there."""
    table = read_laws(model.load().knowledge)
    laws = tuple(replace(law, also=()) for law in table.laws if law.id in ("rule_out", "rule_out_with_findings"))
    small = replace(table, laws=laws, lattice={"fever": "", "duration": ""}, exceptions=())
    reports = [laws_of(model.load(setting), small) for setting in model.load().knowledge.settings]
    rows = tuple(replace(row, reason="On a small lattice.") for row in found_exceptions(reports, small).rows)
    table = replace(small, exceptions=rows)
    monkeypatch.setattr(validation, "check_laws", lambda asked, progress: laws_of(asked, table, progress))
    monkeypatch.setattr(law_table, "read_laws", lambda knowledge: table)
    return table


def test_validate_checks_the_laws(capsys, few_laws):
    code, out, _ = run(capsys, "validate", "--laws")
    assert code == 0
    assert "Every law comes out as listed." in out
    line = next(line for line in out.splitlines() if line.startswith("rule out with findings "))
    failing = sum("even" in row.settings for row in few_laws.exceptions)  # the last column
    assert line.split()[-2:] == ["in", str(failing)]
    assert max(map(len, out.splitlines())) <= 120
    found = json.loads(run(capsys, "validate", "--laws", "--json", "--setting", "article")[1])["laws"]
    assert list(found) == ["article"]
    assert sum(check["violations"] > 0 for check in found["article"]["checks"]) > 0


def test_an_unlisted_law_exception_fails(capsys, few_laws, monkeypatch):
    bare = replace(few_laws, exceptions=few_laws.exceptions[1:])
    monkeypatch.setattr(validation, "check_laws", lambda asked, progress: laws_of(asked, bare, progress))
    code, out, err = run(capsys, "validate", "--laws", "--setting", few_laws.exceptions[0].settings[0])
    assert code == 1
    assert f"{few_laws.exceptions[0].check} fails and is not listed" in out
    assert err == "NOT AS IT MUST BE: Clinical laws\n"


def test_validate_ranks_the_truth(capsys):
    code, out, _ = run(capsys, "validate", "--ranks", *SMALL)
    assert code == 0
    assert "20 simulated patients, setting primary_care" in out
    assert out.rstrip().endswith("Weighed ranks: as they must be.")


def test_validate_fails_where_the_model_is_not_as_it_must_be(capsys, monkeypatch):
    broken = model.load("primary_care").override({"leak.fever.present": 0.5})
    monkeypatch.setattr(validate_command, "load", lambda *_: broken)
    code, out, err = run(capsys, "validate", "--plausibility", *SMALL)
    assert code == 1
    assert "not as stated: fever=present" in out
    assert err == "NOT AS IT MUST BE: Plausible patients\n"


def test_validate_fails_where_simulated_patients_do_not_fit(capsys, monkeypatch):
    asked = model.load("primary_care")
    apart = replace(validation.self_consistency(asked, 1000), smallest_p=1e-9)
    ranks = validation.simulation_based_calibration(asked, patients=20, draws=100)
    uneven = replace(ranks, frame=ranks.frame.assign(weighted_chi_square_p=1e-9))
    monkeypatch.setattr(validation, "self_consistency", lambda *_, **__: apart)
    monkeypatch.setattr(validation, "simulation_based_calibration", lambda *_, **__: uneven)
    for section, title in (("--consistency", "Self-consistency"), ("--ranks", "Ranks of the truth")):
        code, _, err = run(capsys, "validate", section, *SMALL)
        assert (code, err) == (1, f"NOT AS IT MUST BE: {title}\n")


def test_validate_runs_everything_unless_told(capsys, monkeypatch):
    ran = []
    sections = {
        name: replace(section, run=lambda arguments, tell, name=name: ran.append(name) or Part(name, {"name": name}))
        for name, section in validate_command.SECTIONS.items()
    }
    monkeypatch.setattr(validate_command, "SECTIONS", sections)
    assert run(capsys, "validate")[0] == 0
    assert ran == ["published", "goals", "vignettes", "reliability", "outside", "population", "laws", "plausibility",
                   "consistency", "recovery", "ranks"]  # fmt: skip
    ran.clear()
    assert run(capsys, "validate", "--leave-out")[0] == 0
    assert ran == ["leave_out"]
    assert set(sections) - {"leave_out"} == {name for name, section in sections.items() if not section.slow}


@pytest.mark.parametrize("effort", ["0", "-1", "101", "much", "nan"])
def test_effort_is_a_sensible_number(capsys, effort):
    with pytest.raises(SystemExit) as stopped:
        main(["validate", "--effort", effort])
    assert stopped.value.code == 2
    assert "expected a number above 0, at most 100" in capsys.readouterr().err


def test_law_exceptions_are_written_with_what_is_still_to_do(capsys, tmp_path, few_laws, monkeypatch):
    target = tmp_path / "law_exceptions.csv"
    code, out, _ = run(capsys, "validate", "--write-exceptions", target)
    assert (code, out) == (0, "every exception has its reason, and none is new\n")
    assert target.read_text(encoding="utf-8").count("On a small lattice.") == len(few_laws.exceptions)
    assert [path.name for path in tmp_path.iterdir()] == ["law_exceptions.csv"]
    first, *rest = few_laws.exceptions
    monkeypatch.setattr(law_table, "read_laws", lambda knowledge: replace(few_laws, exceptions=tuple(rest)))
    code, out, _ = run(capsys, "validate", "--write-exceptions", target)
    assert (code, out) == (1, f"{first.law}: {first.check} still needs a reason\n")


def test_law_exceptions_are_about_every_setting(capsys, tmp_path):
    code, _, err = run(capsys, "validate", "--write-exceptions", tmp_path / "x.csv", "--setting", "article")
    assert code == 2
    assert "expected no --setting" in err
    assert list(tmp_path.iterdir()) == []


def test_explain_adds_up(capsys, article):
    code, out, _ = run(capsys, "explain", "--set", "fever=present", "serum_folate=low", "--cause", "nutritional")
    assert code == 0
    table = out.split("\n\n")[1].splitlines()
    numbers = {line[:52].strip(): float(line[52:].split()[0]) for line in table if not line.startswith("of which")}
    parts = [value for name, value in numbers.items() if name != "together"]
    assert sum(parts) == pytest.approx(numbers["together"], abs=0.02)


def test_next_and_sensitivity_answer(capsys):
    code, out, _ = run(capsys, "next", "--set", "fever=present", "--most", "3")
    assert code == 0
    assert "bits" in out
    code, out, _ = run(capsys, "sensitivity", "--set", "fever=present", "--most", "3")
    assert code == 0
    assert "ratios within a cause" in out


def test_no_share_is_printed_as_never_or_always(capsys):
    given = ("--set", "serum_b12=low", "macrocytosis=present", "duffy_null=absent")
    for command in (("posterior", *given), ("next", *given, "--most", "40")):
        code, out, _ = run(capsys, *command)
        assert code == 0
        assert f"<1{SPACE}%" in out
        assert not re.search(r"(?<![\d.])(0|100)\s?%", out)


def test_module_runs_from_any_folder(tmp_path):
    result = subprocess.run(
        [sys.executable, "-m", "model", "--version"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )  # fmt: skip
    assert result.stdout.strip() == model.__version__


def test_a_query_loads_nothing_heavy(tmp_path):
    """Importing the package and one posterior must need neither pgmpy nor the other heavy libraries."""
    code = (
        "import sys, model; model.load().posterior({'fever': 'present', 'serum_b12': '150 pg/mL'}).acting; "
        "heavy = ('pgmpy', 'scipy', 'pandas', 'SALib', 'altair', 'pydantic', 'streamlit'); "
        "print([m for m in heavy if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )  # fmt: skip
    assert result.stdout.strip() == "[]"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("note,fever\n=1+1,present\n,hot\n,absent\n", encoding="utf-8")
    return path


def test_score_says_what_became_of_the_rows(capsys, table):
    out = table.with_name("out.csv")
    code, printed, err = run(capsys, "score", table, "-o", out, "--on-error", "mark")
    assert (code, printed) == (0, "")
    assert err.endswith(f"3 rows: 2 in scope, 1 invalid; written to {out}\n")
    assert "\n=1+1," in out.read_text()


def test_score_can_defuse_formulas(capsys, table):
    assert run(capsys, "score", table, "-o", table.with_name("out.csv"), "--safe", "--on-error", "mark")[0] == 0
    assert "\n'=1+1," in table.with_name("out.csv").read_text()


def test_export_says_how_to_ask(capsys, tmp_path):
    code, out, err = run(capsys, "export", tmp_path / "network.net")
    assert (code, out) == (0, "")
    assert err == f"written to {tmp_path / 'network.net'}; set neutropenia=yes in every query\n"


def test_control_c_is_one_sentence_and_leaves_nothing_behind(capsys, table, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(scoring.os, "replace", stop)
    code, out, err = run(capsys, "score", table, "-o", table.with_name("out.csv"), "--on-error", "mark")
    assert (code, out) == (130, "")
    assert err.endswith("stopped; nothing was written\n")
    assert "Traceback" not in err
    assert list(table.parent.iterdir()) == [table]


def test_a_terminated_score_leaves_nothing_behind(capsys, table, monkeypatch):
    received = []

    def before(number, _):
        received.append(number)

    kept = signal.signal(signal.SIGTERM, before)
    try:
        monkeypatch.setattr(scoring.os, "replace", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        with pytest.raises(SystemExit) as ended:
            main(["score", str(table), "-o", str(table.with_name("out.csv")), "--on-error", "mark"])
        assert signal.getsignal(signal.SIGTERM) is before
    finally:
        signal.signal(signal.SIGTERM, kept)
    assert (ended.value.code, received) == (143, [])
    assert list(table.parent.iterdir()) == [table]


def test_a_command_runs_in_another_thread_too(capsys, table):
    codes = []
    thread = threading.Thread(target=lambda: codes.append(main(["export", str(table.with_name("network.net"))])))
    thread.start()
    thread.join()
    assert codes == [0]


@pytest.mark.parametrize("command", ["posterior", "next", "score"])
def test_help_shows_what_outside_may_be(capsys, command):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert "--outside {refuse,allow}" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["next", "--most"], ["sensitivity", "--most"], ["verify", "--cases"]])
@pytest.mark.parametrize("count", ["0", "-1", "1.5", "many", ""])
def test_counts_are_at_least_one(capsys, words, count):
    with pytest.raises(SystemExit) as ended:
        main([*words[:-1], f"{words[-1]}={count}"])
    assert ended.value.code == 2
    assert f"expected a whole number of at least 1, got {count!r}" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["posterior", "next", "validate", "verify", "export", "score"])
def test_an_empty_setting_is_not_the_default(capsys, tmp_path, command, table):
    words = {"export": [tmp_path / "network.json"], "score": [table, "-o", tmp_path / "out.csv"]}.get(command, [])
    code, _, err = run(capsys, command, *words, "--setting", "")
    assert code == 2
    assert "Setting '' is unknown" in err


@pytest.mark.parametrize("target", [".", "nowhere/card.md"])
def test_a_file_that_cannot_be_written_is_one_sentence(capsys, monkeypatch, tmp_path, target):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, "card", "--keep", "-o", target)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert "cannot be written; expected" in err


def test_a_full_disk_is_one_sentence():
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as full:
        buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
        result = subprocess.run([sys.executable, "-m", "model", "next", "--most", "1"], stdout=full, env=buffered,
                                stderr=subprocess.PIPE, text=True, check=False, cwd=ROOT)  # fmt: skip
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1


def test_a_terminal_without_the_letters_still_gets_the_answer():
    """The minus sign and the superscript three are not in ASCII."""
    words = [sys.executable, "-m", "model", "explain", "--set", "fever=present"]
    found = subprocess.run(words, env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}, check=True,
                           capture_output=True, cwd=ROOT)  # fmt: skip
    plain = subprocess.run(words, env={**os.environ, "PYTHONIOENCODING": "utf-8"}, check=True, capture_output=True,
                           cwd=ROOT)  # fmt: skip
    assert found.stdout.isascii()
    assert not plain.stdout.isascii()
    assert found.stdout.decode("unicode_escape") == plain.stdout.decode()


def test_a_case_file_that_never_ends_is_refused(capsys, tmp_path):
    """A device or a pipe has no size to look at."""
    pipe = tmp_path / "case.json"
    os.mkfifo(pipe)
    sender = threading.Thread(target=_send_until_closed, args=(pipe,), daemon=True)
    sender.start()
    code, _, err = run(capsys, "posterior", "--case", pipe)
    sender.join(10)
    assert code == 2
    assert "at most 200000 bytes" in err
    assert not sender.is_alive()


def _send_until_closed(pipe):
    with pipe.open("wb", buffering=0) as file:
        try:
            for _ in range(100):  # twenty times what is allowed, so that a reader of everything ends too
                file.write(b" " * 40_000)
        except BrokenPipeError:
            return
    raise AssertionError("everything was read")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["serve", "--port", "65536"], "a port from 1 to 65535"),
        (["serve", "--port", "-1"], "a port from 1 to 65535"),
        (["validate", "--seed", "-1"], "a whole number"),
    ],
)
def test_numbers_out_of_range_are_refused_before_anything_runs(capsys, words, said):
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


def test_medicines_by_name(capsys, tmp_path, article):
    words = ("--medicine", "carbamazepine, 3 weeks", "--medicine", "omeprazole 3 y", "--set", "fever=present")
    code, out, err = run(capsys, "posterior", "--json", *words)
    answer = json.loads(out)
    evidence = {"medicines": ["carbamazepine, 3 weeks", "omeprazole 3 y"], "fever": "present"}
    assert (code, answer["causes"]) == (0, pytest.approx(article.posterior(evidence).acting))
    assert [each["as"] for each in answer["medicines"]] == ["Carbamazepine", "omeprazole"]
    assert "not counted" in answer["notices"][0]
    assert f"warning: {answer['notices'][0]}" in err
    path = tmp_path / "case.json"
    path.write_text(Case("article", {"medicines": "mtx 2 y"}).to_json(article.hash), encoding="utf-8")
    _, out, _ = run(capsys, "explain", "--case", path, "--medicine", "valproate")
    assert "MTX (Methotrexate), 2 y" in out
    assert "Valproate" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--medicine", "carbamazepin"), "did you mean 'Carbamazepine'"),
        (("--medicine", "mtx", "--set", "methotrexate=absent"), "'absent' was entered, and the medicine"),
        (("--medicine", "cisplatin"), "outside the scope"),
    ],
)
def test_a_medicine_that_cannot_stand_is_one_sentence(capsys, words, said):
    code, out, err = run(capsys, "posterior", "--json", *words)
    assert (code, out) == (2, "")
    assert said in err


def test_very_many_entries_that_are_not_known_are_counted_not_poured_out(tmp_path, capsys):
    evidence = {"fever": "present", **{f"unknown_{place}": "yes" for place in range(2000)}}
    file = tmp_path / "many.json"
    file.write_text(json.dumps({"schema": 1, "setting": "article", "evidence": evidence}), encoding="utf-8")
    assert main(["posterior", "--case", str(file), "--json"]) == 0
    told = capsys.readouterr()
    assert len(told.err.splitlines()) == 31
    assert "And 1970 more" in told.err
    assert len(json.loads(told.out)["left_out"]) == 2000
