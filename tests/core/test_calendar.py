"""Working days with 调休; an unknown year is refused, never guessed."""

from __future__ import annotations

import json
import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.calendar import SEED_YEARS, UnknownYear, WorkCalendar, seed
from qiguan.core.errors import QiguanError

RULES = Path(os.environ.get("QIGUAN_SHARED", Path(__file__).parents[2].parent / "shared")) / "data" / "rules.json"
ROWS = seed()
CALENDAR = WorkCalendar(ROWS)


def test_2026_has_248_working_days():
    assert CALENDAR.count_working_days(date(2025, 12, 31), date(2026, 12, 31)) == 248


@pytest.mark.skipif(not RULES.exists(), reason="the rules register is not here")
def test_2026_is_the_official_notice_day_by_day():
    notice = json.loads(RULES.read_text(encoding="utf-8"))["calendar_2026"]
    off = set()
    for pair in notice["holidays"]:
        start, end = (date.fromisoformat(text) for text in pair.split(".."))
        off |= {start + timedelta(days=i) for i in range((end - start).days + 1)}
    worked = {date.fromisoformat(text) for text in notice["makeup_workdays"]}
    for day, is_working, _ in seed([2026]):
        assert is_working == (day in worked or (day.weekday() < 5 and day not in off)), day
    assert sum(row.is_working for row in seed([2026])) == notice["workdays"]


def test_every_seeded_year_is_whole():
    assert CALENDAR.years == frozenset(SEED_YEARS)


def test_a_sunday_worked_in_place_of_a_holiday_counts_and_says_so():
    found = CALENDAR.deadline(date(2026, 9, 18), 1)
    assert found.day == date(2026, 9, 20)
    assert found.because == "第1个工作日是周日9月20日；周日9月20日调休上班，计入"
    assert CALENDAR.why(date(2026, 9, 20)) == "周日9月20日调休上班，计入"


def test_a_holiday_on_the_way_is_named_once_from_its_first_to_its_last_day():
    found = CALENDAR.deadline(date(2026, 9, 23), 2)
    assert found.day == date(2026, 9, 28)
    assert found.because == "第2个工作日是周一9月28日；9月25日至9月27日中秋节放假，不计入"


def test_usual_days_need_no_words():
    assert CALENDAR.why(date(2026, 9, 16)) == ""
    assert CALENDAR.why(date(2026, 9, 12)) == ""
    assert CALENDAR.deadline(date(2026, 9, 11), 3).because == "第3个工作日是周三9月16日"


def test_a_day_off_without_a_name_still_says_that_it_does_not_count():
    rows = [row._replace(is_working=False) if row.day == date(2026, 9, 16) else row for row in ROWS]
    assert WorkCalendar(rows).why(date(2026, 9, 16)) == "周三9月16日放假，不计入"


def test_no_days_end_where_they_start():
    assert CALENDAR.add_working_days(date(2026, 9, 12), 0) == date(2026, 9, 12)


def test_fewer_than_no_days_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError):
        CALENDAR.add_working_days(date(2026, 9, 12), -1)


def test_an_unknown_year_is_refused_with_its_remedy():
    with pytest.raises(UnknownYear) as caught:
        CALENDAR.add_working_days(date(2026, 12, 30), 5)
    assert isinstance(caught.value, QiguanError)
    assert "2027" in caught.value.message
    assert "通知" in caught.value.remedy


def test_half_a_year_is_not_a_year():
    calendar = WorkCalendar(row for row in ROWS if row.day < date(2026, 7, 1))
    assert 2026 not in calendar.years
    with pytest.raises(UnknownYear):
        calendar.is_working_day(date(2026, 3, 2))


def test_a_row_said_later_replaces_the_earlier_one():
    calendar = WorkCalendar([*ROWS, (date(2026, 9, 16), False, "台风停工")])
    assert not calendar.is_working_day(date(2026, 9, 16))
    assert calendar.why(date(2026, 9, 16)) == "周三9月16日台风停工放假，不计入"


def test_a_year_that_the_seed_does_not_know_is_refused():
    with pytest.raises(UnknownYear):
        seed([2035])


def test_the_seed_names_its_holidays_in_chinese():
    assert {row.note for row in ROWS} >= {"元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节", ""}


@given(st.dates(date(2019, 1, 1), date(2026, 10, 1)), st.integers(1, 40))
def test_adding_and_counting_working_days_agree(start: date, days: int):
    end = CALENDAR.add_working_days(start, days)
    assert CALENDAR.is_working_day(end)
    assert CALENDAR.count_working_days(start, end) == days
    assert CALENDAR.count_working_days(end, start) == 0


def test_a_holiday_is_named_on_days_off_only():
    calendar = WorkCalendar(seed([2026]))
    assert calendar.holiday(date(2026, 10, 1)) == "国庆节"
    assert calendar.holiday(date(2026, 9, 12)) == ""  # a plain Saturday
    assert calendar.holiday(date(2026, 9, 20)) == ""  # worked for a holiday
    assert calendar.holiday(date(2027, 10, 1)) == ""
