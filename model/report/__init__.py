"""What is printed: one case as an HTML page, and the model card in Markdown.

May import every analysis (``docs/packages.csv``) and computes nothing itself. Start reading at ``content``, every
sentence and number of a page; ``summary`` is the case in short, its first page and a note to copy; ``lines`` has the
tables, ``page`` makes HTML of it, ``templates/`` holds both layouts, ``ranking_picture`` draws the ranking.
"""

from model.report.content import ReportContent, report_content
from model.report.model_card import model_card
from model.report.page import report
from model.report.ranking_picture import ranking_svg
from model.report.summary import NO_VERDICT, summary, summary_text

__all__ = [
    "NO_VERDICT", "ReportContent", "model_card", "ranking_svg", "report", "report_content", "summary", "summary_text",
]  # fmt: skip
