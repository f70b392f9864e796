"""Working days 工作日 with 调休: a value built from an editable table; a year that is not in it is refused, never guessed.

The official notice is 国务院办公厅关于节假日安排的通知, published each November for the year to come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

from qiguan.core.errors import QiguanError

_WEEK = "一二三四五六日"
_DAY = timedelta(days=1)
_NAMES: Final = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}
SEED_YEARS = range(2019, 2027)  # checked against the notices day by day


class CalendarRow(NamedTuple):
    """One day of the table: `note` is the holiday's name, for a working day at a weekend the holiday it makes up for."""

    day: date
    is_working: bool
    note: str = ""


class UnknownYear(QiguanError):
    """The calendar does not hold this year."""


@dataclass(frozen=True, slots=True)
class CountedDay:
    """One day on the way to a deadline, and why it counts or not."""

    day: date
    counts: bool
    why: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """The day on which a period of working days ends, with the way to it."""

    day: date
    way: Sequence[CountedDay]

    @property
    def because(self) -> str:
        """Say why this date, naming what is out of the ordinary on the way: 第5个工作日是9月28日；9月25日至27日中秋节放假，不计入."""
        parts = [f"第{sum(d.counts for d in self.way)}个工作日是周{_WEEK[self.day.weekday()]}{_say(self.day)}"]
        odd = [d for d in self.way if d.why]
        while odd:
            same = 1
            while same < len(odd) and odd[same].why == odd[0].why and odd[same].day - odd[same - 1].day == _DAY:
                same += 1
            first, last = odd[0].day, odd[same - 1].day
            span = _say(first) if same == 1 else f"{_say(first)}至{_say(last)}"
            week = f"周{_WEEK[first.weekday()]}" if odd[0].counts else ""
            parts.append(f"{week}{span}{odd[0].why}")
            odd = odd[same:]
        return "；".join(parts)


class WorkCalendar:
    """Which days are worked. Built from rows; whole years only: a year counts as known when every day of it is there."""

    def __init__(self, rows: Iterable[tuple[date, bool, str] | CalendarRow]) -> None:
        self._rows: dict[date, CalendarRow] = {}
        for day, is_working, note in rows:
            self._rows[day] = CalendarRow(day, is_working, note)
        per_year: dict[int, int] = {}
        for day in self._rows:
            per_year[day.year] = per_year.get(day.year, 0) + 1
        self._years = {year for year, n in per_year.items() if n == (date(year + 1, 1, 1) - date(year, 1, 1)).days}

    @property
    def years(self) -> frozenset[int]:
        """The years that are known in full."""
        return frozenset(self._years)

    def is_working_day(self, day: date) -> bool:
        """Say whether the day is worked. Raises UnknownYear."""
        return self._row(day).is_working

    def count_working_days(self, start: date, end: date) -> int:
        """Count the working days after `start` up to and with `end`; 0 where `end` is not later."""
        return sum(self.is_working_day(start + _DAY * i) for i in range(1, (end - start).days + 1))

    def add_working_days(self, start: date, days: int) -> date:
        """Return the day on which the period ends: counted from the day after `start`; 0 means `start` itself."""
        return self.deadline(start, days).day

    def deadline(self, start: date, days: int) -> Deadline:
        """Count `days` (0 or more) working days from the day after `start`. Raises UnknownYear, ValueError below 0."""
        if days < 0:
            raise ValueError(days)
        way: list[CountedDay] = []
        day = start
        while days:
            day += _DAY
            row = self._row(day)
            days -= row.is_working
            way.append(CountedDay(day, row.is_working, self._why(row)))
        return Deadline(day, tuple(way))

    def holiday(self, day: date) -> str:
        """Name the holiday of a day off; "" for a working day, a plain weekend or a day that is not in the table."""
        row = self._rows.get(day)
        return row.note if row is not None and not row.is_working else ""

    def why(self, day: date) -> str:
        """Say why a day that is out of the ordinary counts or not: 周日9月20日调休上班，计入. "" for usual days."""
        why = self._why(self._row(day))
        return f"周{_WEEK[day.weekday()]}{_say(day)}{why}" if why else ""

    @staticmethod
    def _why(row: CalendarRow) -> str:
        weekend = row.day.weekday() >= 5
        if row.is_working:
            return "调休上班，计入" if weekend else ""
        return f"{row.note}放假，不计入" if row.note or not weekend else ""

    def _row(self, day: date) -> CalendarRow:
        if day.year not in self._years:
            raise UnknownYear(
                f"工作日历里没有{day.year}年",
                place="工作日历",
                remedy=f"请按国务院办公厅{day.year}年节假日安排的通知录入这一年，再计算",
                code="unknown_year",
            )
        return self._rows[day]


def seed(years: Iterable[int] = SEED_YEARS) -> list[CalendarRow]:
    """Return the rows of every day of these years, from the published notices as chinesecalendar keeps them.

    Raises UnknownYear for a year it does not know.
    """
    import chinese_calendar

    rows: list[CalendarRow] = []
    for year in years:
        day = date(year, 1, 1)
        while day.year == year:
            try:
                working = bool(chinese_calendar.is_workday(day))
            except NotImplementedError as error:
                raise UnknownYear(
                    f"随附的日历里没有{year}年", place="工作日历", remedy="请按当年节假日安排的通知录入", code="unknown_year"
                ) from error
            note = _NAMES.get(str(chinese_calendar.get_holiday_detail(day)[1]), "")
            rows.append(CalendarRow(day, working, note))
            day += _DAY
    return rows


def _say(day: date) -> str:
    return f"{day.month}月{day.day}日"
