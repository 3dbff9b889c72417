"""A comparison of two versions as text and as plain values for JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from model.model_diff.attribution import named
from model.model_diff.comparison import Answer, ModelDiff
from model.model_diff.rows import NUMBERS, RowChange, needs_declaring

_LONG = frozenset({"rationale", "locator", "conflict", "note", "question", "label", "citation"})
_LEAST = 0.0005  # parts smaller than this, in probability, are not printed one by one


def diff_text(diff: ModelDiff, most: int = 10) -> str:
    """Return the comparison for people: rows, changes of leader with their reasons, and the `most` largest moves."""
    return "\n".join(_lines(diff, most))


def diff_dict(diff: ModelDiff) -> dict[str, Any]:
    """Return the comparison as plain values: every row and every answer that moved, probabilities in full."""
    return {
        "old": diff.old,
        "new": diff.new,
        "rows": [
            {
                "item": row.item,
                "table": row.table,
                "how": row.how,
                "to_declare": needs_declaring(row),
                "fields": {field.field: [field.old, field.new] for field in row.fields},
            }
            for row in diff.rows
        ],
        "methods": {part.setting: part.attribution.method for part in diff.settings if part.attribution},
        "answers": [_answer_dict(answer) for answer in diff.answers],
    }


def _answer_dict(answer: Answer) -> dict[str, Any]:
    return {
        "setting": answer.setting,
        "question": answer.question,
        "leader": [answer.leader_before, answer.leader_after],
        "causes": {cause: [answer.before[cause], answer.after[cause]] for cause in answer.after},
        "by": [{"items": list(block), "causes": dict(parts)} for block, parts in answer.by.items()],
    }


def _lines(diff: ModelDiff, most: int) -> Iterator[str]:
    yield f"From {diff.old} to {diff.new}."
    counted = [row for row in diff.rows if needs_declaring(row)]
    yield f"\nNumbers, structure and cases: {len(counted)} rows differ." if counted else "\nNo number differs."
    for row in counted:
        yield from _row_lines(row)
    worded = Counter(row.table for row in diff.rows if not needs_declaring(row))
    if worded:
        yield "\nWording, source or grade only: " + ", ".join(f"{table} {n}" for table, n in worded.items()) + "."
        for row in diff.rows:
            if row.table == NUMBERS and not needs_declaring(row):
                yield from _row_lines(row)
    if not diff.answers:
        yield "\nNo answer moves: no published case, no single finding, nor nothing entered, in any setting."
        return
    yield f"\nLeader changes: {len(diff.leader_changes)} of the published cases and nothing entered, over all settings."
    for answer in diff.leader_changes:
        yield from _answer_lines(answer)
    yield f"\nLargest moves, of {len(diff.answers)} answers that move:"
    for answer in diff.answers[:most]:
        yield from _answer_lines(answer)
    yield ""
    for part in diff.settings:
        if part.attribution is not None:
            yield f"{part.setting}: {part.attribution.method}; the parts add up to each change."


def _row_lines(row: RowChange) -> Iterator[str]:
    yield f"  {row.item}  {row.how}"
    for field in row.fields:
        if row.how == "changed" and field.field in _LONG:
            yield f"    {field.field}: reworded"
        elif row.how == "changed" or field in row.counted:
            yield f"    {field.field}: {field.old or '-'} -> {field.new or '-'}"


def _answer_lines(answer: Answer) -> Iterator[str]:
    """Yield the answer and its parts: of the new leader's lead over the old one, else of the cause that moved most."""
    before, after = answer.leader_before, answer.leader_after
    if answer.leader_changed:
        told = ", ".join(_moved(answer, cause) for cause in (before, after))
        yield f"  {answer.setting}, {answer.question}: {before} -> {after} leads; {told}; lead of {after}:"
        parts = {block: answer.lead(block) for block in answer.by}
    else:
        cause = max(answer.moved, key=lambda name: abs(answer.moved[name]))
        yield f"  {answer.setting}, {answer.question}: {_moved(answer, cause)} ({answer.moved[cause]:+.3f})"
        parts = {block: part[cause] for block, part in answer.by.items()}
    for block in sorted(parts, key=lambda name: -abs(parts[name])):
        if abs(parts[block]) >= _LEAST:
            yield f"    {parts[block]:+.4f}  {', '.join(named(block))}"


def _moved(answer: Answer, cause: str) -> str:
    return f"{cause} {answer.before[cause]:.3f} -> {answer.after[cause]:.3f}"
