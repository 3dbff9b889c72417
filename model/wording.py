"""Numbers and ids as words, alike on screen and in the report. No arithmetic beyond rounding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from model.knowledge.load import Knowledge, Node, Record

SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"

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
    "mds": "MDS or similar",
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


def percent(probability: float) -> str:
    """Return a whole percentage; never 0 % or 100 %.

    >>> [percent(p).replace(SPACE, " ") for p in (0.0, 0.004, 0.014, 0.5, 0.993, 1.0)]
    ['<1 %', '<1 %', '1 %', '50 %', '>99 %', '>99 %']
    """
    if probability < 0.01:
        return f"<1{SPACE}%"
    if probability > 0.99:
        return f">99{SPACE}%"
    return f"{round(100 * probability)}{SPACE}%"


def tenths(probability: float) -> str:
    """Return a probability in per cent with one decimal, never as 0 % or 100 %.

    >>> tenths(0.1234), tenths(0.0001), tenths(1.0)
    ('12.3 %', '<0.1 %', '>99.9 %')
    """
    if probability < 0.0005:
        return "<0.1 %"
    return ">99.9 %" if probability > 0.9995 else f"{100 * probability:.1f} %"


def counted(part: float, digits: int = 1) -> str:
    """Return a counted share in per cent; unlike a probability it can be 0 % or 100 %. NaN is ``none seen``.

    >>> counted(1.0, 0), counted(0.123), counted(float("nan"))
    ('100 %', '12.3 %', 'none seen')
    """
    return "none seen" if part != part else f"{100 * part:.{digits}f} %"


def signed(number: float, digits: int = 1) -> str:
    """Return a number with its sign, the minus as long as the plus."""
    return f"{number:+.{digits}f}".replace("-", MINUS)


def percent_said(probability: float) -> str:
    """Return a whole percentage for the middle of a sentence; never 0 % or 100 %.

    >>> percent_said(0.004), percent_said(0.5), percent_said(0.999)
    ('under 1 %', '50 %', 'over 99 %')
    """
    if probability < 0.01:
        return "under 1 %"
    return "over 99 %" if probability > 0.99 else f"{100 * probability:.0f} %"


def counted_share(row: Mapping[str, Any], name: str) -> str:
    """Return a counted share with its interval, if it has one; unlike a probability it can be 0 % or 100 %.

    row : the share under `name`, its interval under ``{name}_low`` and ``{name}_high``

    >>> counted_share({"top1": 0.5, "top1_low": 0.31, "top1_high": 0.69}, "top1"), counted_share({"top1": 1.0}, "top1")
    ('50% (31% to 69%)', '100%')
    """
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    return f"{row[name]:.0%}" + ("" if low is None or high is None else f" ({low:.0%} to {high:.0%})")


def percent_range(low: float, high: float) -> str:
    """Return a range of percentages, its ends never 0 or 100.

    >>> [percent_range(*ends).replace(SPACE, " ") for ends in ((0.0, 0.004), (0.2, 0.61), (0.55, 0.999))]
    ['<1 %', '20 to 61 %', '55 to >99 %']
    """
    first, last = percent(low), percent(high)
    return last if first == last else f"{first.removesuffix(f'{SPACE}%')} to {last}"


def of_hundred(probability: float) -> str:
    """Return the percentage as people: ``about 36 of 100 such patients``."""
    if probability < 0.01:
        return "fewer than 1 of 100 such patients"
    if probability > 0.99:
        return "more than 99 of 100 such patients"
    return f"about {round(100 * probability)} of 100 such patients"


def decibans(weight: float) -> str:
    """Return a weight of evidence with its sign.

    >>> decibans(11.83), decibans(-2.5), decibans(-0.02)
    ('+11.8', '−2.5', '0.0')
    """
    text = f"{weight:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", MINUS)


def words_of(text: str) -> str:
    """Return an id as words: ``up_to_2_weeks`` -> ``up to 2 weeks``."""
    return CASE_WORDS.get(text, text.replace("_", " "))


def plain(text: str) -> str:
    """Return an id as words, first letter large."""
    words = words_of(text)
    return words[:1].upper() + words[1:]


def inside_sentence(label: str) -> str:
    """Return a label as it stands inside a sentence.

    >>> inside_sentence("Viral infection"), inside_sentence("MDS or similar")
    ('viral infection', 'MDS or similar')
    """
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def state_label(node: Node, state: str) -> str:
    """Return a state as a button or a table shows it."""
    if set(node.states) == {"absent", "present"}:
        return "Yes" if state == "present" else "No"
    if node.role == "cause" and state == "absent":
        return "Not acting"
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
    label = knowledge.nodes[node].short_label
    return label if state in ("", "present") else f"{label}, {words_of(state)}"
