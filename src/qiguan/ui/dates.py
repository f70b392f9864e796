"""Dates and spans in Chinese forms, in Asia/Shanghai. Pure: `at` is passed in."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from qiguan.core.days import day_of, say_at

SHANGHAI = ZoneInfo("Asia/Shanghai")
_WEEK = "一二三四五六日"


def local_day(when: date | datetime) -> date:
    """Return the day in Shanghai; a plain date is one already, a naive datetime counts as Shanghai time.

    Midnight is the 24:00 of the day that ends (`core.days`): a post known to its day is stored so.
    """
    return day_of(_there(when)) if isinstance(when, datetime) else when


def _there(when: datetime) -> datetime:
    return when.astimezone(SHANGHAI) if when.tzinfo else when.replace(tzinfo=SHANGHAI)


def day_words(when: date | datetime, at: date | datetime) -> str:
    """Say 8月30日, and 2025年8月30日 when the year is not that of `at`."""
    day = local_day(when)
    head = "" if day.year == local_day(at).year else f"{day.year}年"
    return f"{head}{day.month}月{day.day}日"


def moment_words(when: date | datetime, at: date | datetime) -> str:
    """Say 8月30日 10:12, midnight as the 24:00 of the day before; a plain date has no time of day to say."""
    words = day_words(when, at)
    if not isinstance(when, datetime):
        return words
    there = _there(when)
    return f"{words} {'24:00' if day_of(there) != there.date() else f'{there:%H:%M}'}"


def full_day_words(when: date | datetime) -> str:
    """Say 2026年8月30日, for documents."""
    day = local_day(when)
    return f"{day.year}年{day.month}月{day.day}日"


def point_words(when: datetime) -> str:
    """Say 2026年9月16日24:00: a check point, for documents."""
    return say_at(_there(when))


def weekday_words(when: date | datetime) -> str:
    """Say 星期三."""
    return f"星期{_WEEK[local_day(when).weekday()]}"


def range_words(first: date, last: date, at: date | datetime) -> str:
    """Say 8月12日至15日: what both ends share is said once."""
    head = day_words(first, at)
    if first == last:
        return head
    if first.year != last.year:
        return (
            f"{head}至{last.year}年{last.month}月{last.day}日"
            if last.year != local_day(at).year
            else f"{head}至{last.month}月{last.day}日"
        )
    return f"{head}至{last.day}日" if first.month == last.month else f"{head}至{last.month}月{last.day}日"


def ago_words(when: date | datetime, at: date | datetime) -> str:
    """Say how long ago, by calendar days in Shanghai: 刚刚, 3小时前, 昨天, 16天前; the future as 明天, 3天后."""
    apart = (local_day(at) - local_day(when)).days
    if apart == 0:
        if not (isinstance(when, datetime) and isinstance(at, datetime)):
            return "今天"
        passed = _there(at) - _there(when)
        if passed < timedelta(0):
            return "今天"
        if passed < timedelta(minutes=1):
            return "刚刚"
        minutes = int(passed.total_seconds() // 60)
        return f"{minutes}分钟前" if minutes < 60 else f"{minutes // 60}小时前"
    near = {1: "昨天", -1: "明天", -2: "后天"}
    if apart in near:
        return near[apart]
    return f"{apart}天前" if apart > 0 else f"{-apart}天后"


def days_words(span: int | timedelta) -> str:
    """Say 16天; from a timedelta, whole days."""
    days = span.days if isinstance(span, timedelta) else span
    return f"{days}天"
