"""Chinese forms of dates, in Shanghai."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from qiguan.ui import dates

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (datetime(2026, 8, 30, 2, 12, tzinfo=UTC), "8月30日 10:12"),
        (datetime(2026, 8, 30, 16, 30, tzinfo=UTC), "8月31日 00:30"),  # the day is Shanghai's
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), "2025年12月31日 24:00"),  # midnight ends the day, and so the year
        (datetime(2025, 12, 31, 16, 1, tzinfo=UTC), "1月1日 00:01"),  # the year is Shanghai's too
        (datetime(2025, 12, 31, 15, 59, tzinfo=UTC), "2025年12月31日 23:59"),
        (datetime(2026, 8, 30, 9, 5), "8月30日 09:05"),  # naive: Shanghai already
        (date(2026, 8, 30), "8月30日"),
        (date(2024, 2, 29), "2024年2月29日"),
    ],
)
def test_a_moment_is_said_with_its_year_only_when_it_is_another(when, said):
    assert dates.moment_words(when, AT) == said


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (AT - timedelta(seconds=20), "刚刚"),
        (AT - timedelta(minutes=3), "3分钟前"),
        (AT - timedelta(hours=9), "9小时前"),
        (AT + timedelta(hours=3), "今天"),
        (AT - timedelta(hours=11), "昨天"),  # 23:00 of the day before
        (AT + timedelta(hours=20), "明天"),
        (AT + timedelta(days=2), "后天"),
        (AT + timedelta(days=5), "5天后"),
        (AT - timedelta(days=16), "16天前"),
        (datetime(2026, 9, 16, 9, 30), "30分钟前"),  # naive beside aware
        (date(2026, 9, 16), "今天"),
        (date(2026, 9, 15), "昨天"),
    ],
)
def test_how_long_ago_goes_by_calendar_days(when, said):
    assert dates.ago_words(when, AT) == said


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 8, 12), date(2026, 8, 15), "8月12日至15日"),
        (date(2026, 8, 12), date(2026, 8, 12), "8月12日"),
        (date(2026, 8, 12), date(2026, 9, 1), "8月12日至9月1日"),
        (date(2025, 12, 30), date(2026, 1, 2), "2025年12月30日至1月2日"),
        (date(2024, 12, 30), date(2025, 1, 2), "2024年12月30日至2025年1月2日"),
        (date(2025, 3, 1), date(2025, 3, 9), "2025年3月1日至9日"),
    ],
)
def test_a_range_says_once_what_both_ends_share(first, last, said):
    assert dates.range_words(first, last, AT) == said


def test_weekdays_spans_and_full_days():
    assert dates.weekday_words(AT) == "星期三"
    assert dates.full_day_words(AT) == "2026年9月16日"
    assert dates.days_words(16) == "16天"
    assert dates.days_words(timedelta(days=3, hours=23)) == "3天"
