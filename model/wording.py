"""Numbers and ids as words, alike on screen, in a chart, in print and in a terminal. No arithmetic beyond rounding."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from model.knowledge import Knowledge, Node, Record

SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
_FILE = re.compile(r"`?\b([a-z_]+)\.csv\b`?")

GROUPS = {
    "medicines": "Medicines",
    "background": "Background",
    "symptoms": "Symptoms",
    "examination": "Examination",
    "blood_count": "Blood count and smear",
    "nutrition": "Nutrition",
    "special_tests": "Special tests",
    "course": "Course",
}
CASE_WORDS = {
    "b12": "vitamin B12",
    "mds": "MDS",
    "chronic_virus": "HIV or chronic hepatitis",
    "earlier_normal": "normal before",
    "in_window": "in its window",
    "outside": "outside its window",
    "normal_or_arrest": "normal, or maturation arrest",
    "felty": "Felty's syndrome",
    "reading_of_article_words": "this project",
    "mosteller_youtz_1990": "Mosteller and Youtz 1990",
    "hpo_frequency": "the Human Phenotype Ontology",
    "renooij_witteman_1999": "Renooij and Witteman 1999",
    "lay_readers_2021": "lay readers 2021",
}
GRADES = {
    "A": "a count with its denominator in a fitting population",
    "B": "a number of the article, or of a study that fits only indirectly",
    "C": "a word of the article, read through a scale",
    "D": "only an order, or a range that fits indirectly",
    "E": "an assumption: nobody knows",
}
TAGS = {
    "ARTICLE": "stated by the article",
    "SEEN": "read in a text",
    "DERIVED": "arithmetic on numbers that were read",
    "RECALLED": "from memory, to be verified",
    "GAP": "looked for and not found",
}
KINDS = {
    "share_order": "share among the causes",
    "other_share": "share of other or unexplained",
    "cooccurrence": "causes acting at once, on average",
    "population": "adults with such a count",
    "split": "split within the cause",
    "base_rate": "base rate",
    "baseline_hazard": "hazard without any listed exposure",
    "hazard": "hazard of an exposure",
    "link": "finding when this cause acts",
    "leak": "finding in the background",
    "mechanism": "mechanism",
    "relative_hazard": "how many times the hazard",
    "relative_base_rate": "how many times as common",
    "both": "both findings when this cause acts",
}
SCOPE_TITLES = {  # what the scope guard found, as the title of what is said about it
    "in": "Within scope",
    "near": "Outside the model's range",
    "near, answered": "Outside the model's range: shown on request",
    "refused": "Outside this model: no probabilities are shown",
    "emergency": "Emergency: do not use this model",
    "unread": "An entry is not understood: no probabilities are shown",
    "impossible": "The entries contradict each other: no probabilities are shown",
}


def percent(probability: float, digits: int = 0) -> str:
    """Return a probability in per cent with a no-break space; it is never shown as 0 % or 100 %.

    >>> [percent(p).replace(SPACE, " ") for p in (0.0, 0.004, 0.014, 0.5, 0.993, 1.0)]
    ['<1 %', '<1 %', '1 %', '50 %', '>99 %', '>99 %']
    >>> [percent(p, 1).replace(SPACE, " ") for p in (0.0001, 0.1234, 1.0)]
    ['<0.1 %', '12.3 %', '>99.9 %']
    """
    shown, least = 100 * probability, 10**-digits
    if shown < least:
        return f"<{least:.{digits}f}{SPACE}%"
    if shown > 100 - least:
        return f">{100 - least:.{digits}f}{SPACE}%"
    return f"{shown:.{digits}f}{SPACE}%"


def points(probability: float) -> int:
    """Return a probability in whole per cent as `percent` rounds it, so that differences agree with what is shown.

    >>> [points(p) for p in (0.004, 0.006, 0.934, 0.905, 0.9951)]
    [0, 0, 93, 90, 100]
    """
    shown = 100 * probability
    return 0 if shown < 1 else 100 if shown > 99 else int(f"{shown:.0f}")


def percent_said(probability: float) -> str:
    """Return the same for the middle of a sentence, its sign in a word.

    >>> [percent_said(p).replace(SPACE, " ") for p in (0.004, 0.5, 0.999)]
    ['under 1 %', '50 %', 'over 99 %']
    """
    return percent(probability).replace("<", "under ").replace(">", "over ")


def percent_range(low: float, high: float, digits: int = 0) -> str:
    """Return a range of probabilities in per cent, its ends never 0 or 100.

    >>> [percent_range(*ends).replace(SPACE, " ") for ends in ((0.0, 0.004), (0.2, 0.61), (0.55, 0.999))]
    ['<1 %', '20 to 61 %', '55 to >99 %']
    """
    first, last = percent(low, digits), percent(high, digits)
    return last if first == last else f"{first.removesuffix(f'{SPACE}%')} to {last}"


def counted(share: float, digits: int = 0) -> str:
    """Return a counted share in per cent; unlike a probability it can be 0 % or 100 %. NaN is ``none seen``.

    >>> [counted(share).replace(SPACE, " ") for share in (1.0, 0.123, float("nan"))]
    ['100 %', '12 %', 'none seen']
    """
    return "none seen" if share != share else f"{100 * share:.{digits}f}{SPACE}%"


def counted_share(row: Mapping[str, Any], name: str, digits: int = 0) -> str:
    """Return a counted share of a row with its interval, if it has one.

    row : the share under `name`, its interval under ``{name}_low`` and ``{name}_high``; None or NaN where it has none

    >>> counted_share({"top1": 0.5, "top1_low": 0.31, "top1_high": 0.69}, "top1").replace(SPACE, " ")
    '50 % (31 to 69 %)'
    """
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    if low is None or high is None or low != low:
        return counted(row[name], digits)
    return f"{counted(row[name], digits)} ({100 * low:.{digits}f} to {counted(high, digits)})"


def signed(number: float, digits: int = 1) -> str:
    """Return a number with its sign, the minus as long as the plus; one that is rounded to nothing has none.

    >>> signed(11.83), signed(-2.5), signed(-0.02), signed(0.123, 2)
    ('+11.8', '−2.5', '0.0', '+0.12')
    """
    text = f"{number:+.{digits}f}"
    return text.replace("-", MINUS) if float(text) else text[1:]


def led(share: float) -> str:
    """Return how often a cause leads, of the draws of the model's numbers."""
    return f"first in {percent(share)} of draws" if share > 0 else "never first"


