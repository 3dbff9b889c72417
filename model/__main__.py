"""The command line: ``python -m model`` or ``neutropenia-bn``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from model import commands
from model.diagnostic_model import DEFAULT_SETTING
from model.errors import ModelError
from model.version import __version__


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
        if name != "serve":
            found.add_argument("--setting", help=f"population of the shares and base rates (default {DEFAULT_SETTING})")
            found.add_argument("--scale", help="verbal scale that reads the article's words")
        return found

    def question(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        found = command(name, run, text)
        found.add_argument("--set", nargs="+", action="append", default=[], metavar="node=value", help="what is known")
        found.add_argument("--case", type=Path, help="case file (JSON)")
        found.add_argument("--outside", default="refuse", help="allow: also answer for a count of 500-999, marked")
        return found

    asked = question("posterior", commands.posterior, "probability of each cause for one patient")
    asked.add_argument("--json", action="store_true", help="print JSON")
    explained = question("explain", commands.explain, "what each finding contributes to one cause")
    explained.add_argument("--cause", help="default: the leading one")
    following = question("next", commands.next_step, "what to ask or test next")
    following.add_argument("--most", type=int, default=12, help="lines to print")
    moved = question("sensitivity", commands.sensitivity, "which numbers the answer depends on")
    moved.add_argument("--cause", help="default: the leading one")
    moved.add_argument("--most", type=int, default=15, help="lines to print")
    scored = command("score", commands.score, "posterior of every row of a CSV file")
    scored.add_argument("table", type=Path, help="CSV, columns are node ids, blank = not assessed")
    scored.add_argument("-o", "--output", type=Path, required=True, help="CSV to write; appears whole or not at all")
    scored.add_argument("--outside", default="refuse", help="allow: also score counts of 500-999, marked")
    exported = command("export", commands.export, "write the network: .bif .xmlbif .xdsl .net .json")
    exported.add_argument("target", type=Path)
    validated = command("validate", commands.validate, "how the published cases rank")
    validated.add_argument("--json", action="store_true", help="one record per case")
    verified = command("verify", commands.verify, "compare the engine with its oracles; print kappa")
    verified.add_argument("--cases", type=int, default=20, help="random evidence sets per oracle")
    served = command("serve", commands.serve, "open the app in a browser, on this machine only")
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
