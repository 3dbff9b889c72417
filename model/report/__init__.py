"""What is printed: one case as an HTML page, and the model card in Markdown.

May import every analysis (``docs/packages.csv``) and computes nothing itself. Start reading at ``content``, every
sentence and number of a page; ``summary`` is the case in short, its first page and a note to copy; ``lines`` has the
tables, ``page`` makes HTML of it, ``templates/`` holds both layouts, ``ranking_picture`` draws the
ranking; ``course_lines`` and ``course_picture`` have the course over time as text and as a picture.
"""

from model.report.content import ReportContent, report_content
from model.report.course_lines import CourseRow, FollowLine, course_rows, follow_lines
from model.report.course_picture import CoursePicture, course_in_words, course_picture
from model.report.model_card import model_card
from model.report.page import report
from model.report.ranking_picture import ranking_svg
from model.report.summary import NO_VERDICT, summary, summary_text

__all__ = [
    "NO_VERDICT", "CoursePicture", "CourseRow", "FollowLine", "ReportContent", "course_in_words", "course_picture",
    "course_rows", "follow_lines", "model_card", "ranking_svg", "report", "report_content", "summary", "summary_text",
]  # fmt: skip
