"""Every chart draws the numbers of its result, says them in words as well, and can be read."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from model import charts
from model.charts import DARK, LIGHT
from model.cohort import read_scored, summarise
from model.cohort.scoring import added_columns, score_bytes
from model.errors import EvidenceError, KnowledgeError
from model.evidence import published_cases
from model.sensitivity import ParameterSpace, intervals, one_way, prior_predictive, sensitivity_function, two_way
from model.sensitivity.reliance import reliance
from model.sensitivity.side_by_side import side_by_side
from model.sensitivity.swap_reader import swap_reader
from model.sensitivity.verify_first import verify_first
from model.validation import (
    case_scores,
    case_set,
    check_laws,
    compare,
    nhanes_comparison,
    plausibility,
    robust_recovery,
    self_consistency,
    simulation_based_calibration,
)
from model.validation.laws.table import read_laws
from model.wording import SPACE, counted, percent, signed

FEVER, LEAK = "link.fever.present.viral.present", "leak.respiratory_symptoms.present"
NAMES = [name for name in charts.__all__ if name.islower() and not name.endswith("_text")]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.fixture(scope="module")
def results(article):
    """One result for every chart: a published case whose leading cause single numbers change."""
    evidence = published_cases(article.knowledge.folder)["A03"].presenting()
    answer = article.posterior(evidence, scope=False)
    ledger = article.explain(evidence, "viral", scope=False)
    cohort = a_cohort(article)
    return {
        "comparison": side_by_side({"as published": (article, answer), "again": (article, answer)}, draws=50),
        "intervals": intervals(article, answer, draws=200),
        "elicitation": [q for q in ParameterSpace(article).quantities if q.id.startswith(("hazard.drug", "cooc"))],
        "prior_predictive": prior_predictive(article, draws=50),
        "tornado": one_way(article, answer, "viral"),
        "curve": sensitivity_function(article, answer, FEVER, points=41),
        "two_way": two_way(article, answer, "viral", FEVER, LEAK, points=7),
        "reliance": reliance(article, answer, "viral", by="grade", base=16),
        "verify_first": verify_first(article, by="grade", patients=5, draws=200),
        "readers": swap_reader(article, answer),
        "literature": article.literature(evidence, scope=False),
        "ledger": ledger,
        "waterfall": ledger,
        "next_tests": article.next_tests(evidence, scope=False),
        "accuracy": case_scores(article, case_set(article)),
        "cohort_leaders": cohort,
        "cohort_means": cohort,
        "cohort_clarity": cohort,
        "plausibility": plausibility(article, draws=50),
        "laws": laws_on_a_small_lattice(article),
        "reliability": self_consistency(article, 2000),
        "recovery": robust_recovery(article, worlds=5, patients=50),
        "truth_ranks": simulation_based_calibration(article, patients=20, members=20, draws=200),
        "baselines": compare(article, case_set(article), replicates=200),
        "survey": nhanes_comparison([article], draws=50),
    }


def a_cohort(article):
    """A table of four patients, one of them refused."""
    table = b"name,fever,serum_b12,anc\nA,present,,\nB,,low,1100 /mm3\nC,absent,,\nD,,,2000 /mm3\n"
    scored, _ = score_bytes(article, table, "four.csv")
    labels = {cause.id: cause.label for cause in article.knowledge.role("cause")}
    return summarise(read_scored(scored, added_columns(article)), labels)


def laws_on_a_small_lattice(article):
    table = read_laws(article.knowledge)
    laws = tuple(replace(law, also=()) for law in table.laws if not law.answered)
    return check_laws(article, replace(table, laws=laws, lattice={"fever": "", "duration": ""}))


def drawn(name, results, palette=LIGHT):
    return getattr(charts, name)(results[name], palette=palette)


def said(name, results):
    return getattr(charts, f"{name}_text")(results[name])


def tables(chart):
    """Every table that the chart carries, as data frames."""
    return [pd.DataFrame(rows) for rows in chart.to_dict()["datasets"].values()]


def with_columns(chart, *columns):
    found = [table for table in tables(chart) if set(columns) <= set(table.columns)]
    assert len(found) == 1, [list(table.columns) for table in tables(chart)]
    return found[0]


def test_every_chart_has_a_result_and_a_text_twin(results):
    assert set(NAMES) <= set(results)
    assert {f"{name}_text" for name in results} <= set(charts.__all__)


def test_no_text_twin_says_nan(results):
    assert [name for name in NAMES if re.search(r"\bnan\b", said(name, results))] == []


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_chart_is_valid_titled_described_and_readable(name, results, palette):
    spec = drawn(name, results, palette).to_dict()  # Altair checks it against the schema
    assert spec["title"]["text"]
    assert spec["title"]["subtitle"]
    assert max(map(len, spec["title"]["subtitle"])) < 125  # nothing runs off the picture
    assert spec["description"] == said(name, results)
    config = spec["config"]
    for label in (config["axis"]["labelColor"], config["axis"]["titleColor"], config["title"]["subtitleColor"]):
        assert contrast(label, spec["background"]) >= 4.5
    assert "http" not in str({key: value for key, value in spec.items() if key != "$schema"})


@pytest.mark.parametrize("name", NAMES)
def test_chart_renders_without_a_network(name, results):
    converter = pytest.importorskip("vl_convert")
    svg = converter.vegalite_to_svg(drawn(name, results).to_dict(), allowed_base_urls=[])
    assert svg.startswith("<svg")
    assert "NaN" not in svg


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_have_contrast(palette):
    for text in (palette.ink, palette.quiet):
        assert contrast(text, palette.background) >= 4.5
    for cell in (palette.least, palette.most):  # numbers stand on the colour scale
        assert contrast(palette.ink, cell) >= 4.5
    for mark in (palette.favour, palette.against, palette.neutral):
        assert contrast(mark, palette.background) >= 3


def test_contrast_is_that_of_wcag():
    assert contrast("#FFFFFF", "#FFFFFF") == 1
    assert contrast("#0072B2", "#FFFFFF") == pytest.approx(5.19, abs=0.01)
    assert contrast("#D55E00", "#FFFFFF") == pytest.approx(3.87, abs=0.01)


def test_probability_is_never_printed_as_certain():
    shown = [percent(p, 1).replace(SPACE, " ") for p in (0.0, 0.0004, 0.5, 0.9996, 1.0)]
    assert shown == ["<0.1 %", "<0.1 %", "50.0 %", ">99.9 %", ">99.9 %"]
    assert signed(-1.25) == "\N{MINUS SIGN}1.2"


def test_intervals_draw_the_frame(results):
    frame = with_columns(drawn("intervals", results), "plug_in").set_index("cause")
    for column in ("plug_in", "low", "high", "first"):
        np.testing.assert_allclose(frame[column], results["intervals"].frame[column])
    for cause, row in results["intervals"].frame.iterrows():
        line = next(line for line in said("intervals", results).splitlines() if line.startswith(cause))
        assert all(percent(row[column], 1) in line for column in ("plug_in", "low", "high", "first"))


def test_tornado_draws_both_ends_and_says_what_is_not_identified(results):
    result = results["tornado"]
    frame = with_columns(drawn("tornado", results), "id", "end")
    for end in ("low", "high"):
        part = frame[frame["end"] == end]
        np.testing.assert_allclose(part["probability"], result.frame[f"at_{end}"].head(15))
        assert part["id"].tolist() == result.frame["id"].head(15).tolist()
    assert ((frame["side"] == "raises") == (frame["probability"] > result.posterior)).all()
    subtitle = " ".join(drawn("tornado", results).to_dict()["title"]["subtitle"])
    for text in (said("tornado", results), subtitle):
        assert "only as ratios within a cause" in text
        assert result.certificate in text
    for row in result.frame.head(15).to_dict("records"):
        line = next(line for line in said("tornado", results).splitlines() if line.startswith(row["id"] + " "))
        assert percent(row["at_low"], 1) in line
        assert percent(row["at_high"], 1) in line
        assert (f"{row['flip']:.3g}" in line) == row["inside"] or not row["inside"]


def test_tornado_takes_names(results):
    names = {results["tornado"].frame["id"][0]: "a plain name"}
    text = charts.tornado_text(results["tornado"], top=1, labels=names)
    assert text.splitlines()[1].startswith("a plain name ")
    assert with_columns(charts.tornado(results["tornado"], 1, names), "name")["name"].unique().tolist() == [
        "a plain name"
    ]


def test_curve_draws_the_sensitivity_function(article, results):
    result = results["curve"]
    lines = [t for t in tables(drawn("curve", results)) if "leads" in t and "place" not in t]
    frame = lines[0].pivot(index="value", columns="cause", values="probability")
    np.testing.assert_allclose(frame, result.frame[frame.columns])
    assert lines[0].loc[lines[0]["leads"], "cause"].unique().tolist() == ["viral"]
    ((at, below, above),) = result.flips
    assert (below, above) == ("drug", "viral")
    assert f"{at:.3g}" in said("curve", results)
    one = results["tornado"].frame.set_index("id").loc[FEVER]
    assert at == pytest.approx(one["flip"], rel=1e-3)  # between the points it is interpolated
    assert result.frame["viral"].iloc[0] == pytest.approx(one["at_low"], abs=1e-12)
    evidence = published_cases(article.knowledge.folder)["A03"].presenting()
    again = article.override({FEVER: float(result.frame.index[10])}).posterior(evidence, scope=False)
    np.testing.assert_allclose(result.frame.iloc[10], list(again.acting.values()), atol=1e-9)


def test_sensitivity_function_refuses(article):
    with pytest.raises(KnowledgeError, match="is not one of setting"):
        sensitivity_function(article, article.posterior({}), "link.fever")
    with pytest.raises(EvidenceError, match="3 points or more"):
        sensitivity_function(article, article.posterior({}), FEVER, points=2)


def test_two_way_draws_every_cell_and_a_border_between_leaders(results):
    result = results["two_way"]
    cells = with_columns(drawn("two_way", results), "leader", "probability", "top")
    np.testing.assert_allclose(cells["probability"], result.frame["probability"])
    leader = result.frame.pivot(index=FEVER, columns=LEAK, values="leader").to_numpy()
    changes = (leader[1:] != leader[:-1]).sum() + (leader[:, 1:] != leader[:, :-1]).sum()
    borders = [t for t in tables(drawn("two_way", results)) if set(t.columns) == {"left", "right", "bottom", "top"}]
    assert len(borders[0]) == changes > 0
    for corner in (0, -1):
        assert percent(result.frame["probability"].iloc[corner], 1) in said("two_way", results)


def test_two_way_without_a_border(results):
    alone = replace(results["two_way"], frame=results["two_way"].frame.assign(leader="viral"))
    spec = charts.two_way(alone, stated=(0.5, 0.1)).to_dict()
    assert "Cross" in " ".join(spec["title"]["subtitle"])
    assert f"viral leads in >99.9{SPACE}%" in charts.two_way_text(alone)


@pytest.mark.parametrize(
    ("name", "column", "error"), [("reliance", "total", "total_error"), ("verify_first", "evppi", "")]
)
def test_groups_are_drawn_with_their_error(name, column, error, results):
    result = results[name]
    frame = with_columns(drawn(name, results), "group").set_index("group")
    np.testing.assert_allclose(frame[column], result.frame[column])
    half = result.frame[error] if error else 1.959964 * result.frame["evppi_error"]
    np.testing.assert_allclose(frame["most"] - frame[column], half)
    digits = 3 if error else 4
    for group, row in result.frame.iterrows():
        line = next(line for line in said(name, results).splitlines() if line.startswith(str(group)))
        assert f"{row[column]:.{digits}f}" in line


def test_readers_draw_as_read_first_and_frame_each_leader(results):
    result = results["readers"]
    frame = with_columns(drawn("readers", results), "reader")
    table = frame.pivot(index="reader", columns="cause", values="probability")
    np.testing.assert_allclose(table, result.frame.loc[table.index, table.columns].astype(float))
    framed = frame[frame["leads"]].set_index("reader")["cause"]
    assert framed.to_dict() == result.frame.loc[framed.index, "leader"].to_dict()
    lines = said("readers", results).splitlines()
    assert lines[1].startswith("as read")
    assert percent(result.frame["viral"].iloc[0], 1) in lines[1]


def test_literature_draws_what_moves_and_says_the_rest(results):
    result = results["literature"]
    frame = with_columns(drawn("literature", results), "model", "figure").set_index("name")
    moving = {f"{f.disagreement}  {f.label}: {f.moved}": f for f in result.figures if abs(f.change) >= 0.0005}
    assert 3 < len(moving) < len(result.figures)
    assert set(frame.index) == set(moving)
    for name, figure in moving.items():
        assert frame.loc[name, "model"] == result.causes[figure.moved]
        assert frame.loc[name, "figure"] == figure.causes[figure.moved]
        if figure.at_low:
            assert frame.loc[name, ["low", "high"]].tolist() == sorted(
                (figure.at_low[figure.moved], figure.at_high[figure.moved])
            )
        assert (frame.loc[name, "said"] == "") == (figure.leader == result.leader)
    text = said("literature", results)
    for figure in result.figures:
        line = next(line for line in text.splitlines() if line.startswith(f"{figure.disagreement} {figure.label} "))
        assert percent(figure.causes[figure.moved], 1) in line if abs(figure.change) >= 0.0005 else "nothing" in line
    assert all(point.reason in text for point in result.not_run)


def test_ledger_draws_weights_and_their_sum(results):
    result = results["ledger"]
    frame = with_columns(drawn("ledger", results), "shapley").set_index("item")
    for column in ("shapley", "last"):
        np.testing.assert_allclose(frame[column], result.items.set_index("item").loc[frame.index, column])
    assert frame["shapley"].abs().is_monotonic_decreasing
    for row in result.items.to_dict("records"):
        line = next(line for line in said("ledger", results).splitlines() if line.startswith(row["item"]))
        assert signed(row["shapley"]) in line
        assert signed(row["last"]) in line
    assert signed(result.prior + result.total) in said("ledger", results)


def test_waterfall_ends_at_the_posterior(results):
    result = results["ledger"]
    frame = with_columns(drawn("waterfall", results), "running")
    np.testing.assert_allclose(frame["running"] - frame["before"], result.lines["decibans"], atol=1e-12)
    assert frame["running"].iloc[-1] == pytest.approx(result.prior + result.total)
    assert "explaining away" in said("waterfall", results)


def test_next_tests_draw_information_for_its_cost(results):
    result = results["next_tests"]
    frame = with_columns(drawn("next_tests", results), "per_cost").set_index("test")
    np.testing.assert_allclose(frame["per_cost"], result.table["per_cost"].head(12))
    assert frame.index.tolist() == result.table.index[:12].tolist()
    assert result.stop.reason in said("next_tests", results)
    assert f"{result.table['information'].iloc[0]:.4f}" in said("next_tests", results)


def test_next_tests_without_cost_or_without_tests(article):
    free = article.next_tests({"fever": "absent"}, costs={"valproate": 0.0, "medicines": 0.0})
    charts.next_tests(free, top=99).to_dict()
    nodes = [*article.network.contexts, *article.network.findings]
    nothing = article.next_tests({node.id: node.states[0] for node in nodes})
    assert charts.next_tests(nothing).to_dict()
    assert "nothing that can be had now is left" in charts.next_tests_text(nothing)


def test_accuracy_draws_wilson_intervals(results):
    scores = results["accuracy"].scores
    result = scores[~scores["group"].isin(["implied", "without implied"])]
    frame = with_columns(drawn("accuracy", results), "within")
    for name, key in (("first", "top1"), ("first or second", "top2")):
        part = frame[frame["within"] == name]
        np.testing.assert_allclose(part["share"], result[key])
        np.testing.assert_allclose(part["low"].astype(float), result[f"{key}_low"])
    everything = result[(result["group"] == "all")].iloc[0]
    line = next(line for line in said("accuracy", results).splitlines() if line.startswith("all, with"))
    assert f"{100 * everything['top1']:.0f}{SPACE}%" in line


def test_baselines_draws_every_difference_and_what_could_be_chance(results):
    rows = results["baselines"].differences
    rows = rows[rows["score"] == "log_score"]
    frame = with_columns(drawn("baselines", results), "verdict")
    for column in ("difference", "low", "high"):
        np.testing.assert_allclose(frame[column], rows[column])
    assert ((frame["verdict"] == "could be chance") == (rows["low"] <= 0).to_numpy()).all()
    lines = said("baselines", results).splitlines()
    assert len(lines) == 1 + len(rows)
    assert sum("could be chance" in line for line in lines) == (rows["low"] <= 0).sum()


def test_elicitation_draws_the_fitted_quantiles(results):
    quantity = results["elicitation"][1]
    frame = with_columns(drawn("elicitation", results), "density", "stated")
    mine = frame[frame["number"] == quantity.id]
    assert mine["at"].dropna().tolist() == [quantity.low, quantity.value, quantity.high]
    x = mine["x"].dropna().to_numpy()
    assert quantity.ppf(0.001) < x.min() < x.max() < quantity.ppf(0.999)
    assert f"{quantity.value:.3g}" in said("elicitation", results)


def test_prior_predictive_is_what_simulated_patients_show(article, results):
    frame = results["prior_predictive"].frame
    assert ((frame["low"] <= frame["high"]) & (frame["low"] > 0) & (frame["high"] < 1)).all()
    patients = article.simulate(20_000, seed=3)
    counted = np.array([(patients[node] == state).mean() for node, state in frame.index])
    error = np.sqrt(frame["plug_in"] * (1 - frame["plug_in"]) / len(patients))
    assert (np.abs(counted - frame["plug_in"]) < 5 * error).all()
    for row in frame[frame["role"] == "finding"].to_dict("records"):
        assert percent(row["plug_in"], 1) in said("prior_predictive", results)


def test_laws_say_where_each_fails(results):
    result = results["laws"]
    for law, row in result.by_law.iterrows():
        line = next(x for x in said("laws", results).splitlines() if x.startswith(law.replace("_", " ") + "  "))
        assert (f"{row['violations']:,}, by " if row["violations"] else "holds") in line
        assert row["worst"] < 0.001 or f"up to {row['worst']:.3f}" in line
    text = said("laws", results)
    assert ("Every law comes out as listed." in text) == result.expected
    assert all(check.check in text for check in result.surprises)


def test_reliability_draws_every_bin(results):
    frame = with_columns(drawn("reliability", results), "observed", "bin")
    for column in ("expected", "observed", "low", "high"):
        np.testing.assert_allclose(frame[column], results["reliability"].bins[column])
    assert "nothing is out of line" in said("reliability", results)
    broken = replace(results["reliability"], smallest_p=1e-9)
    assert "something is out of line" in charts.reliability_text(broken)


def test_recovery_draws_both_scores(results):
    frame = with_columns(drawn("recovery", results), "share", "p95")
    for score, group in zip(("top1", "top2"), ("ranks first", "first or second"), strict=True):
        part = frame[frame["score"].str.endswith(group)].set_index("asked")
        np.testing.assert_allclose(part["share"], results["recovery"].frame.loc[part.index, score])
        np.testing.assert_allclose(part["p5"], results["recovery"].frame.loc[part.index, f"{score}_p5"])
    for cause, row in results["recovery"].causes.iterrows():
        line = next(x for x in said("recovery", results).splitlines() if x.startswith(cause))
        assert f"{row['patients']:,.0f}" in line


def test_truth_ranks_say_how_often_the_interval_holds_the_truth(results):
    text = said("truth_ranks", results)
    for cause, row in results["truth_ranks"].frame.iterrows():
        line = next(line for line in text.splitlines() if line.startswith(cause))
        for name in ("rank", "weighted"):
            assert counted(row[f"{name}_coverage"], 1) in line
            assert f"{row[f'{name}_chi_square_p']:.3f}" in line
    assert "as they must be" in text


def test_plausibility_says_range_interval_and_verdict(results):
    result = results["plausibility"]
    text = said("plausibility", results)
    for row in result.frame.to_dict("records"):
        line = next(line for line in text.splitlines() if line.startswith(row["label"] + " "))
        assert line.endswith(" " + row["verdict"])
        assert row["range_high"] > 1 or percent(row["plug_in"], 1) in line
        explained = f"{row['label']}: {row['exception']}" in " ".join(text.split())
        assert explained == (row["verdict"] == "implausible")
    assert max(map(len, text.splitlines())) <= 125
    assert "the others are known and explained" in text
    ranges = replace(result, frame=result.frame.assign(exception=""))
    outside = "; ".join(result.frame.index[result.frame.verdict == "implausible"])
    assert outside
    assert f"not as stated: {outside}." in charts.plausibility_text(ranges)


def test_cohort_charts_draw_the_summary(results):
    result = results["cohort_leaders"]
    leads = with_columns(drawn("cohort_leaders", results), "rows").set_index("cause")["rows"]
    assert leads.to_dict() == {result.labels[cause]: led for cause, led in result.leads.items()}
    assert leads.sum() == result.answered == 3
    means = with_columns(drawn("cohort_means", results), "mean").set_index("cause")["mean"]
    for cause, mean in result.mean.items():
        assert means[result.labels[cause]] == pytest.approx(mean)
        assert percent(mean, 1) in said("cohort_means", results)
