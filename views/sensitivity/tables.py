"""Curve, surface, reliance and readers of the sensitivity screen, in words and as tables. No Streamlit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from model.knowledge import Knowledge
from model.sensitivity.curves import SensitivityFunction, TwoWay
from model.sensitivity.reliance import GROUPINGS, Reliance
from model.sensitivity.swap_reader import AS_READ, SwappedReaders
from model.wording import KINDS, cause_labels, number_text, percent, percent_range, plain, words_of
from views.sensitivity.markup import ErrorBar


def labelled_curve(found: SensitivityFunction, knowledge: Knowledge) -> SensitivityFunction:
    """Return the same curve with labels in place of cause ids."""
    labels = cause_labels(knowledge)
    frame = found.frame.rename(columns=labels)
    return replace(
        found, frame=frame, flips=tuple((at, labels[below], labels[above]) for at, below, above in found.flips)
    )


def labelled_surface(found: TwoWay, knowledge: Knowledge) -> TwoWay:
    """Return the same surface with labels in place of the ids of causes; the numbers become A and B."""
    labels = cause_labels(knowledge)
    frame = found.frame.rename(columns={found.first: "A", found.second: "B"})
    return TwoWay(frame.assign(leader=[labels[leader] for leader in frame["leader"]]), labels[found.cause], "A", "B")


def led(found: TwoWay) -> str:
    """Return how much of the surface each cause leads, in words."""
    shares = found.frame["leader"].value_counts(normalize=True)
    if len(shares) == 1:
        return f"{shares.index[0]} leads everywhere on it"
    return "; ".join(f"{cause} leads on {percent(float(share))} of it" for cause, share in shares.items())


def reliance_groups(knowledge: Knowledge, found: Reliance) -> dict[str, str]:
    """Return what to call each group: a claim with its paraphrase, a source with its citation, a kind in words."""
    names: Mapping[str, Callable[[str], str]] = {
        "claim": lambda group: f"{group}: {knowledge.claims[group].paraphrase}" if group in knowledge.claims else group,
        "source": lambda group: knowledge.sources[group].citation if group in knowledge.sources else group,
        "kind": lambda group: KINDS.get(group, group),
    }
    name = names.get(found.by, lambda group: group)
    return {str(group): plain(name(str(group))) for group in found.frame.index}


GROUPS = tuple(group for group in GROUPINGS if group != "reading")


def curve_rows(found: SensitivityFunction) -> list[tuple[str, ...]]:
    """Return the curve as a table: each cause at the low end, as stated, and at the high end."""
    frame = found.frame
    stated = min(range(len(frame)), key=lambda i: abs(float(frame.index[i]) - found.value))
    places = (0, stated, len(frame) - 1)
    return [(str(cause), *(percent(float(frame[cause].iloc[i])) for i in places)) for cause in frame.columns]


def surface_rows(found: TwoWay, points: int = 5) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the surface as a table, head and rows, at `points` values a side, with the cause that leads."""
    pivot = found.frame.pivot(index=found.second, columns=found.first, values="probability")
    leader = found.frame.pivot(index=found.second, columns=found.first, values="leader")
    down, across = (sorted({round(i * (size - 1) / (points - 1)) for i in range(points)}) for size in pivot.shape)
    head = ("B \\ A", *(number_text(float(pivot.columns[i])) for i in across))
    rows = [
        (number_text(float(pivot.index[j])),
         *(f"{percent(float(pivot.iloc[j, i]))}, {leader.iloc[j, i]} leads" for i in across))
        for j in reversed(down)
    ]  # fmt: skip
    return head, rows


def reliance_bars(found: Reliance, names: Mapping[str, str]) -> list[ErrorBar]:
    """Return the share of the variance that rests on each group, with its 95 % error; the mark is the group alone."""
    bars = []
    for group, row in zip(found.frame.index, found.frame.to_dict("records"), strict=True):
        low, high = row["total"] - row["total_error"], row["total"] + row["total_error"]
        count = int(row["numbers"])
        text = (
            f"{percent(row['total'])} ({percent_range(low, high)}), alone {percent(row['first'])}; "
            f"{count} number{'s' if count > 1 else ''}"
        )
        bars.append(ErrorBar(names[str(group)], row["total"], low, high, row["first"], text))
    return bars


def reader_rows(
    found: SwappedReaders, knowledge: Knowledge
) -> tuple[tuple[str, ...], list[tuple[str, list[tuple[str, float]], int]]]:
    """Return head and rows of every reader, as read first, then those who move the answer most."""
    labels = cause_labels(knowledge)
    causes = [cause for cause in labels if cause in found.frame.columns]
    order = sorted(found.frame.index, key=lambda reader: (reader != AS_READ, -float(found.frame.loc[reader, "moved"])))
    rows = []
    for reader in order:
        row = found.frame.loc[reader]
        cells = [(percent(float(row[cause])), float(row[cause])) for cause in causes]
        rows.append((_reader_name(str(row["kind"]), str(row["label"])), cells, causes.index(str(row["leader"]))))
    return ("Reader", *(labels[cause] for cause in causes)), rows


def _reader_name(kind: str, label: str) -> str:
    said = {"scale": "Words read by ", "setting": "Setting: ", "order": "Order: "}
    return "As read" if kind == AS_READ else f"{said[kind]}{words_of(label)}" if kind in said else plain(label)


def cases_that_change(found: SwappedReaders) -> int:
    """Return how many published cases get another leader from at least one of the other readers."""
    return len({case for cases in found.frame["cases"] for case in str(cases).split(";") if case})
