"""The course over time as a picture: counts on bands of 500, 1000 and 1500, medicines as bars, fever as a mark.

It is drawn in the colour of the text around it, so that light, dark, paper and forced colours need no second set; what
differs, differs in shape and brightness. The same stands beside it as a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from html import escape

from model.evidence.course import Course
from model.evidence.course_rules import CourseReading
from model.evidence.units import lab_number
from model.knowledge import Knowledge
from model.knowledge.course_tables import FEVER

LEFT, RIGHT, TOP, PLOT, ROW, FOOT = 44, 14, 14, 132, 27, 22  # units of the picture: margins and heights
LEAST, MOST = 2500, 9000  # /mm3 at the top of the counts; one above it is drawn at the top, with an arrow
BANDS = 0.62  # of the height of the counts: the part below the highest limit
LONGEST = 44  # letters of a name
SIZE = 11.5  # of the text
_SHADES = (0.24, 0.15, 0.07)  # of the bands, the lowest counts darkest


@dataclass(frozen=True)
class Shape:
    """One part of a picture: an SVG element, its attributes, the text in it, and a title for a pointer that rests."""

    tag: str
    attributes: Mapping[str, str]
    text: str = ""
    title: str = ""

    def svg(self) -> str:
        """Return the shape as markup, everything escaped; without the title, for a page is printed."""
        attributes = "".join(f' {name}="{escape(value)}"' for name, value in self.attributes.items())
        return (
            f"<{self.tag}{attributes}>{escape(self.text)}</{self.tag}>" if self.text else f"<{self.tag}{attributes}/>"
        )


@dataclass(frozen=True)
class CoursePicture:
    """A time line. name : what it shows;  width, height : in units of about a pixel;  shapes : from back to front"""

    name: str
    width: int
    height: int
    shapes: tuple[Shape, ...]

    def svg(self) -> str:
        """Return the picture as one SVG."""
        return (
            f'<svg class="course" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'role="img" aria-label="{escape(self.name)}" font-size="{SIZE}" fill="currentColor">'
            f"{''.join(shape.svg() for shape in self.shapes)}</svg>"
        )


def course_picture(knowledge: Knowledge, read: CourseReading, width: int = 380) -> CoursePicture | None:
    """Return the course as a picture; None for one without a date.

    width : units from left to right, as many as pixels where it is shown in its own size
    """
    return _Places(knowledge, read, width).picture() if read.course.days else None


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


class _Places:
    """Places on one picture: days from left to right; counts upward, those above the limits closer together."""

    def __init__(self, knowledge: Knowledge, read: CourseReading, width: int):
        self.read, self.course, self.width = read, read.course, width
        self.limits = _limits(knowledge)
        self.first, self.last = read.course.days[0], read.course.days[-1]
        highest = max((count.value for count in self.course.counts), default=0.0)
        self.top = max(min(highest * 1.05, MOST), LEAST, self.limits[-1] + 1)
        self.height = TOP + PLOT + ROW * (len(self.course.medicines) + bool(self.course.marks)) + FOOT

    def picture(self) -> CoursePicture:
        """Return every shape."""
        name = f"Time line: {course_in_words(self.course)}. The table of the entries says the same."
        shapes = (*self._bands(), *self._counts(), *self._medicines(), *self._marks(), *self._axis())
        return CoursePicture(name, self.width, self.height, shapes)

    def _x(self, day: date) -> float:
        span = (self.last - self.first).days
        share = (day - self.first).days / span if span else 0.5
        return LEFT + 8 + share * (self.width - LEFT - RIGHT - 16)

    def _y(self, value: float) -> float:
        value, limit = min(value, self.top), self.limits[-1]
        share = BANDS * min(value, limit) / limit
        if value > limit:
            share += (1 - BANDS) * (value - limit) / (self.top - limit)
        return TOP + PLOT * (1 - share)

    def _bands(self) -> Iterator[Shape]:
        """Yield a band below each limit, darker where counts are lower, and the limits as lines with their numbers."""
        below, right = 0.0, self.width - RIGHT
        for limit, shade in zip(self.limits, _SHADES, strict=False):
            top, bottom = self._y(limit), self._y(below)
            band = {"x": LEFT, "y": top, "width": right - LEFT, "height": bottom - top, "opacity": str(shade)}
            yield _shape("rect", **band)
            yield _line(LEFT, right, top, top, stroke_opacity=".55", stroke_width=".8")
            yield _text(LEFT - 5, top + 4, lab_number(limit), "end")
            below = limit

    def _counts(self) -> Iterator[Shape]:
        """Yield a point for each count: filled when low, open when not, with a ring and its number when in question."""
        points = [(self._x(count.date), self._y(count.value), count) for count in self.course.counts]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
        yield _shape("polyline", points=joined, fill="none", stroke="currentColor", stroke_opacity=".7")
        before = 0.0
        for x, y, count in points:
            low = count.value < self.limits[-1]
            yield _shape("circle", title=f"{count.date}: {count.text}", cx=x, cy=y, r="3.4", stroke="currentColor",
                         fill="currentColor" if low else "none", stroke_width="1.5")  # fmt: skip
            if count == self.read.count:
                yield _shape("circle", cx=x, cy=y, r="6.6", fill="none", stroke="currentColor", stroke_width="1.3")
                anchor = "end" if x > self.width - 50 else "start" if x < LEFT + 30 else "middle"
                side = {"end": 8, "start": -8, "middle": 0}[anchor]
                under = low and count.value < before  # the line comes from above, so that its number stands below
                yield _text(x + side, y + 19 if under else y - 10, lab_number(count.value), anchor, font_weight="600")
            if count.value > self.top:
                yield _text(x, y - 4, "▲", "middle")
            before = count.value

    def _medicines(self) -> Iterator[Shape]:
        """Yield a bar from start to stop with its name above; an end that nobody gave runs on, without its edge."""
        for place, taken in enumerate(self.course.medicines):
            top = TOP + PLOT + ROW * place
            start = self._x(taken.start) if taken.start else LEFT
            stop = self._x(taken.stop) if taken.stop else self.width - RIGHT
            name = taken.label if len(taken.label) <= LONGEST else f"{taken.label[: LONGEST - 1]}…"
            right = start > self.width / 2
            yield _text(self.width - RIGHT if right else max(start, LEFT), top + 13, name, "end" if right else "start")
            bar = {"x": start, "y": top + 18, "width": max(stop - start, 2), "height": 7, "opacity": ".5"}
            yield _shape("rect", title=f"{taken.label} {taken.dates}", **bar)
            for x, given in ((start, taken.start), (stop, taken.stop)):
                if given:
                    yield _line(x, x, top + 16, top + 27, stroke_width="2")

    def _marks(self) -> Iterator[Shape]:
        """Yield a triangle for fever and a diamond for an infection, and what they are called."""
        if not self.course.marks:
            return
        top = TOP + PLOT + ROW * len(self.course.medicines)
        kinds = sorted({mark.kind for mark in self.course.marks})
        yield _text(LEFT, top + 16, ", ".join(f"{'▲' if kind == FEVER else '◆'} {kind}" for kind in kinds))
        for mark in self.course.marks:
            x, middle = self._x(mark.date), top + (12 if mark.kind == FEVER else 23)
            corners = ((0, -6), (5.5, 4), (-5.5, 4)) if mark.kind == FEVER else ((0, -5), (5, 0), (0, 5), (-5, 0))
            points = " ".join(f"{x + dx:.1f},{middle + dy:.1f}" for dx, dy in corners)
            yield _shape("polygon", title=f"{mark.date}: {mark.kind}", points=points)

    def _axis(self) -> Iterator[Shape]:
        at = self.height - FOOT + 4
        yield _line(LEFT, self.width - RIGHT, at, at)
        yield _text(LEFT, self.height - 5, str(self.first))
        if self.last != self.first:
            yield _text(self.width - RIGHT, self.height - 5, str(self.last), "end")


def _shape(tag: str, title: str = "", **attributes: float | str) -> Shape:
    named = {name.replace("_", "-"): value for name, value in attributes.items()}
    return Shape(tag, {n: v if isinstance(v, str) else f"{v:.1f}" for n, v in named.items()}, title=title)


def _line(x1: float, x2: float, y1: float, y2: float, **more: str) -> Shape:
    return _shape("line", x1=x1, x2=x2, y1=y1, y2=y2, stroke="currentColor", **more)


def _text(x: float, y: float, text: str, anchor: str = "start", **more: str) -> Shape:
    return replace(_shape("text", x=x, y=y, text_anchor=anchor, **more), text=text)


def _limits(knowledge: Knowledge) -> Sequence[float]:
    """Return the limits of the count that the scope guard has, lowest first."""
    found = {rule.high for rule in knowledge.scope if rule.node == "anc" and rule.high is not None}
    return sorted(found)
