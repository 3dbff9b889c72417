"""The command line: ``python -m model`` or ``neutropenia-bn``. It asks the library and prints; it computes nothing."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import model as package
from model.case import MAX_BYTES, read_case
from model.diagnostic_model import DEFAULT_SETTING, DiagnosticModel, load
from model.errors import CaseFileError, EvidenceError, ModelError
from model.posterior import Posterior

DISAGREEMENT = 5.0  # kappa further from 1 than this factor, either way, is shown as a disagreement


def evidence_of(arguments: argparse.Namespace) -> tuple[str, dict[str, Any], tuple[str, ...]]:
    """Return (setting, evidence, warnings) from --set and --case; a node given twice is an error."""
    setting, evidence, warnings = arguments.setting, {}, ()
    if arguments.case:
        try:
            content = (
                arguments.case.read_bytes() if arguments.case.stat().st_size <= MAX_BYTES else b" " * (MAX_BYTES + 1)
            )
        except OSError as error:
            raise CaseFileError(f"--case: {arguments.case} cannot be read ({error.strerror}).") from None
        plain = load(setting or DEFAULT_SETTING, arguments.scale)
        case, warnings = read_case(content, plain.knowledge)
        setting = setting or case.setting
        evidence.update(case.evidence)
    for entry in (entry for group in arguments.set for entry in group):
        node, equals, value = entry.partition("=")
        if not equals or not node.strip():
            raise EvidenceError(f"--set: expected node=value, got {entry!r}.")
        if node.strip() in evidence:
            raise EvidenceError(f"--set: {node.strip()!r} is given twice; give each node once.")
        evidence[node.strip()] = value.strip()
    return setting or DEFAULT_SETTING, evidence, warnings


def ask(arguments: argparse.Namespace) -> tuple[DiagnosticModel, Posterior]:
    """Answer the question that the evidence options put; warnings go to standard error."""
    setting, evidence, warnings = evidence_of(arguments)
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    model = load(setting, arguments.scale)
    return model, model.posterior(evidence, outside=arguments.outside)


def posterior(arguments: argparse.Namespace) -> int:
    """Print the posterior of one case."""
    model, answer = ask(arguments)
    if arguments.json:
        print(json.dumps(answer.to_dict(), indent=1))
        return 0
    if answer.scope.verdict != "in":
        print(f"OUTSIDE THE MODEL: {answer.scope.reason}\n")
    for reading in answer.evidence.readings:
        print(reading)
    prior = model.posterior({}).causes
    print(f"{'cause':<58} {'probability':>11} {'before':>8} {'share':>7}")
    for cause, probability in answer.causes.sort_values(ascending=False).items():
        label = model.knowledge.nodes[str(cause)].label[:57]
        print(f"{label:<58} {probability:>11.3f} {prior[cause]:>8.3f} {answer.share[cause]:>7.3f}")
        for state in model.network.by_id[str(cause)].states[1:]:
            if len(model.network.by_id[str(cause)].states) > 2:
                print(f"  {state:<56} {answer.states[cause, state]:>11.3f}")
    print(f"\nln P(evidence | low count) = {answer.log_evidence:.3f}; setting {model.setting}, model {model.hash}.")
    print("Plug-in values of an educational model of one article; not validated on patients.")
    return 0


def score(arguments: argparse.Namespace) -> int:
    """Score a table of patients."""
    from tqdm import tqdm

    from model.scoring import score as score_file

    model = load(arguments.setting or DEFAULT_SETTING, arguments.scale)
    with tqdm(unit="B", unit_scale=True, desc=arguments.table.name, disable=None) as bar:

        def progress(rows: int, done: int, total: int) -> None:
            bar.total = total
            bar.set_postfix_str(f"{rows} rows", refresh=False)
            bar.update(done - bar.n)

        summary = score_file(model, arguments.table, arguments.output, arguments.outside, progress)
    print(summary, file=sys.stderr)
    return 0


def export(arguments: argparse.Namespace) -> int:
    """Write the network to a file."""
    from model.exchange import export as export_file

    model = load(arguments.setting or DEFAULT_SETTING, arguments.scale)
    about = {"setting": model.setting, "model_hash": model.hash, "version": package.__version__}
    export_file(model.network, arguments.target, about)
    return 0


def verify(arguments: argparse.Namespace) -> int:
    """Compare the engine with its oracles in every setting and print kappa."""
    from model.knowledge import load_knowledge
    from model.verification import verify as run

    settings = [arguments.setting] if arguments.setting else list(load_knowledge().settings)
    failed = False
    for setting in settings:
        model = load(setting, arguments.scale)
        for check in run(model, arguments.cases):
            failed |= not check.passed
            print(f"{'ok' if check.passed else 'FAILED':<7} {setting:<20} {check.name:<42} "
                  f"worst difference {check.worst:.1e} of {check.comparisons}")  # fmt: skip
        for (cause, state), kappa in model.calibrated.kappa.items():
            apart = "  shares and epidemiology disagree" if not 1 / DISAGREEMENT <= kappa <= DISAGREEMENT else ""
            print(f"        {setting:<20} kappa {cause + '.' + state:<36} {kappa:8.2f}{apart}")
        print(f"        {setting:<20} gamma {model.calibrated.gamma:.1f}, residual {model.calibrated.residual:.1e}")
    return 1 if failed else 0


def validate(arguments: argparse.Namespace) -> int:
    """Rank the published cases and print how often the authors' cause comes first or second."""
    from model.validation import accuracy, rank_cases

    model = load(arguments.setting or DEFAULT_SETTING, arguments.scale)
    ranks = rank_cases(model)
    if arguments.json:
        print(ranks.to_json(orient="records", indent=1))
        return 0
    table = accuracy(ranks)
    print(f"Published cases, scope guard off, setting {model.setting}, model {model.hash}. 95 % Wilson intervals.\n")
    print(f"{'findings':<18} {'cause':<15} {'cases':>5}  {'first':<22} {'first or second':<22}")
    for row in table.to_dict("records"):
        cells = []
        for within in ("top1", "top2"):
            top, low, high = row[within], row[f"{within}_low"], row[f"{within}_high"]
            cells.append(f"{top:4.0%}" + (f" ({low:4.0%} to {high:4.0%})" if low == low else ""))
        print(f"{row['findings']:<18} {row['cause']:<15} {row['cases']:>5}  {cells[0]:<22} {cells[1]:<22}")
    print("\nSevere and exotic cases from the literature: they test the ranking, not calibration and not prevalence.")
    return 0


