"""Moments and days as they are counted here: stored UTC, counted in Asia/Shanghai; 24:00 belongs to the day that ends."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

from qiguan.core.written_dates import SHANGHAI

_TICK = timedelta(microseconds=1)
_CHINA = timezone(timedelta(hours=8))  # Shanghai since 1992; a fixed offset is much faster than a zone


@lru_cache(maxsize=4096)  # one moment is asked for a dozen times an account
def day_of(moment: datetime) -> date:
    """Return the Shanghai day of a moment. Midnight is the 24:00 of the day before, never the start of a day."""
    return (moment - _TICK).astimezone(_CHINA).date()


@lru_cache(maxsize=4096)
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
