"""The published cases as text: one section a question, the answer in front, intervals beside every share."""

from __future__ import annotations

from collections import Counter
from textwrap import fill

from model.late import pd
from model.validation.frame_rows import grouped, records
from model.validation.published.alarm import Alarm
from model.validation.published.comparison import Comparison
from model.validation.published.failures import CLASSES, Failures
from model.validation.published.mended import TOGETHER, Mended
from model.validation.published.scores import CaseScores
from model.validation.published.sections import PublishedValidation
from model.wording import counted, counted_share, percent

WIDTH = 120


def published_text(found: PublishedValidation) -> str:
    """Return every section."""
    intro = (
        f"{found.cases} published cases of {found.people} people, scope guard off, setting {found.setting}, model "
        f"{found.model_hash}.\nSevere and exotic cases from the literature: they test the ranking, not calibration and "
        "not prevalence.\nIntervals: 95 %, Wilson for shares, bootstrap over people for differences."
    )
    sections = (
        intro,
        scores_text(found.scores),
        settings_text(found.settings),
        comparison_text(found.comparison, found.differences),
        alarm_text(found.alarm),
        failures_text(found.failures),
        mended_text(found.mended),
    )
    return "\n\n".join(sections)


def scores_text(found: CaseScores) -> str:
    """Return how often the authors' cause comes first, and how good the probabilities are."""
    lines = [_title("How often does the authors' cause come first?")]
    for (findings,), rows in grouped(found.scores, "findings").items():
        lines.append(f"\n{findings}")
        lines.append(f"{'cause':<16}{'cases':>6}  {'first':<20}{'first two':<20}{'first three':<20}"
                     f"{'lenient':<20}{'MRR':>5}{'log':>7}{'Brier':>7}{'AUC':>6}")  # fmt: skip
        for row in rows:
            counts = "".join(f"{counted_share(row, name):<20}" for name in ("top1", "top2", "top3", "lenient"))
            area = row.get("concordance", float("nan"))
            lines.append(f"{row['group']:<16}{row['cases']:>6}  {counts}{row['mrr']:>5.2f}{row['log_score']:>7.2f}"
                         f"{row['brier']:>7.2f}{f'{area:.2f}' if area == area else '':>6}")  # fmt: skip
    lines += [
        "",
        "Lenient: a second cause the authors name, and marrow for LGL leukaemia, are right too. MRR: mean of 1 / rank.",
        "Log: -ln share of the true cause. Brier: squared error of the shares, 0 to 2. For both, lower is better.",
        "AUC: from 10 cases on.",
    ]
    return "\n".join(lines)


def settings_text(scores: pd.DataFrame) -> str:
    """Return the same by setting, one line a setting and reading of the findings."""
    lines = [_title("In which setting?"), ""]
    lines.append(f"{'setting':<22}{'findings':<19}{'first':<20}{'first two':<20}{'log':>6}  "
                 f"{'autoimmune':<20}{'marrow':<20}")  # fmt: skip
    for (setting, findings), group in grouped(scores, "setting", "findings").items():
        rows = {row["group"]: row for row in group}
        whole = rows["all"]
        weak = [counted_share(rows[cause], "top1") if cause in rows else "" for cause in ("autoimmune", "marrow")]
        lines.append(f"{setting:<22}{findings:<19}{counted_share(whole, 'top1'):<20}{counted_share(whole, 'top2'):<20}"
                     f"{whole['log_score']:>6.2f}  {weak[0]:<20}{weak[1]:<20}")  # fmt: skip
    return "\n".join(lines)


def comparison_text(found: Comparison, differences: pd.DataFrame) -> str:
    """Return the model and its baselines, and which of them it does not beat."""
    lines = [_title("Does it beat what knows less?")]
    own = {(row["findings"], row["method"]): row for row in records(found.differences, score="log_score")}
    for (findings,), rows in grouped(found.table, "findings").items():
        lines.append(f"\n{findings}")
        lines.append(f"{'method':<17}{'first':<20}{'first two':<20}{'MRR':>5}{'log':>7}{'Brier':>7}{'each':>6}  "
                     f"{'log score worse by':<24}{'only model':>11}{'only it':>9}{'p':>8}")  # fmt: skip
        for row in rows:
            first, two = counted_share(row, "top1"), counted_share(row, "top2")
            line = (f"{row['method']:<17}{first:<20}{two:<20}{row['mrr']:>5.2f}"
                    f"{row['log_score']:>7.2f}{row['brier']:>7.2f}{row['multilabel_log']:>6.2f}")  # fmt: skip
            far = own.get((findings, row["method"]))
            if far:
                gap = f"{far['difference']:+.2f} ({far['low']:+.2f} to {far['high']:+.2f})"
                line += f"  {gap:<24}{far['model_only']:>11}{far['baseline_only']:>9}{far['p']:>8.3f}"
            lines.append(line)
    lines += [
        "",
        "Each: log score of every cause by itself. Only model, only it: cases that one of them puts first; p: McNemar.",
        "A method that only names a cause is given its own hit rate on these cases as its certainty.",
        "",
    ]
    for (setting, findings), rows in grouped(differences, "setting", "findings", score="log_score").items():
        left = [row["method"] for row in rows if not row["beaten"]]
        verdict = "every baseline is beaten" if not left else f"not beaten beyond chance: {', '.join(left)}"
        lines.append(f"{setting}, {findings}: on the log score {verdict}.")
    return "\n".join(lines)


