"""The commands of whoever changes the tables: what changed since a release, and the model card."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import nullcontext

from model.cli.commands import bar
from model.errors import TableError
from model.whole_file import whole_file


def card(arguments: argparse.Namespace) -> int:
    """Write the model card; unless told to keep them, run every validation for it first."""
    from model.knowledge import load_knowledge
    from model.report import model_card
    from model.validation.results import validation_results

    stored = arguments.results
    out = nullcontext(sys.stdout) if arguments.output is None else whole_file(arguments.output)
    with out as card_file:  # before validation, so that two minutes do not end at a file that cannot be written
        if not arguments.keep:
            with whole_file(stored) as file, bar("Validation") as tell:
                file.write(json.dumps(validation_results(tell), indent=1) + "\n")
        try:
            results = json.loads(stored.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise TableError(f"--results: expected results written by this command in {stored} ({error}).") from None
        card_file.write(model_card(load_knowledge(), results))
    return 0


def diff(arguments: argparse.Namespace) -> int:
    """Compare two versions of the tables, or write what changed since a release into the tables of changes."""
    from model.knowledge import data_folder
    from model.model_diff import compare, current, declare, diff_dict, diff_text, read_release

    old = read_release(arguments.old)
    new = current() if arguments.new is None else read_release(arguments.new)
    with bar("Comparing") as tell:
        found = compare(old, new, progress=tell)
    if arguments.declare is not None:
        if arguments.new is not None:
            raise TableError("--declare: expected no second version; what is declared is the step to the tables here.")
        open_items = declare(found, data_folder(), arguments.declare)
        print(
            "\n".join(f"changes.csv: {item} still needs a reason" for item in open_items)
            or "every change has its reason"
        )
        return 0
    print(json.dumps(diff_dict(found), indent=1) if arguments.json else diff_text(found, arguments.most))
    return 0
