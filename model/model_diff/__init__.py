"""What a change of the numbers does: two versions of the tables compared, answer by answer, change by change."""

from model.model_diff.comparison import Answer, ModelDiff, SettingDiff, compare
from model.model_diff.declared import declare, undeclared
from model.model_diff.release import Release, current, last_release, read_release, write_release
from model.model_diff.rows import FieldChange, RowChange, needs_declaring, row_changes
from model.model_diff.text import diff_dict, diff_text

__all__ = [
    "Answer",
    "FieldChange",
    "ModelDiff",
    "Release",
    "RowChange",
    "SettingDiff",
    "compare",
    "current",
    "declare",
    "diff_dict",
    "diff_text",
    "last_release",
    "needs_declaring",
    "read_release",
    "row_changes",
    "undeclared",
    "write_release",
]
