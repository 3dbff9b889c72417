"""What each command does: ask the library and print. One function a command; it returns the exit code."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import model as package
from model.calibrated_model import DEFAULT_SETTING
from model.diagnostic_model import DiagnosticModel, load
from model.errors import CaseFileError, EvidenceError, OutOfScope
from model.evidence import Case, read_case, red_flag, todays_words
from model.evidence.case import MAX_BYTES
from model.evidence.cell import entered_value
from model.evidence.fhir import bundle_case, looks_like_bundle
from model.evidence.fhir_bundle import MAX_BYTES as LARGEST_BUNDLE
from model.evidence.medicine import MEDICINES, medicine_lines
from model.knowledge import load_knowledge
from model.network.calibration import disagrees
from model.posterior import Posterior
from model.progress import Progress
from model.whole_file import write_whole
from model.wording import first_of, percent

MISREAD = {  # who takes a file of this format for another network, and says nothing
    ".xdsl": "pyAgrum 3.3 reads the parents of an .xdsl in the wrong order; give it the .xmlbif, renamed .bifxml.",
    ".uai": "pyAgrum 3.3 and pgmpy 1.1 read the tables of a .uai in the wrong order; give them the .xmlbif.",
}


@contextmanager
def bar(title: str) -> Iterator[Progress]:
    """Show a bar on standard error while the work inside lasts, and give what moves it."""
    from tqdm import tqdm

    shape = "{desc}: {percentage:3.0f} %|{bar}| {postfix}"
    with tqdm(total=1.0, desc=title, disable=None, leave=False, bar_format=shape) as shown:

        def tell(fraction: float, what: str) -> None:
            shown.set_postfix_str(what[:60], refresh=False)
            shown.update(min(fraction, 1.0) - shown.n)

        yield tell


def setting_of(arguments: argparse.Namespace) -> str:
    """Return --setting, or the default when it is not given; an empty word is not the default."""
    return DEFAULT_SETTING if arguments.setting is None else arguments.setting


def case_of(arguments: argparse.Namespace) -> Case:
    """Return the case from --set, --medicine and --case, its warnings on standard error; none may give a node twice."""
    case, warnings = Case(setting_of(arguments)), ()
    if arguments.case:
        case, warnings = _case_file(arguments)
    evidence, typed, knowledge = dict(case.evidence), {}, load_knowledge()
    given = set(evidence)
    for entry in (entry for group in arguments.set for entry in group):
        node, equals, value = entry.partition("=")
        if not equals or not node.strip():
            raise EvidenceError(f"--set: expected node=value, got {entry!r}.")
        if node.strip() in given:
            raise EvidenceError(f"--set: {node.strip()!r} is given twice; give each node once.")
        given.add(node.strip())
        meant = entered_value(knowledge, node, value.strip())
        if meant is not None:
            typed[node.strip()] = meant
    words, notices = todays_words(knowledge, typed)
    if arguments.medicine:
        evidence[MEDICINES] = [*medicine_lines(evidence.get(MEDICINES)), *arguments.medicine]
    for node in words.keys() & evidence.keys():
        raise EvidenceError(f"--set: {node!r} is given twice; give each node once.")
    for warning in first_of((*warnings, *notices), "in the output and in the report"):
        print(f"warning: {warning}", file=sys.stderr)
    setting = case.setting if arguments.setting is None else arguments.setting
    return replace(case, setting=setting, evidence=evidence | words, notices=(*case.notices, *notices))


def _case_file(arguments: argparse.Namespace) -> tuple[Case, tuple[str, ...]]:
    """Return the case of a case file, or of a FHIR Bundle; what was understood of a Bundle is printed."""
    try:
        with arguments.case.open("rb") as file:
            content = file.read(MAX_BYTES + 1)  # read_case refuses more; a device would never end
            if is_bundle := looks_like_bundle(content):
                content += file.read(LARGEST_BUNDLE + 1 - len(content))
    except OSError as error:
        raise CaseFileError(f"--case: {arguments.case} cannot be read ({error.strerror}).") from None
    setting = setting_of(arguments)
    knowledge = load(setting, arguments.scale).knowledge
    if not is_bundle:
        return read_case(content, knowledge)
    case, said, _ = bundle_case(knowledge, setting, content)
    print("\n".join(said), file=sys.stderr)
    return case, ()


def ask(arguments: argparse.Namespace) -> tuple[DiagnosticModel, Posterior, Case]:
    """Answer the question that the evidence options put; warnings go to standard error."""
    case = case_of(arguments)
    model = load(case.setting, arguments.scale)
    if case.numbers:
        replaced = ", ".join(f"{number} = {value:g}" for number, value in case.numbers.items())
        print(f"warning: the case replaces numbers of the model: {replaced}", file=sys.stderr)
        model = model.override(case.numbers)
    try:
        answer = model.posterior(case.evidence, outside=arguments.outside)
        for notice in answer.evidence.notices:
            print(f"warning: {notice}", file=sys.stderr)
        return model, answer, case
    except EvidenceError as error:
        if flag := red_flag(model.knowledge, case.evidence):
            raise OutOfScope(f"{flag} {error}", flag.rule, flag.advice, flag.verdict) from None
        raise


def answered(arguments: argparse.Namespace) -> tuple[DiagnosticModel, Posterior]:
    """Answer likewise, and print beside the answer what has no part in it: standard error is not kept with it."""
    model, answer, case = ask(arguments)
    for sentence in (*(f"Left out: {each}" for each in case.left_out), *case.notices, *answer.evidence.notices):
        print(f"{sentence}\n")
    return model, answer


def posterior(arguments: argparse.Namespace) -> int:
    """Print the posterior of one case."""
    if arguments.json:
        _, answer, case = ask(arguments)
        besides = {"left_out": case.left_out, "notices": (*case.notices, *answer.evidence.notices)}
        print(json.dumps({**answer.to_dict(), **{name: said for name, said in besides.items() if said}}, indent=1))
        return 0
    model, answer = answered(arguments)
    if answer.scope.verdict != "in":
        print(f"OUTSIDE THE MODEL: {answer.scope.reason}\n")
    for reading in answer.evidence.readings:
        if f"{reading}." not in answer.evidence.notices:  # those were said above
            print(reading)
    from model.sensitivity import intervals
    from model.sensitivity.uncertainty import DRAWS

    print(f"drawing the numbers of the model {DRAWS} times ...", file=sys.stderr)
    sure = intervals(model, answer)
    frame, states = sure.frame.to_dict("index"), sure.states.to_dict("index")
    prior = model.prior.acting
    print(f"{'cause':<46} {'probability':>11}  {'90 % interval':<15} {'first':>6} {'before':>7}")
    for cause in answer.ranked:
        row, probability = frame[cause], answer.acting[cause]
        print(f"{model.knowledge.nodes[cause].short_label:<46} {probability:>11.3f}  "
              f"{row['low']:.3f} to {row['high']:.3f}  {percent(row['first']):>6} {prior[cause]:>7.3f}")  # fmt: skip
        kinds = model.network.by_id[cause].states[1:]
        for state in kinds if len(kinds) > 1 else ():
            part = states[cause, state]
            print(f"  {state:<44} {part['plug_in']:>11.3f}  {part['low']:.3f} to {part['high']:.3f}")
    print(f"\nAnother cause leads in {percent(sure.leader_changes)} of the draws of the model's numbers.")
    print("The interval is the uncertainty of those numbers, not of this patient.")
    print(f"ln P(evidence | low count) = {answer.log_evidence:.3f}; setting {model.setting}, model {model.hash}.")
    print("An educational model of one article; not validated on patients.")
    return 0


def explain(arguments: argparse.Namespace) -> int:
    """Print what each entry contributes to one cause, in decibans, and how well the entries fit together."""
    from model.explanation import conflict_sentences, sentences

    model, answer = answered(arguments)
    found = model.explain(answer, arguments.cause or answer.leader)
    print(f"{found.label}: {found.posterior:.3f}. Decibans, 10 = odds times ten.\n")
    print(f"{'before anything was entered':<52} {found.prior:>8.2f}")
    for row in found.items.to_dict("records"):
        mark = "  depends on the others" if row["depends"] else ""
        print(f"{row['label'][:38] + ' = ' + str(row['state']):<52} {row['shapley']:>+8.2f}   "
              f"alone {row['alone']:+.2f}, last {row['last']:+.2f}{mark}")  # fmt: skip
    print(f"{'together':<52} {found.together:>8.2f}")
    print(f"{'of which explaining away by other causes':<52} {found.explaining_away:>+8.2f}\n")
    for sentence in sentences(found):
        print(sentence)
    if len(found.items) > 1:
        fit = model.conflict(answer)
        print(f"{' '.join(conflict_sentences(fit, model.knowledge.nodes))} Conflict {fit.conflict:+.2f} nats.")
    return 0


def next_step(arguments: argparse.Namespace) -> int:
    """Print what to ask or test next, and whether to stop."""
    model, answer = answered(arguments)
    found = model.next_tests(answer)
    print(f"{'question, test or panel':<48} {'bits':>6} {'cost':>7} {'changes leader':>15}")
    for line in found.lines[: arguments.most]:
        later = "  known only later" if line.follow_up else ""
        print(f"{line.label[:48]:<48} {line.worth.information:>6.3f} {line.cost:>7.2f} "
              f"{percent(line.worth.change):>15}{later}")  # fmt: skip
    print("\nbits: how much the answer would tell about the causes; cost: 1 is one routine blood test;")
    print("changes leader: how often the answer would put another cause first.")
    print(f"\n{found.stop.reason} {found.stop.arithmetic}".rstrip())
    return 0


def sensitivity(arguments: argparse.Namespace) -> int:
    """Print which single numbers move one cause most, and whether one of them changes the leader."""
    model, answer = answered(arguments)
    cause = arguments.cause or answer.leader
    print("moving every number over its own interval ...", file=sys.stderr)
    found = model.one_way(answer, cause)
    print(f"{model.knowledge.nodes[cause].label}: {found.posterior:.3f}\n")
    print(f"{'number':<72} {'value':>8} {'interval':>19} {'posterior there':>16} {'flip':>8}")
    for row in found.frame.head(arguments.most).to_dict("records"):
        flip = f"{row['flip']:.3g}" if row["flip"] == row["flip"] else "-"
        print(f"{row['id'][:72]:<72} {row['value']:>8.3g} {row['low']:>9.3g} {row['high']:>9.3g} "
              f"{row['at_low']:>7.3f} {row['at_high']:>8.3f} {flip:>8}")  # fmt: skip
    print("\nflip: at this value of the number another cause would lead; it may lie outside the interval.")
    print(f"{found.certificate}\nHazards are identified only as ratios within a cause.")
    return 0


def report(arguments: argparse.Namespace) -> int:
    """Write the report of one case, answered or refused, as one HTML file."""
    from model.report import report as page

    case = case_of(arguments)
    text = page(load(case.setting, arguments.scale), case, arguments.outside, arguments.date)
    write_whole(arguments.output, text)
    print(f"written to {arguments.output}", file=sys.stderr)
    return 0


def score(arguments: argparse.Namespace) -> int:
    """Score a table of patients."""
    from model.cohort.scoring import score as score_file

    model = load(setting_of(arguments), arguments.scale)
    with bar(arguments.table.name) as tell:
        summary = score_file(model, arguments.table, arguments.output, arguments.outside, tell, safe=arguments.safe,
                             on_error=arguments.on_error)  # fmt: skip
    print(summary, file=sys.stderr)
    return 0


def export(arguments: argparse.Namespace) -> int:
    """Write the network to a file."""
    from model.network.exchange import export as export_file

    model = load(setting_of(arguments), arguments.scale)
    about = {"setting": model.setting, "model_hash": model.hash, "version": package.__version__}
    export_file(model.network, arguments.target, about)
    print(f"written to {arguments.target}; set neutropenia=yes in every query", file=sys.stderr)
    if misread := MISREAD.get(arguments.target.suffix.lower()):
        print(f"warning: {misread}", file=sys.stderr)
    return 0


def verify(arguments: argparse.Namespace) -> int:
    """Compare the engine with its oracles in every setting and print kappa."""
    from model.validation.verification import verify as run

    settings = list(load_knowledge().settings) if arguments.setting is None else [arguments.setting]
    failed = False
    for setting in settings:
        model = load(setting, arguments.scale)
        for check in run(model, arguments.cases):
            failed |= not check.passed
            print(f"{'ok' if check.passed else 'FAILED':<7} {setting:<20} {check.name:<42} "
                  f"worst difference {check.worst:.1e} of {check.comparisons}")  # fmt: skip
        for (cause, state), kappa in model.calibrated.kappa.items():
            apart = "  shares and epidemiology disagree" if disagrees(kappa) else ""
            print(f"        {setting:<20} kappa {cause + '.' + state:<36} {kappa:8.2f}{apart}")
        print(f"        {setting:<20} gamma {model.calibrated.gamma:.1f}, residual {model.calibrated.residual:.1e}")
    return 1 if failed else 0


def serve(arguments: argparse.Namespace) -> int:
    """Open the app on this machine only."""
    from model.cli.serving import serve as run

    return run(arguments.port, arguments.browser)
