"""What of rectification is worth a message: the office's each morning, a unit's near its day, what is late once a week."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qiguan.core.calendar import WorkCalendar, seed
from qiguan.core.matters import Duty, Matter, News, morning_of, presses, tell_now
from qiguan.core.warnings import Workdays

DAYS = Workdays(WorkCalendar(seed(range(2025, 2027))))
WEDNESDAY, THURSDAY = date(2026, 9, 16), date(2026, 9, 17)


def matter(duty: Duty, due: date | None = None, ticket: str = "t") -> Matter:
    return Matter(ticket, "停更的", duty, f"{duty}的话", due)


def press(one: Matter, today: date = WEDNESDAY) -> bool:
    return presses(one, today=today, days=DAYS)


@pytest.mark.parametrize("duty", [d for d in Duty if d.of_office])
def test_what_waits_for_the_office_is_said_every_morning(duty):
    assert press(matter(duty))


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 9, 14), True),  # Monday
        (date(2026, 9, 15), False),
        (date(2026, 10, 8), True),  # Thursday after 国庆: the first day worked of that week
        (date(2026, 10, 9), False),
    ],
)
def test_what_is_late_is_said_once_a_week(day, said):
    assert press(matter(Duty.LATE, date(2026, 9, 1)), day) is said


@pytest.mark.parametrize(
    ("due", "said"), [(date(2026, 9, 17), True), (date(2026, 9, 18), True), (date(2026, 9, 21), False), (None, False)]
)
def test_a_unit_hears_of_its_deadline_from_two_working_days_before(due, said):
    assert press(matter(Duty.FIX, due)) is said


def test_a_change_whose_deadline_is_the_next_working_day_cannot_wait():
    assert tell_now(THURSDAY, today=WEDNESDAY, days=DAYS)
    assert not tell_now(date(2026, 9, 18), today=WEDNESDAY, days=DAYS)
    assert tell_now(date(2026, 10, 8), today=date(2026, 9, 30), days=DAYS)  # the holiday lies between


def test_nothing_is_said_where_nothing_is_new_and_nothing_presses():
    assert morning_of([], [], today=WEDNESDAY, days=DAYS) is None
    assert morning_of([matter(Duty.FIX, date(2026, 9, 30))], [], today=WEDNESDAY, days=DAYS) is None


def test_one_line_a_ticket_with_what_is_new_first_and_all_that_waits_in_it():
    fix = matter(Duty.FIX, date(2026, 9, 30))
    news = [News("t", "停更的", 4, "整改通知"), News("t", "停更的", 5, "整改通知"), News("u", "另一个", 6, "已销号，谢谢")]
    said = morning_of([fix, matter(Duty.RECHECK, ticket="v")], news, today=WEDNESDAY, days=DAYS)
    assert said is not None
    assert said.title == "1件整改待复查，1件整改在办，1件整改有进展"
    assert list(said.lines) == ["停更的：整改通知；整改在办的话", "另一个：已销号，谢谢", "停更的：整改待复查的话"]
    assert list(said.steps) == [4, 5, 6]
    assert not said.urgent


def test_a_deadline_before_the_next_working_morning_is_urgent():
    def urgent(duty: Duty, due: date) -> bool:
        said = morning_of([matter(duty, due)], [News("t", "停更的", 1, "x")], today=date(2026, 9, 18), days=DAYS)
        return said is not None and said.urgent

    assert urgent(Duty.FIX, date(2026, 9, 18))
    assert not urgent(Duty.FIX, date(2026, 9, 21))
    assert not urgent(Duty.LATE, date(2026, 9, 1))
    assert not urgent(Duty.EXTENSION, date(2026, 9, 18))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(list(Duty)), st.integers(0, 20), st.integers(0, 5)), max_size=12), st.integers(0, 400))
def test_a_message_names_every_ticket_that_waits_whenever_there_is_one(parts, offset):
    today = date.fromordinal(date(2025, 6, 2).toordinal() + offset)
    matters = [matter(duty, date.fromordinal(today.toordinal() + due), str(n)) for duty, due, n in parts]
    said = morning_of(matters, [], today=today, days=DAYS)
    if said is None:
        assert not any(presses(m, today=today, days=DAYS) for m in matters)
    else:
        assert len(said.lines) == len({m.ticket for m in matters})
        assert all(any(m.words in line for line in said.lines) for m in matters)