def of_hundred(probability: float) -> str:
    """Return the percentage as people: ``about 36 of 100 such patients``."""
    if probability < 0.01:
        return "fewer than 1 of 100 such patients"
    if probability > 0.99:
        return "more than 99 of 100 such patients"
    return f"about {round(100 * probability)} of 100 such patients"


def words_of(text: str) -> str:
    """Return an id as words: ``up_to_2_weeks`` -> ``up to 2 weeks``."""
    return CASE_WORDS.get(text, text.replace("_", " "))


def plain(text: str) -> str:
    """Return an id as words, first letter large."""
    words = words_of(text)
    return words[:1].upper() + words[1:]


def without_files(text: str) -> str:
    """Return text for a reader who has no files: a table by what it is about.

    >>> without_files("their windows stand in drugs.csv"), without_files("rows in `base_rates.csv`")
    ('their windows stand in the table of drugs', 'rows in the table of base rates')
    """
    return _FILE.sub(lambda found: f"the table of {words_of(found[1])}", text)


def inside_sentence(label: str) -> str:
    """Return a label as it stands inside a sentence.

    >>> inside_sentence("Viral infection"), inside_sentence("MDS or similar")
    ('viral infection', 'MDS or similar')
    """
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def first_of(sentences: Sequence[str], where: str, most: int = 30) -> tuple[str, ...]:
    """Return the sentences; of very many the first, and how many more there are and `where` all of them stand.

    >>> first_of(["a", "b", "c"], "in the report", most=2)
    ('a', 'b', 'And 1 more; all of them stand in the report.')
    """
    more = len(sentences) - most
    return tuple(sentences) if more <= 0 else (*sentences[:most], f"And {more} more; all of them stand {where}.")


def sentence(text: str) -> str:
    """Return text with a full stop at its end, if it has none."""
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."


def state_label(node: Node, state: str) -> str:
    """Return a state as a button or a table shows it."""
    if set(node.states) == {"absent", "present"}:
        return "Yes" if state == "present" else "No"
    if state == "absent":
        return "Not acting" if node.role == "cause" else "No"
    return plain(state)


def number_text(value: float) -> str:
    """Return a probability or weight with three significant digits, without a power of ten.

    >>> number_text(0.00003), number_text(0.0074), number_text(1.1)
    ('0.00003', '0.0074', '1.1')
    """
    text = f"{value:.3g}"
    return f"{value:.8f}".rstrip("0").rstrip(".") if "e" in text else text


def cause_labels(knowledge: Knowledge) -> dict[str, str]:
    """Return cause id -> short label, in the order of the causes."""
    return {node.id: node.short_label for node in knowledge.role("cause")}


def record_title(knowledge: Knowledge, record: Record) -> str:
    """Return what a number is, in words: ``Fever, given Viral infection: finding when this cause acts``."""
    what = KINDS[record.kind]
    if record.kind in ("cooccurrence", "population", "other_share"):
        return what[:1].upper() + what[1:]
    subject = _subject(knowledge, record.node, record.state)
    if not record.parent:
        return f"{subject}: {what}"
    return f"{subject}, given {_subject(knowledge, record.parent, record.parent_state)}: {what}"


def _subject(knowledge: Knowledge, node: str, state: str) -> str:
    """Return a node with its state, or several joined by ``&``, in words."""
    if "&" in node:
        each = zip(node.split("&"), state.split("&"), strict=True)
        return " and ".join(_subject(knowledge, one, its_state) for one, its_state in each)
    label = knowledge.nodes[node].short_label
    return label if state in ("", "present") else f"{label}, {words_of(state)}"
