"""What is known of one patient, and whether the model is about them.

Knows the tables and how numbers are read (``model.knowledge``, ``model.elicitation``), and no probability. Start with
``read.read_evidence``; ``units`` reads a number with its unit, ``scope`` is the guard before every answer. ``case`` and
``case_link`` keep a patient as a file and as a link. Asked for by name: ``lab_text`` reads pasted laboratory results,
``fhir`` a Bundle.
"""

from model.evidence.case import MAX_NOTE, Case, entered_case, read_case
from model.evidence.cell import cell_words, read_cell
from model.evidence.published_cases import (
    PublishedCase,
    cases_of_today,
    published_case,
    published_cases,
    teaching_cases,
    vocabularies,
)
from model.evidence.read import Evidence, bands_of_guards, read_evidence
from model.evidence.read_each import Unread, read_each
from model.evidence.renamed import todays_words
from model.evidence.scope import UNCHECKED, Scope, check_scope, red_flag
from model.evidence.units import parse_quantity, units_of

__all__ = [
    "MAX_NOTE",
    "UNCHECKED",
    "Case",
    "Evidence",
    "PublishedCase",
    "Scope",
    "Unread",
    "bands_of_guards",
    "cases_of_today",
    "cell_words",
    "check_scope",
    "entered_case",
    "parse_quantity",
    "published_case",
    "published_cases",
    "read_case",
    "read_cell",
    "read_each",
    "read_evidence",
    "red_flag",
    "teaching_cases",
    "todays_words",
    "units_of",
    "vocabularies",
]
