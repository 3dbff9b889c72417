"""The command line: the same numbers as the library, and one sentence for each mistake."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import model
from model import scoring
from model.__main__ import main
from model.case import published_case

ROOT = Path(__file__).resolve().parent.parent


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
    path.write_text(model.case.Case("primary_care", {"fever": "present"}).to_json("x"), encoding="utf-8")
    assert json.loads(run(capsys, "posterior", "--case", path, "--json")[1])["setting"] == "primary_care"
    told = run(capsys, "posterior", "--case", path, "--setting", "article", "--json")[1]
    assert json.loads(told)["setting"] == "article"


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
    path.write_text(model.case.Case("article", {"fever": "present"}).to_json("x"), encoding="utf-8")
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


def test_verify_passes_and_prints_kappa(capsys):
    code, out, _ = run(capsys, "verify", "--setting", "article", "--cases", "2")
    assert code == 0
    assert "FAILED" not in out
    assert out.count("kappa") == 12
    assert "ben.present" in out
    assert "shares and epidemiology disagree" in out


def test_validate_compares_with_the_population(capsys):
    code, out, _ = run(capsys, "validate", "--population", "--setting", "primary_care")
    assert code == 0
    assert "195 of 21678 adults" in out
    assert "71.5 % (60.4 % to 81.0 %)" in out
    assert "primary_care: agrees on" in out
    assert "article" not in out
    found = json.loads(run(capsys, "validate", "--population", "--json")[1])
    assert {row["setting"] for row in found["compared"]} == {
        "article", "haematology_clinic", "primary_care", "urban_us_clinic"}  # fmt: skip


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
    code, printed, err = run(capsys, "score", table, "-o", out)
    assert (code, printed) == (0, "")
    assert err.endswith(f"3 rows: 2 in scope, 1 invalid; written to {out}\n")
    assert "\n=1+1," in out.read_text()


def test_score_can_defuse_formulas(capsys, table):
    assert run(capsys, "score", table, "-o", table.with_name("out.csv"), "--safe")[0] == 0
    assert "\n'=1+1," in table.with_name("out.csv").read_text()


def test_export_says_how_to_ask(capsys, tmp_path):
    code, out, err = run(capsys, "export", tmp_path / "network.json")
    assert (code, out) == (0, "")
    assert err == f"written to {tmp_path / 'network.json'}; set neutropenia=yes in every query\n"


def test_control_c_is_one_sentence_and_leaves_nothing_behind(capsys, table, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(scoring.os, "replace", stop)
    code, out, err = run(capsys, "score", table, "-o", table.with_name("out.csv"))
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
            main(["score", str(table), "-o", str(table.with_name("out.csv"))])
        assert signal.getsignal(signal.SIGTERM) is before
    finally:
        signal.signal(signal.SIGTERM, kept)
    assert (ended.value.code, received) == (143, [])
    assert list(table.parent.iterdir()) == [table]


def test_a_command_runs_in_another_thread_too(capsys, table):
    codes = []
    thread = threading.Thread(target=lambda: codes.append(main(["export", str(table.with_name("network.json"))])))
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
