"""The course over time as a picture: counts on bands of 500, 1000 and 1500, medicines as bars, fever as a mark.

It is drawn in the colour of the text around it, so that light, dark, paper and forced colours need no second set; what
differs, differs in shape and brightness. The same stands beside it as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape
from math import sqrt

from model.evidence.course import Count, Course, Mark, MedicineCourse
from model.evidence.course_rules import CourseReading
from model.evidence.units import lab_number
from model.knowledge import Knowledge
from model.knowledge.course_tables import FEVER

LEFT, RIGHT, TOP, PLOT, ROW, FOOT = 44, 14, 14, 132, 27, 22  # units of the picture: margins and heights
LEAST, MOST = 2500, 9000  # /mm3 at the top of the counts; one above it is drawn at the top, with an arrow
SIZE = 11.5  # of the text
_SHADES = (0.24, 0.15, 0.07)  # of the bands, the lowest counts darkest


def course_svg(knowledge: Knowledge, read: CourseReading, width: int = 360) -> str:
    """Return the course as an SVG; empty for one without a date.

    width : units of the picture, as many as pixels where it is shown in its own size; all text is escaped
    """
    days = read.course.days
    return _Picture(knowledge, read, width).svg() if days else ""


def course_in_words(course: Course) -> str:
    """Return how much a course holds and from when to when, in a few words."""
    kinds = (
        (len(course.counts), "count"),
        (len(course.medicines), "medicine"),
        (len([mark for mark in course.marks if mark.kind == FEVER]), "fever"),
        (len([mark for mark in course.marks if mark.kind != FEVER]), "infection"),
    )
    held = ", ".join(f"{number} {kind}{'s' * (number != 1 and kind != 'fever')}" for number, kind in kinds if number)
    days = course.days
    between = f"{days[0]} to {days[-1]}" if len(days) > 1 else f"{days[0]}" if days else ""
    return f"{held}, {between}" if days else "nothing"


class _Picture:
    """Places on one picture: days from left to right, counts on a scale of roots so that low ones stand apart."""

    def __init__(self, knowledge: Knowledge, read: CourseReading, width: int):
        self.read, self.course, self.width = read, read.course, width
        self.limits = _limits(knowledge)
        self.first, self.last = read.course.days[0], read.course.days[-1]
        highest = max((count.value for count in self.course.counts), default=0.0)
        self.top = min(max(highest * 1.08, LEAST), MOST)
        self.marks = self.course.marks
        self.rows = [*self.course.medicines, *([self.marks] if self.marks else [])]
        self.height = TOP + PLOT + ROW * len(self.rows) + FOOT

    def svg(self) -> str:
        """Return the picture."""
        name = f"Time line of {course_in_words(self.course)}. The table below says the same."
        return (
            f'<svg class="course" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'role="img" aria-label="{escape(name)}" font-size="{SIZE}" fill="currentColor">'
            f"{self._bands()}{self._counts()}{self._medicines()}{self._marks()}{self._axis()}</svg>"
        )

    def _x(self, day: date) -> float:
        span = (self.last - self.first).days
        share = (day - self.first).days / span if span else 0.5
        return LEFT + 8 + share * (self.width - LEFT - RIGHT - 16)

    def _y(self, value: float) -> float:
        return TOP + PLOT * (1 - sqrt(min(value, self.top) / self.top))

    def _bands(self) -> str:
        """Return a band below each limit, darker where counts are lower, and the limits as lines with their numbers."""
        drawn, below = [], 0.0
        right = self.width - RIGHT
        for limit, shade in zip(self.limits, _SHADES, strict=False):
            top, bottom = self._y(limit), self._y(below)
            drawn.append(
                f'<rect x="{LEFT}" y="{top:.1f}" width="{right - LEFT}" height="{bottom - top:.1f}" '
                f'opacity="{shade}"/><line x1="{LEFT}" x2="{right}" y1="{top:.1f}" y2="{top:.1f}" '
                f'stroke="currentColor" stroke-opacity=".55" stroke-width=".8"/>'
                f'<text x="{LEFT - 5}" y="{top + 4:.1f}" text-anchor="end">{lab_number(limit)}</text>'
            )
            below = limit
        return "".join(drawn)

    def _counts(self) -> str:
        points = [(self._x(count.date), self._y(count.value), count) for count in self.course.counts]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
        path = f'<polyline points="{line}" fill="none" stroke="currentColor" stroke-width="1.2" stroke-opacity=".7"/>'
        return path + "".join(self._count(x, y, count) for x, y, count in points)

    def _count(self, x: float, y: float, count: Count) -> str:
        """Return a point: filled when low, open when not, with a ring when in question."""
        low = self.limits and count.value < self.limits[-1]
        title = f"<title>{escape(f'{count.date}: {count.text}')}</title>"
        at = f'cx="{x:.1f}" cy="{y:.1f}" stroke="currentColor"'
        dot = f'<circle {at} r="3.4" fill="{"currentColor" if low else "none"}" stroke-width="1.5">{title}</circle>'
        if count == self.read.count:
            ring = f'<circle {at} r="6.6" fill="none" stroke-width="1.3"/>'
            anchor = "end" if x > self.width - 70 else "start" if x < LEFT + 40 else "middle"
            side = x + 9 if anchor == "end" else x - 9 if anchor == "start" else x
            dot += f'{ring}<text x="{side:.1f}" y="{y - 10:.1f}" text-anchor="{anchor}" font-weight="600">'
            dot += f"{lab_number(count.value)}</text>"
        if count.value > self.top:
            dot += f'<text x="{x:.1f}" y="{y - 4:.1f}" text-anchor="middle">▲</text>'
        return dot

    def _medicines(self) -> str:
        return "".join(
            self._medicine(each, TOP + PLOT + ROW * place) for place, each in enumerate(self.course.medicines)
        )

    def _medicine(self, taken: MedicineCourse, top: float) -> str:
        """Return a bar from start to stop with its name above; an end that nobody gave runs on, without its edge."""
        start = self._x(taken.start) if taken.start else LEFT
        stop = self._x(taken.stop) if taken.stop else self.width - RIGHT
        edges = [x for x, given in ((start, taken.start), (stop, taken.stop)) if given]
        upright = "".join(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top + 15}" y2="{top + 26}" stroke="currentColor" stroke-width="2"/>'
            for x in edges
        )
        name = taken.label if len(taken.label) <= 44 else f"{taken.label[:43]}…"
        right = start > self.width / 2
        return (
            f'<text x="{self.width - RIGHT if right else max(start, LEFT):.1f}" y="{top + 12}"'
            f"{' text-anchor=' + chr(34) + 'end' + chr(34) if right else ''}>{escape(name)}</text>"
            f'<rect x="{start:.1f}" y="{top + 17}" width="{max(stop - start, 2):.1f}" height="7" opacity=".5">'
            f"<title>{escape(f'{taken.label} {taken.dates}')}</title></rect>{upright}"
        )

    def _marks(self) -> str:
        if not self.marks:
            return ""
        top = TOP + PLOT + ROW * len(self.course.medicines)
        kinds = sorted({mark.kind for mark in self.marks})
        legend = ", ".join(f"{'▲' if kind == FEVER else '◆'} {kind}" for kind in kinds)
        return f'<text x="{LEFT}" y="{top + 12}">{escape(legend)}</text>' + "".join(
            self._mark(mark, top + 20.5) for mark in self.marks
        )

    def _mark(self, mark: Mark, middle: float) -> str:
        x = self._x(mark.date)
        fever = ((0, -6), (5.5, 4), (-5.5, 4))
        shape = fever if mark.kind == FEVER else ((0, -5.5), (5.5, 0), (0, 5.5), (-5.5, 0))
        points = " ".join(f"{x + dx:.1f},{middle + dy:.1f}" for dx, dy in shape)
        return f'<polygon points="{points}"><title>{escape(f"{mark.date}: {mark.kind}")}</title></polygon>'

    def _axis(self) -> str:
        base, at = self.height - 6, self.height - FOOT + 3
        ends = f'<text x="{LEFT}" y="{base}">{self.first}</text>'
        if self.last != self.first:
            ends += f'<text x="{self.width - RIGHT}" y="{base}" text-anchor="end">{self.last}</text>'
        return f'<line x1="{LEFT}" x2="{self.width - RIGHT}" y1="{at}" y2="{at}" stroke="currentColor"/>{ends}'


def _limits(knowledge: Knowledge) -> Sequence[float]:
    """Return the limits of the count that the scope guard has, lowest first."""
    found = {rule.high for rule in knowledge.scope if rule.node == "anc" and rule.high is not None}
    return sorted(found)