def serve(arguments: argparse.Namespace) -> int:
    """Open the app on this machine only."""
    from model.serving import serve as run

    return run(arguments.port, arguments.browser)


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command."""
    top = argparse.ArgumentParser(
        prog="neutropenia-bn", description="Causes of mild neutropenia: an educational model of one article. "
        "Not validated on patients, not for emergencies."
    )  # fmt: skip
    top.add_argument("--version", action="version", version=package.__version__)
    commands = top.add_subparsers(dest="command", required=True, metavar="command")

    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        found = commands.add_parser(name, help=text, description=text)
        found.set_defaults(run=run)
        if name != "serve":
            found.add_argument("--setting", help=f"population of the shares and base rates (default {DEFAULT_SETTING})")
            found.add_argument("--scale", help="verbal scale that reads the article's words")
        return found

    asked = command("posterior", posterior, "probability of each cause for one patient")
    asked.add_argument("--set", nargs="+", action="append", default=[], metavar="node=value", help="what is known")
    asked.add_argument("--case", type=Path, help="case file (JSON)")
    asked.add_argument("--outside", default="refuse", help="allow: also answer for a count of 500-999, marked")
    asked.add_argument("--json", action="store_true", help="print JSON")
    scored = command("score", score, "posterior of every row of a CSV file")
    scored.add_argument("table", type=Path, help="CSV, columns are node ids, blank = not assessed")
    scored.add_argument("-o", "--output", type=Path, required=True, help="CSV to write; appears whole or not at all")
    scored.add_argument("--outside", default="refuse", help="allow: also score counts of 500-999, marked")
    exported = command("export", export, "write the network: .bif .xmlbif .xdsl .net .json")
    exported.add_argument("target", type=Path)
    validated = command("validate", validate, "how the published cases rank")
    validated.add_argument("--json", action="store_true", help="one record per case")
    verified = command("verify", verify, "compare the engine with its oracles; print kappa")
    verified.add_argument("--cases", type=int, default=20, help="random evidence sets per oracle")
    served = command("serve", serve, "open the app in a browser, on this machine only")
    served.add_argument("--port", type=int, default=8501)
    served.add_argument("--no-browser", dest="browser", action="store_false", help="do not open a browser")
    return top


def main(words: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0, 1 when a check failed, 2 for a mistake of the caller (one sentence on stderr)."""
    arguments = parser().parse_args(words)
    try:
        return arguments.run(arguments)
    except ModelError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away, as with `| head`; there is nobody left to tell
        return 0


if __name__ == "__main__":
    sys.exit(main())
