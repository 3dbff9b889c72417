"""What follows from a course over time: every rule in one place; the numbers are rows of ``course_rules.csv``.

1. The count in question. The newest count; but one that is normal and the repeat of a low one, or its recovery after a
   medicine was stopped, is told by those questions, and the low count before it is the one in question. Of several
   counts of one day the lowest counts.
2. The low spell. Every count low without a break up to the newest low one; one count near the limit among low ones is
   no break.
3. What earlier counts show (``duration``). More counts before the spell clearly normal than low: earlier_normal. Else
   low for longer than ``chronic_after``: chronic. Lifelong never follows, for dates do not know the family.
4. Repeat count. A count ``repeat_from`` to ``repeat_to`` days after a low one of the spell, with no medicine begun or
   stopped in between: normal_again when the count is normal now, still_low when both are low.
5. Timing. A medicine with a start is read as one named with its days up to the first count of the spell; begun later,
   it was begun when the count was low already. One stopped over ``taken_until`` days before that count, with the count
   past its window, does not count at all.
6. Recovery after stopping, of the suspected medicines where some are. Normal within ``recovery_within`` days: present.
   Low after ``not_recovered_after`` days, and of every medicine stopped: absent.
7. Fever at most ``fever_within`` days from the count in question: present. Absent never follows.

What was answered counts before all this, and a difference is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from model.errors import KnowledgeError
from model.evidence.course import Count, Course, MedicineCourse
from model.evidence.medicine import NamedMedicine
from model.evidence.units import lab_number
from model.knowledge import Knowledge
from model.knowledge.course_tables import FEVER

DURATION, REPEAT, TIMING, RECOVERY = "duration", "repeat_count", "drug_timing", "recovery_after_stopping"
FOLLOWING = (DURATION, REPEAT, TIMING, RECOVERY, FEVER)  # the nodes that a course says something of


@dataclass(frozen=True, slots=True)
class Follow:
    """What a course says of one node. state : empty where nothing follows;  said : how it follows, or why not

    rules : the rows of ``course_rules.csv`` it rests on
    """

    node: str
    state: str
    said: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CourseReading:
    """A course as read.

    count     : the one in question, None without any;  spell : its low counts in order, empty when it is normal
    follows   : what is said of each node, except of the timing, which follows from the medicines
    medicines : as named ones, in the order of the course;  notices : one sentence for what may be meant otherwise
    """

    course: Course
    count: Count | None
    spell: tuple[Count, ...]
    follows: tuple[Follow, ...]
    medicines: tuple[NamedMedicine, ...]
    notices: tuple[str, ...]

    def of(self, node: str) -> Follow | None:
        """Return what is said of a node; None for one that a course says nothing of."""
        return next((each for each in self.follows if each.node == node), None)

    def to_dict(self) -> dict[str, Any]:
        """Return what ``posterior --json`` prints: the count in question, and state and reason by node."""
        count = {"date": str(self.count.date), "value": self.count.value} if self.count else None
        follows = {each.node: {"state": each.state or None, "said": each.said} for each in self.follows}
        return {"count": count, "follows": follows, "notices": list(self.notices)}


@dataclass(frozen=True, slots=True)
class _Series:
    """The counts, one a day: those before the spell, the spell, and the normal ones after it that belong to it."""

    earlier: tuple[Count, ...]
    spell: tuple[Count, ...]
    after: tuple[Count, ...]
    count: Count | None


def follows(knowledge: Knowledge, course: Course) -> CourseReading:
    """Apply the rules. raises : KnowledgeError where the tables have no rules of a course."""
    return _Rules(knowledge, course).reading()


class _Rules:
    """The rules with their numbers, and the course they are applied to."""

    def __init__(self, knowledge: Knowledge, course: Course):
        self.knowledge, self.course = knowledge, course
        self.taken = tuple(each for each in course.medicines if each.named.node)

    def reading(self) -> CourseReading:
        """Return what follows."""
        counts = tuple({count.date: count for count in self.course.counts}.values())  # of one day the last: the lowest
        series = self._series(counts)
        found = (self._duration(series), self._repeat(series), self._recovery(series), self._fever(series))
        medicines, away = self._medicines(series)
        notices = [*self._same_day(), *away]
        if self.course.counts and series.count is not None and series.count != counts[-1]:
            notices.append(
                f"The newest count, {counts[-1].text} on {counts[-1].date}, is told as the repeat or the recovery of "
                f"that of {series.count.date}, which is the count in question"
            )
        return CourseReading(self.course, series.count, series.spell, found, medicines, tuple(notices))

    def _number(self, rule: str) -> float:
        if rule not in self.knowledge.course_rules:
            raise KnowledgeError(f"course_rules.csv: these tables have no rule {rule!r}, so nothing follows.")
        return self.knowledge.course_rules[rule].value

    def _low(self, count: Count) -> bool:
        return count.value < self._number("low_below")

    def _near(self, count: Count) -> bool:
        return not self._low(count) and count.value < self._number("normal_from")

    def _series(self, counts: tuple[Count, ...]) -> _Series:
        """Return the counts parted by the spell of the count in question."""
        lows = [place for place, count in enumerate(counts) if self._low(count)]
        newest = counts[-1] if counts else None
        if not lows or newest is None:
            return _Series(counts, (), (), newest)
        last, after = lows[-1], counts[lows[-1] + 1 :]
        if after and not self._belongs(counts[last], newest):
            return _Series(counts, (), (), newest)
        first = last
        while first and (self._low(counts[first - 1]) or self._among_low(counts, first - 1)):
            first -= 1
        return _Series(counts[:first], counts[first : last + 1], after, counts[last])

    def _belongs(self, low: Count, newest: Count) -> bool:
        """Say whether a normal count is the repeat of a low one, or its recovery after a medicine was stopped."""
        within = self._number("recovery_within")
        stopped = any(low.date <= each.stop < newest.date and _days(each.stop, newest.date) <= within
                      for each in self.taken if each.stop)  # fmt: skip
        return stopped or _days(low.date, newest.date) <= self._number("repeat_to")

    def _among_low(self, counts: Sequence[Count], place: int) -> bool:
        return place > 0 and self._near(counts[place]) and self._low(counts[place - 1])

    def _duration(self, series: _Series) -> Follow:
        if not series.spell:
            return Follow(DURATION, "", _NO_LOW if series.count else _NO_COUNT)
        first, last = series.spell[0], series.spell[-1]
        normal = [count for count in series.earlier if not self._low(count) and not self._near(count)]
        low = [count for count in series.earlier if self._low(count)]
        rules = ("low_below", "normal_from", "normal_share", "chronic_after")
        if normal or low:
            share, half = len(normal) / (len(normal) + len(low)), self._number("normal_share")
            said = f"{len(normal)} of {len(normal) + len(low)} earlier counts, before {first.date}, clearly normal"
            if share > half:
                return Follow(DURATION, "earlier_normal", said, rules)
            if share == half:
                return Follow(DURATION, "", f"{said}, which is neither the rule nor the exception")
        elif series.earlier:
            return Follow(DURATION, "", f"every count before {first.date} lies near the limit, which says neither")
        days, chronic = _days(first.date, last.date), self._number("chronic_after")
        span = f"low in every count from {first.date} to {last.date}, {days} days"
        if len(series.spell) == 1:
            return Follow(DURATION, "", "one low count, and none before that says more")
        if days > chronic:
            return Follow(DURATION, "chronic", f"{span}, over {chronic:.0f}, and not normal as a rule before", rules)
        return Follow(DURATION, "", f"{span}, not over {chronic:.0f}, and not normal as a rule before")

    def _repeat(self, series: _Series) -> Follow:
        if not series.spell:
            return Follow(REPEAT, "", _NO_LOW if series.count else _NO_COUNT)
        low = [count for count in series.spell if self._low(count)]
        start, end = self._number("repeat_from"), self._number("repeat_to")
        again = series.after or tuple(low)
        pairs = [
            (one, other)
            for other in reversed(again)
            for one in reversed(low)
            if start <= _days(one.date, other.date) <= end
        ]
        if not pairs:
            after = (
                f"no {'normal' if series.after else 'second low'} count {start:.0f} to {end:.0f} days after a low one"
            )
            return Follow(REPEAT, "", after)
        sound = next((pair for pair in pairs if not self._changed(*pair)), None)
        if sound is None:
            changed = self._changed(*pairs[0])
            return Follow(REPEAT, "", f"{changed}, so something was changed in between; that is another question")
        one, other = sound
        said = (
            f"{one.text} on {one.date} and {other.text} on {other.date}, {_days(one.date, other.date)} days later, "
            "with no medicine begun or stopped in between"
        )
        state = "normal_again" if series.after else "still_low"
        return Follow(REPEAT, state, said, ("low_below", "repeat_from", "repeat_to", "recovery_within"))

    def _changed(self, one: Count, other: Count) -> str:
        """Return which medicine was begun or stopped between two counts, or stopped shortly before; empty for none."""
        lag = self._number("recovery_within")
        for each in self.taken:
            if each.start and one.date < each.start <= other.date:
                return f"{each.name} was begun on {each.start}"
            if each.stop and each.stop <= other.date and _days(each.stop, one.date) < lag:
                return f"{each.name} was stopped on {each.stop}"
        return ""

    def _recovery(self, series: _Series) -> Follow:
        stopped = [each for each in self.taken if each.stop]
        if not stopped:
            return Follow(RECOVERY, "", "no medicine that counts has a stop")
        if not series.spell:
            return Follow(RECOVERY, "", _NO_LOW if series.count else _NO_COUNT)
        suspected = [each for each in self.taken if each.named.suspected]
        asked = [
            each for each in stopped if self._may_have_caused(each, series) and (each in suspected or not suspected)
        ]
        if not asked:
            return Follow(RECOVERY, "", "no medicine was stopped that was taken when the count fell, and is suspected "
                          "where one is")  # fmt: skip
        found = [self._recovered(each, series) for each in asked]
        present = next((each for each in found if each.state == "present"), None)
        return present or next((each for each in found if not each.state), found[0])

    def _may_have_caused(self, taken: MedicineCourse, series: _Series) -> bool:
        """Say whether a medicine that was stopped was begun before the first low count, and not stopped long before."""
        first = series.spell[0].date
        begun = taken.start is None or taken.start < first
        return begun and self._counts(taken, first)

    def _recovered(self, taken: MedicineCourse, series: _Series) -> Follow:
        """Return whether the count recovered after one medicine was stopped."""
        assert taken.stop is not None
        again = [each.start for each in self.taken if each.named.medicine == taken.named.medicine and each.start
                 and each.start > taken.stop]  # fmt: skip
        until = min(again, default=date.max)
        rules = ("low_below", "recovery_within", "not_recovered_after", "taken_until")
        within, late = self._number("recovery_within"), self._number("not_recovered_after")
        days = [(count, _days(taken.stop, count.date)) for count in (*series.spell, *series.after)
                if taken.stop < count.date <= until]  # fmt: skip
        said = f"{taken.name} was stopped on {taken.stop}, and"
        for count, after in days:
            if not self._low(count) and after <= within and count in series.after:
                return Follow(RECOVERY, "present", f"{said} the count was {count.text} {after} days later", rules)
        if late_low := [(count, after) for count, after in days if self._low(count) and after >= late]:
            if not series.after:
                count, after = late_low[-1]
                return Follow(RECOVERY, "absent", f"{said} the count was still {count.text} {after} days later", rules)
            return Follow(RECOVERY, "", f"{said} the count was normal only after more than {within:.0f} days")
        return Follow(RECOVERY, "", f"{said} no count says whether it recovered within {within:.0f} days")

    def _fever(self, series: _Series) -> Follow:
        marks = [mark for mark in self.course.marks if mark.kind == FEVER]
        if not marks:
            return Follow(FEVER, "", "no fever has a date")
        if series.count is None:
            return Follow(FEVER, "", _NO_COUNT)
        within, on = self._number("fever_within"), series.count.date
        close = [mark for mark in marks if abs(_days(mark.date, on)) <= within]
        if not close:
            return Follow(FEVER, "", f"no fever within {within:.0f} days of the count of {on}")
        mark = min(close, key=lambda mark: abs(_days(mark.date, on)))
        apart = _days(mark.date, on)
        when = f"{abs(apart)} days {'before' if apart > 0 else 'after'} the count of {on}" if apart else "on its day"
        return Follow(FEVER, "present", f"fever on {mark.date}, {when}", ("fever_within",))

    def _medicines(self, series: _Series) -> tuple[tuple[NamedMedicine, ...], list[str]]:
        """Return the medicines as named ones with their days, and a sentence for each that does not count."""
        first = series.spell[0].date if series.spell else None
        found, away = [], []
        for each in self.course.medicines:
            if each.named.node and first and not self._counts(each, first):
                away.append(f"{each.name} was stopped on {each.stop}, long before the low count of {first}, so it "
                            "does not count as taken")  # fmt: skip
                continue
            days = _days(each.start, first) if each.start and first else None
            if days is not None and days <= 0:
                found.append(replace(each.named, after_low_count=True, typed=each.typed))
            elif days is not None:
                duration = f"{days} day{'s' * (days != 1)}"
                found.append(replace(each.named, days=float(days), duration=duration, typed=each.typed))
            else:
                found.append(replace(each.named, typed=each.typed))
        return tuple(found), away

    def _counts(self, taken: MedicineCourse, first: date) -> bool:
        """Say whether a medicine counts as taken at the first low count: then, shortly before, or within its window."""
        if taken.stop is None or _days(taken.stop, first) <= self._number("taken_until"):
            return True
        high = taken.named.medicine.window_high_days
        return taken.start is not None and high is not None and _days(taken.start, first) <= high

    def _same_day(self) -> list[str]:
        days: dict[date, list[Count]] = {}
        for count in self.course.counts:
            days.setdefault(count.date, []).append(count)
        return [
            f"{len({count.value for count in same})} counts are of {day}; the lowest, {lab_number(same[-1].value)} "
            "/mm3, counts"
            for day, same in days.items()
            if len({count.value for count in same}) > 1
        ]


_NO_COUNT = "no count has a date"
_NO_LOW = "the newest count is not low, nor the repeat or the recovery of a low one"


def _days(earlier: date, later: date) -> int:
    """Return how many days one date is before another; negative when it is after it."""
    return (later - earlier).days
