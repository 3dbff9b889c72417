"""What a change of the numbers does: two versions of the tables compared, answer by answer, change by change.

``release`` reads a version, ``rows`` finds what differs, ``mixture`` builds the model between two versions,
``attribution`` divides each move over the changed rows, ``declared`` keeps the list of declared changes. They may use
the engine and Shapley values and know no medical fact. Start in ``comparison``.
"""

from model.model_diff.comparison import compare
from model.model_diff.declared import declare, undeclared
from model.model_diff.release import current, last_release, read_release, write_release
from model.model_diff.rows import needs_declaring, row_changes
from model.model_diff.text import diff_dict, diff_text

__all__ = [
    "compare", "current", "declare", "diff_dict", "diff_text", "last_release", "needs_declaring", "read_release",
    "row_changes", "undeclared", "write_release",
]  # fmt: skip
