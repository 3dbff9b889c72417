"""The tables of ``data/``, read and checked, and what stands behind each row.

A number, a word, a unit, a rule: everything a person may correct is a row here, and nothing here is a probability yet.
Imports only errors, version and progress. Start with ``load.Knowledge``, which holds every table; ``rows`` says what
the columns mean, ``provenance`` what a node or number rests on, and ``csv_table`` reads any table of the project.
"""

from model.knowledge.csv_table import cell_items, table_rows
from model.knowledge.load import Knowledge, data_folder, kept_with_knowledge, load_knowledge
from model.knowledge.provenance import cited, claims_cited, disagreements_about, sources_cited
from model.knowledge.rows import DecisionRule, Disagreement, Example, Guidance, Node, Record, ScopeRule, Source

__all__ = [
    "DecisionRule",
    "Disagreement",
    "Example",
    "Guidance",
    "Knowledge",
    "Node",
    "Record",
    "ScopeRule",
    "Source",
    "cell_items",
    "cited",
    "claims_cited",
    "data_folder",
    "disagreements_about",
    "kept_with_knowledge",
    "load_knowledge",
    "sources_cited",
    "table_rows",
]
