"""Moments and days as they are counted here."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.days import add_months, day_of, end_of, parse_at, say, say_at, start_of
from qiguan.core.errors import QiguanError
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-02-28", datetime(2019, 3, 1, tzinfo=SHANGHAI)),
        (" 20190228 ", datetime(2019, 3, 1, tzinfo=SHANGHAI)),
        ("2021-06-19T15:15:03", datetime(2021, 6, 19, 15, 15, 3, tzinfo=SHANGHAI)),
        ("2021-06-19T07:15:03Z", datetime(2021, 6, 19, 15, 15, 3, tzinfo=SHANGHAI)),
        ("2021-06-19 15:15:03+08:00", datetime(2021, 6, 19, 7, 15, 3, tzinfo=UTC)),
    ],
)
def test_a_check_point_is_read_as_iso_with_a_date_as_its_end(text: str, expected: datetime):
    assert parse_at(text) == expected
    assert parse_at(text).tzinfo is not None


@pytest.mark.parametrize("text", ["", "明天", "2026-13-01", "2026-02-30", "9999-12-31", "0001-01-01T00:00", "16/9/2026"])
def test_what_is_no_time_is_refused_with_place_and_remedy(text: str):
    with pytest.raises(QiguanError) as caught:
        parse_at(text, place="第3行")
    assert caught.value.place == "第3行"
    assert "24时" in caught.value.remedy


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
