"""What is printed: one case as an HTML page, and the model card in Markdown.

May import every analysis (``docs/packages.csv``) and computes nothing itself. Start reading at ``content``, every
sentence and number of a page; ``lines`` has its tables, ``page`` makes HTML of it, ``templates/`` holds both layouts.
"""

from model.report.content import ReportContent, report_content
from model.report.model_card import model_card
from model.report.page import report

__all__ = ["ReportContent", "model_card", "report", "report_content"]
