"""The command line ``neutropenia-bn``; ``python -m model`` is the same, where no other model.py lies in the way."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from model.calibrated_model import DEFAULT_SETTING
from model.cli import commands, release_commands, validate_command
from model.errors import ModelError
from model.knowledge import data_folder
from model.version import __version__

LAST_PORT = 65535


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command."""
    top = argparse.ArgumentParser(
        prog="neutropenia-bn", description="Causes of mild neutropenia: an educational model of one article. "
        "Not validated on patients, not for emergencies."
    )  # fmt: skip
    top.add_argument("--version", action="version", version=__version__)
    named = top.add_subparsers(dest="command", required=True, metavar="command")

    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        found = named.add_parser(name, help=text, description=text)
        found.set_defaults(run=run)
        if name not in ("serve", "diff", "card"):
            found.add_argument("--setting", help=f"population of the shares and base rates (default {DEFAULT_SETTING})")
            found.add_argument("--scale", help="verbal scale that reads the article's words")
        return found

    def question(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        found = command(name, run, text)
        found.add_argument("--set", nargs="+", action="append", default=[], metavar="node=value", help="what is known")
        found.add_argument("--medicine", action="append", default=[], metavar="NAME, HOW LONG",
                           help="a medicine, as in 'carbamazepine, 3 weeks, suspected'; can be repeated")  # fmt: skip
        found.add_argument("--case", type=Path, help="case file, or a FHIR R4 Bundle (JSON)")
        found.add_argument("--outside", default="refuse", metavar="{refuse,allow}",
                           help="allow: also answer for a count of 500-999, marked")  # fmt: skip
        return found

    asked = question("posterior", commands.posterior, "probability of each cause for one patient")
    asked.add_argument("--json", action="store_true", help="print JSON")
    explained = question("explain", commands.explain, "what each finding contributes to one cause")
    explained.add_argument("--cause", help="default: the leading one")
    following = question("next", commands.next_step, "what to ask or test next")
    following.add_argument("--most", type=_count, default=12, help="lines to print")
    moved = question("sensitivity", commands.sensitivity, "which numbers the answer depends on")
    moved.add_argument("--cause", help="default: the leading one")
    moved.add_argument("--most", type=_count, default=15, help="lines to print")
    written = question("report", commands.report, "one case as a page to print: a single HTML file")
    written.add_argument("-o", "--output", type=Path, required=True, help="HTML file to write")
    written.add_argument("--date", default="", help="date to print on it; none by default")
    scored = command("score", commands.score, "posterior of every row of a table of patients")
    scored.add_argument("table", type=Path, help=".csv .csv.gz .parquet .xlsx, any size: nodes or laboratory names, "
                        "with units; blank = not assessed")  # fmt: skip
    scored.add_argument("-o", "--output", type=Path, required=True,
                        help=".csv .csv.gz .parquet to write; appears whole or not at all")  # fmt: skip
    scored.add_argument("--outside", default="refuse", metavar="{refuse,allow}",
                        help="allow: also score counts of 500-999, marked")  # fmt: skip
    scored.add_argument("--on-error", default="fail", metavar="{fail,mark}", dest="on_error",
                        help="a row that cannot be read: stop, write nothing; or mark it with the reason")  # fmt: skip
    scored.add_argument("--safe", action="store_true", help="put ' before cells that a spreadsheet would run")
    exported = command("export", commands.export, "write the network: .bif .xmlbif .xdsl .net .uai .json")
    exported.add_argument("target", type=Path, help="file to write; its ending chooses the format")
    validated = command("validate", validate_command.validate, "everything that could prove the model wrong")
    for name, section in validate_command.SECTIONS.items():
        option = f"--{name.replace('_', '-')}"
        validated.add_argument(option, action="store_true", help=f"only this section (several can be given): "
                               f"{section.title.lower()}{' (takes minutes)' if section.slow else ''}")  # fmt: skip
    validated.add_argument("--json", action="store_true", help="every table as JSON, by section")
    validated.add_argument("--effort", type=_factor, default=1.0, help="times as many simulated patients and draws")
    validated.add_argument("--replicates", type=_count, default=5000, help="bootstrap replicates, 100 or more")
    validated.add_argument("--seed", type=_seed, default=0, help="of everything random")
    validated.add_argument("--write-exceptions", type=Path, metavar="FILE",
                           help="instead: write data/law_exceptions.csv anew, written reasons kept")  # fmt: skip
    verified = command("verify", commands.verify, "compare the engine with its oracles; print kappa")
    verified.add_argument("--cases", type=_count, default=20, help="random evidence sets per oracle")
    compared = command("diff", release_commands.diff, "what two versions of the tables answer differently, and why")
    compared.add_argument("old", type=Path, help="folder of tables, or ZIP archive of one")
    compared.add_argument("new", type=Path, nargs="?", help="the same; default the tables of this version")
    compared.add_argument("--most", type=_count, default=10, help="largest moves to print")
    compared.add_argument("--json", action="store_true", help="print JSON: every row and every answer that moved")
    compared.add_argument("--declare", metavar="VERSION", help="write what changed into data/changes.csv instead")
    carded = command("card", release_commands.card, "write the model card, from the tables and every validation")
    carded.add_argument("-o", "--output", type=Path, help="Markdown file to write; default standard output")
    carded.add_argument("--results", type=Path, default=data_folder() / "validation_results.json",
                        help="where the results of validation are kept")  # fmt: skip
    carded.add_argument("--keep", action="store_true", help="use the kept results instead of running validation again")
    served = command("serve", commands.serve, "open the app in a browser, on this machine only")
    served.add_argument("--port", type=_port, default=8501)
    served.add_argument("--no-browser", dest="browser", action="store_false", help="do not open a browser")
    return top


def _count(word: str) -> int:
    """Return a whole number of at least 1."""
    if not (word.isdecimal() and len(word) < 10 and int(word)):
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {word!r}")
    return int(word)


def _factor(word: str) -> float:
    """Return a number above 0, at most 100."""
    try:
        number = float(word)
    except ValueError:
        number = 0.0
    if not 0 < number <= 100:
        raise argparse.ArgumentTypeError(f"expected a number above 0, at most 100, got {word!r}")
    return number


def _seed(word: str) -> int:
    """Return a whole number of at least 0."""
    return 0 if word == "0" else _count(word)


def _port(word: str) -> int:
    """Return the number of a port."""
    if not (word.isdecimal() and len(word) < 6 and 1 <= int(word) <= LAST_PORT):
        raise argparse.ArgumentTypeError(f"expected a port from 1 to {LAST_PORT}, got {word!r}")
    return int(word)


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end a command as an exception, so that it leaves nothing behind; only the main thread can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


def _write_any_letter() -> None:
    """Write what the terminal's encoding lacks, such as a minus sign or mm³ in ASCII, as an escape, not as an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _forget_unwritten() -> None:
    """Let what a full disk did not take go nowhere, so that closing the output is not a second error."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(words: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns 0, 1 when a check failed, 2 for a mistake of the caller (one sentence on stderr), 130 after Ctrl-C.
    """
    _write_any_letter()
    arguments = parser().parse_args(words)
    try:
        with _terminable():
            code = arguments.run(arguments)
            if sys.stdout is not None:  # as with `>&-`
                sys.stdout.flush()  # a full disk shows here, where it is still one sentence
            return code
    except ModelError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; nothing was written", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away, as with `| head`; there is nobody left to tell
        return 0
    except OSError as error:
        print(f"{error.filename or 'output'}: cannot be read or written ({error.strerror}).", file=sys.stderr)
        _forget_unwritten()
        return 2


if __name__ == "__main__":
    sys.exit(main())
