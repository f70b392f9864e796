"""Moments and days as they are counted here: stored UTC, counted in Asia/Shanghai; 24:00 belongs to the day that ends."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

from qiguan.core.errors import QiguanError
from qiguan.core.written_dates import SHANGHAI

_TICK = timedelta(microseconds=1)
_CHINA = timezone(timedelta(hours=8))  # Shanghai since 1992; a fixed offset is much faster than a zone
_ONLY_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}")


def day_of(moment: datetime) -> date:
    """Return the Shanghai day of a moment. Midnight is the 24:00 of the day before, never the start of a day."""
    return (moment - _TICK).astimezone(_CHINA).date()


def start_of(day: date) -> datetime:
    """Return the first moment of a Shanghai day."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def end_of(day: date) -> datetime:
    """Return 24:00 of a Shanghai day."""
    return start_of(day) + timedelta(days=1)


def say(moment: datetime) -> str:
    """Write the day in full: 2026年9月16日."""
    return say_day(day_of(moment))


def say_day(day: date) -> str:
    """Write a day in full: 2026年9月16日."""
    return f"{day.year}年{day.month}月{day.day}日"


def say_at(moment: datetime, *, day_precise: bool = False) -> str:
    """Write day and minute; the day alone where no more is known. Midnight is written 24:00 of the day before."""
    if day_precise:
        return say(moment)
    clock = f"{moment.astimezone(SHANGHAI):%H:%M}"
    if clock == "00:00" and day_of(moment) != moment.astimezone(SHANGHAI).date():
        clock = "24:00"
    return f"{say(moment)}{clock}"


def add_months(moment: datetime, months: int) -> datetime:
    """Return the same clock time so many calendar months later in Shanghai; the month's last day where it is shorter."""
    local = moment.astimezone(SHANGHAI)
    index = local.month - 1 + months
    year, month = local.year + index // 12, index % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return local.replace(year=year, month=month, day=min(local.day, last)).astimezone(moment.tzinfo)


def parse_at(text: str, *, place: str = "--at") -> datetime:
    """Read a check point in ISO 8601: a date means its 24:00 in Shanghai; a time without zone is Shanghai's.

    Returns an aware moment. Raises QiguanError with `place` where the text is neither.
    """
    text = text.strip()
    try:
        if _ONLY_DAY.fullmatch(text):
            return end_of(date.fromisoformat(text))
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=SHANGHAI)
        moment.astimezone(SHANGHAI) - timedelta(days=1), moment + timedelta(days=1)  # the ends of time are no check points
    except (ValueError, OverflowError) as error:
        raise QiguanError(
            f"“{text[:40]}”不是时间", place=place, remedy="请写成2026-09-16（指当天24时）或2026-09-16T10:00，不写时区按北京时间"
        ) from error
    return moment
