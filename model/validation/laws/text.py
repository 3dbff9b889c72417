"""The laws of one setting or several as one table, each law that may fail with the plainest patient who shows it."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

from model.validation.laws.check import CheckedLaw, LawReport, entered

WIDTH = 120


def laws_table(reports: Sequence[LawReport]) -> str:
    """Return how many checks of each law fail in each setting, an example of each, and what is not as listed."""
    names = [report.setting.rpartition("_") for report in reports]  # on two lines, so that five settings fit
    pairs = sum(check.patterns for report in reports for check in report.checks)
    lines = [
        f"{pairs:,} pairs of patients compared, every pattern of entries on {len(reports[0].lattice)} nodes.",
        f"\n{'':<43}" + "".join(f"{first:>15}" for first, _, _ in names),
        f"{'law':<26}{'status':<11}{'checks':>6}" + "".join(f"{last:>15}" for _, _, last in names),
    ]
    by_law = [_grouped(report) for report in reports]
    for law, checks in by_law[0].items():
        failing = [sum(bool(check.violations) for check in grouped[law]) for grouped in by_law]
        lines.append(
            f"{law.replace('_', ' '):<26}{'must hold' if checks[0].must else 'may fail':<11}{len(checks):>6}"
            + "".join(f"{f'fails in {count}' if count else 'holds':>15}" for count in failing)
        )
    lines.append("\nThe plainest failure of each law that may fail; data/law_exceptions.csv gives every reason.")
    for law in by_law[0]:
        failed = [(report.setting, check) for report, grouped in zip(reports, by_law, strict=True)
                  for check in grouped[law] if check.violations]  # fmt: skip
        if failed:
            lines.append(_example(*min(failed, key=_plainness)))
    wrong = [f"{report.setting}, {check.law}: {check.check} "
             f"{'fails and is not listed' if check.violations else 'is listed and holds'}"
             for report in reports for check in report.surprises]  # fmt: skip
    return "\n".join([*lines, "", *(wrong or ["Every law comes out as listed."])])


def _grouped(report: LawReport) -> dict[str, list[CheckedLaw]]:
    found: dict[str, list[CheckedLaw]] = {}
    for check in report.checks:
        found.setdefault(check.law, []).append(check)
    return found


def _plainness(found: tuple[str, CheckedLaw]) -> tuple[int, float]:
    """Fewest entries first, then the largest move."""
    check = found[1]
    return len(check.evidence or ()), -abs(check.after - check.before)


def _example(setting: str, check: CheckedLaw) -> str:
    text = (
        f"{check.law.replace('_', ' ')}, {setting}: {check.check}. With {entered(check.evidence)}: {check.target} goes "
        f"from {check.before:.4f} to {check.after:.4f}. {check.listed or 'No reason is listed.'}"
    )
    return fill(text, WIDTH, subsequent_indent="  ")
