"""Patients that stand twice: values that a column of ids holds more than once. Told, not refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Sequence

EXAMPLES = 3  # of ids that stand twice, a column
MOST_IDS = 1 << 18  # of a column that are kept, so that memory does not grow with the table

_ID = re.compile(
    r"(?:.*[\W_])?(?:id|identifier|mrn|no|nr|number|nummer)|(?:patient|case|subject|participant|person|fall|proband)(?:id|in)?",
    re.IGNORECASE,
)


class RepeatedIds:
    """Counts the values of the columns that look like ids among those that are not read."""

    def __init__(self, header: Sequence[Hashable], read: Collection[int]):
        self.header = header
        self.places = [
            place
            for place, label in enumerate(header)
            if place not in read and isinstance(label, str) and _ID.fullmatch(label.strip())
        ]
        self.seen: list[Counter[str]] = [Counter() for _ in self.places]

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        """Count the ids of some rows."""
        self.add_columns([[row[place] for row in rows] for place in self.places])

    def add_columns(self, columns: Iterable[Sequence[str]]) -> None:
        """Count the ids of the columns at `places`; an empty cell is no id."""
        for counter, cells in zip(self.seen, columns, strict=True):
            ids = (cell for cell in map(str.strip, cells) if cell)
            counter.update(ids if len(counter) < MOST_IDS else (cell for cell in ids if cell in counter))

    def sentences(self) -> list[str]:
        """Return one sentence for each column with an id that stands twice."""
        said = []
        for place, counter in zip(self.places, self.seen, strict=True):
            twice = [(cell, rows) for cell, rows in counter.items() if rows > 1]
            if twice:
                shown = ", ".join(f"{cell!r} in {rows} rows" for cell, rows in twice[:EXAMPLES])
                more = f" and {len(twice) - EXAMPLES} others" if len(twice) > EXAMPLES else ""
                said.append(
                    f"Column {self.header[place]!r} looks like an id, but has {shown}{more}: each row was taken for a "
                    "patient of its own."
                )
            if len(counter) >= MOST_IDS:
                said.append(f"Column {self.header[place]!r}: only its first {len(counter):,} ids were compared.")
        return said