def alarm_text(found: Alarm) -> str:
    """Return whether a cause outside the six is noticed."""
    lines = [_title("Does it notice that the cause is none of the six?")]
    for (findings,), rows in grouped(found.rates, "findings").items():
        lines.append(f"\n{findings}\n{'sign':<38}{'cause outside':<22}{'cause inside':<22}{'difference':<26}")
        for row in rows:
            far = f"{100 * row['difference']:+.0f} ({100 * row['low']:+.0f} to {100 * row['high']:+.0f}) points"
            outside, inside = counted_share(row, "outside"), counted_share(row, "inside")
            lines.append(f"{row['sign']:<38}{outside:<22}{inside:<22}{far:<26}")
        for row in records(found.means, findings=findings):
            lines.append(f"mean {row['measure'].replace('_', ' '):<33}{row['outside']:<22.2f}{row['inside']:<22.2f}"
                         f"higher outside in {counted(row['concordance'])} of pairs")  # fmt: skip
    warns = list(dict.fromkeys(row["sign"] for row in records(found.rates, warns=True)))
    verdict = "; ".join(warns) if warns else "no sign is, beyond chance"
    lines.append(f"\nSigns that are commoner when the cause is outside: {verdict}.")
    return "\n".join(lines)


def failures_text(found: Failures) -> str:
    """Return every miss with its explanation and certificate, and the classes."""
    lines = [_title("Where it fails, and why"), ""]
    rows = records(found.cases)
    counts = Counter(row["reason_class"] for row in rows)
    lines += [f"{counts[name]:>3}  {name}: {meaning}" for name, meaning in CLASSES.items() if counts[name]]
    if counts[""]:
        lines.append(f"{counts['']:>3}  not looked at")
    turned = sum(row["flips"] > 0 for row in rows)
    lines.append(f"\nIn {turned} of {len(rows)} misses one number, inside its own interval, would put the truth first.")
    lines += ["", *(found.text(row["case"]) for row in rows)]
    return "\n".join(lines)


def mended_text(found: Mended) -> str:
    """Return what the changed numbers did to the cases."""
    lines = [_title("What mending numbers from sources did"), ""]
    if not found.changes:
        return "\n".join([*lines, "No number stands as a published case once led to it; all were taken anew since."])
    for change in found.changes:
        sources = change.source.replace(";", ", ")
        said = f"{change.number}: {change.before:g} to {change.after:g}. {change.reason} ({sources})"
        lines.append(fill(said, WIDTH, subsequent_indent="  ", break_on_hyphens=False))
    lines.append(f"\n{'true cause first, and mean log score':<76}{'before':<16}{'now':<16}")
    for row in records(found.totals):
        name = row["number"] if row["number"] == TOGETHER else f"{row['number'].removeprefix('link.')}"
        lines.append(f"{row['findings'] + ', ' + name:<76}{row['first_before']:>3} {row['log_score_before']:.4f}   "
                     f"{row['first_after']:>3} {row['log_score_after']:.4f}")  # fmt: skip
    rows = records(found.cases)
    moved = [
        row for row in rows if (row["leader_before"], row["rank_before"]) != (row["leader_after"], row["rank_after"])
    ]
    for row in moved:
        lines.append(f"{row['case']} ({row['true_cause']}, {row['findings']}): {row['leader_before']} to "
                     f"{row['leader_after']}, rank {row['rank_before']} to {row['rank_after']}, "
                     f"{percent(row['probability_before'])} to {percent(row['probability_after'])}")  # fmt: skip
    lines.append(f"{len(moved)} of {len(rows)} rankings changed their leader or the place of the true cause.")
    return "\n".join(lines)


def _title(text: str) -> str:
    return f"{text}\n{'=' * len(text)}"
