"""What the public's marks say, and how sure it is: five grades, 答到点子上, closed-form intervals in 1/10,000, no floats.

Source of the interval: Wilson 1927, JASA 22, 209–212; with a known frame of N of whom n answered, n is replaced by
n(N−1)/(N−n), the finite population correction. Lower bounds are rounded down and upper bounds up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from typing import Final

GRADES: Final = ("非常满意", "满意", "基本满意", "不满意", "非常不满意")
POINTS: Final = ("是", "部分", "否")
WHOLE: Final = 10_000  # shares are integers of 1/10,000
Z95: Final = Decimal("1.959964")  # the normal quantile of a two-sided 95 % interval
METHOD: Final = "95%区间按威尔逊公式算，名单人数有限的作修正；下限向下、上限向上取到万分之一"
_EXACT = Context(prec=40)


@dataclass(frozen=True, slots=True)
class Mark:
    """评分 of one question: `grade` 1–5 into GRADES, `point` 1–3 into POINTS; 0 is 没有评."""

    grade: int = 0
    point: int = 0

    def __post_init__(self) -> None:
        """Refuse what stands for nothing."""
        if not (0 <= self.grade <= len(GRADES) and 0 <= self.point <= len(POINTS)):
            raise ValueError(f"no such mark: {self.grade}, {self.point}")


def written(marks: Iterable[Mark]) -> str:
    """Write marks in the order of the paper, two digits each."""
    return "".join(f"{m.grade}{m.point}" for m in marks)


def read(text: str) -> tuple[Mark, ...]:
    """Read what `written` wrote. Raises ValueError for anything else."""
    if len(text) % 2 or not (text.isascii() and (text.isdigit() or not text)):
        raise ValueError(f"not a row of marks: {text[:40]!r}")
    return tuple(Mark(int(text[i]), int(text[i + 1])) for i in range(0, len(text), 2))


@dataclass(frozen=True, slots=True)
class Interval:
    """A share and the interval it lies in, all in 1/10,000."""

    share: int
    low: int
    high: int


def interval(hits: int, n: int, *, frame: int | None = None) -> Interval:
    """Return the share of `hits` among `n` answers with its 95 % interval.

    `frame`: how many there are in all, where that is known; the interval narrows as the answers near it, and closes where
    all have answered. Raises ValueError where there are no answers or more hits than answers.
    """
    if not 0 <= hits <= n or n == 0:
        raise ValueError(f"{hits} of {n} is no share")
    share = _units(Decimal(hits) / n, ROUND_HALF_EVEN)
    if frame is not None and n >= frame:
        return Interval(share, share, share)
    c = _EXACT
    size = Decimal(n) if frame is None else c.divide(Decimal(n) * (frame - 1), Decimal(frame - n))
    p, z2 = c.divide(Decimal(hits), Decimal(n)), c.multiply(Z95, Z95)
    under = c.add(Decimal(1), c.divide(z2, size))
    middle = c.divide(c.add(p, c.divide(z2, 2 * size)), under)
    spread = c.sqrt(c.add(c.divide(c.multiply(p, 1 - p), size), c.divide(z2, 4 * size * size)))
    reach = c.divide(c.multiply(Z95, spread), under)
    low = 0 if hits == 0 else max(0, _units(c.subtract(middle, reach), ROUND_FLOOR))
    high = WHOLE if hits == n else min(WHOLE, _units(c.add(middle, reach), ROUND_CEILING))
    return Interval(share, min(low, share), max(high, share))


def _units(value: Decimal, rounding: str) -> int:
    return int((value * WHOLE).to_integral_value(rounding=rounding))


def say(units: int) -> str:
    """Write 1/10,000 as percent with one decimal, half up: 24.3%; never 0.0% or 100.0% for what is neither."""
    if units in {0, WHOLE}:
        return "100.0%" if units else "0.0%"
    tenths = min(999, max(1, (units + 5) // 10))
    return f"{tenths // 10}.{tenths % 10}%"


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each grade and each point was given. `grades` has five, `points` three numbers."""

    grades: tuple[int, ...] = (0,) * len(GRADES)
    points: tuple[int, ...] = (0,) * len(POINTS)

    @property
    def n(self) -> int:
        """How many gave a grade."""
        return sum(self.grades)

    @property
    def satisfied(self) -> int:
        """非常满意 and 满意."""
        return sum(self.grades[:2])

    @property
    def dissatisfied(self) -> int:
        """不满意 and 非常不满意."""
        return sum(self.grades[3:])


def tally(counted: Iterable[tuple[Mark, int]]) -> Tally:
    """Add up marks, each given so many times."""
    grades, points = [0] * len(GRADES), [0] * len(POINTS)
    for mark, times in counted:
        if mark.grade:
            grades[mark.grade - 1] += times
        if mark.point:
            points[mark.point - 1] += times
    return Tally(tuple(grades), tuple(points))


def lies_above(count: Tally, *, limit: int, least: int, frame: int | None = None) -> bool:
    """Say whether the lower bound of 不满意 lies above `limit` (1/10,000); never below `least` answers."""
    return 0 < least <= count.n and interval(count.dissatisfied, count.n, frame=frame).low > limit


def is_rejected(agree: int, disagree: int, *, least: int) -> bool:
    """Say whether a question was clearly weighed down: the upper bound of 赞成 lies below one half, over at least `least` views."""
    n = agree + disagree
    return 0 < least <= n and interval(agree, n).high < WHOLE // 2


def differs(one: Interval, other: Interval) -> bool:
    """Say whether two intervals do not overlap: only then is a difference told."""
    return one.high < other.low or other.high < one.low


@dataclass(frozen=True, slots=True)
class Missed:
    """A group whose share among the answers lies clearly below its share of the frame."""

    name: str
    answered: int  # 1/10,000 of those who said their group
    expected: int  # 1/10,000 of the frame


def missed(groups: Sequence[tuple[str, int, int]], *, least: int) -> list[Missed]:
    """Return whom the answers miss. `groups`: name, number in the frame, answers; told only over `least` answers in all."""
    frame, n = sum(g[1] for g in groups), sum(g[2] for g in groups)
    if not frame or n < max(1, least):
        return []
    found = []
    for name, size, answers in groups:
        expected = _units(Decimal(size) / frame, ROUND_HALF_EVEN)
        if interval(answers, n).high < expected:
            found.append(Missed(name, _units(Decimal(answers) / n, ROUND_HALF_EVEN), expected))
    return found
