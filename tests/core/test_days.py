"""Moments and days as they are counted here."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.days import add_months, day_of, end_of, say, say_at, start_of
from qiguan.core.written_dates import SHANGHAI


def test_midnight_belongs_to_the_day_that_ends():
    midnight = datetime(2026, 9, 16, 16, 0, tzinfo=UTC)
    assert day_of(midnight) == date(2026, 9, 16)
    assert day_of(midnight + timedelta(seconds=1)) == date(2026, 9, 17)
    assert say_at(midnight) == "2026年9月16日24:00"
    assert end_of(date(2026, 9, 16)) == midnight == start_of(date(2026, 9, 17))


def test_a_moment_is_said_as_precisely_as_it_is_known():
    moment = datetime(2026, 9, 16, 2, 5, tzinfo=UTC)
    assert say_at(moment) == "2026年9月16日10:05"
    assert say_at(moment, day_precise=True) == say(moment) == "2026年9月16日"
    assert say_at(datetime(2026, 9, 16, 16, 0, 30, tzinfo=UTC)) == "2026年9月17日00:00"


def test_three_months_are_calendar_months_and_end_with_a_short_month():
    def there(y: int, m: int, d: int) -> datetime:
        return datetime(y, m, d, 9, 30, tzinfo=SHANGHAI)

    assert add_months(there(2026, 6, 16), 3) == there(2026, 9, 16)
    assert add_months(there(2025, 11, 30), 3) == there(2026, 2, 28)
    assert add_months(there(2023, 11, 30), 3) == there(2024, 2, 29)
    assert add_months(there(2026, 9, 30), 3) == there(2026, 12, 30)
    assert add_months(datetime(2026, 6, 30, 17, 0, tzinfo=UTC), 1).tzinfo is UTC


@given(st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(SHANGHAI)), st.integers(0, 40))
def test_more_months_are_never_earlier(moment: datetime, months: int):
    assert add_months(moment, months) <= add_months(moment, months + 1)
    assert timedelta(days=28 * months) <= add_months(moment, months) - moment <= timedelta(days=31 * months)
