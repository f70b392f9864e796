"""Who is told what when: one message a day, on working mornings, the operator before the leader, nothing lost in a holiday."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiguan.core.calendar import WorkCalendar, seed
from qiguan.core.days import day_of
from qiguan.core.facts import State
from qiguan.core.warnings import LEAD, Stage, Watched, Window, Workdays, digests, window
from qiguan.core.written_dates import SHANGHAI

CALENDAR = WorkCalendar(seed(range(2025, 2027)))
DAYS = Workdays(CALENDAR)
OPERATOR, DEPUTY, ADMIN, LEADER = 1, 2, 3, 4


def when(month: int, day: int, hour: int = 9, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def account(line: datetime | None, state: State = State.DUE, **more) -> Watched:
    people = {"operators": (OPERATOR, DEPUTY), "admins": (ADMIN,), "leaders": (LEADER,)}
    return Watched(7, "南例商务（微信公众号）", state, line, "最近一篇是9月4日", date(2026, 9, 4), **{**people, **more})


def told(watched, at, **more):
    return {d.person: d for d in digests([watched], at=at, days=DAYS, **more)}


# ── the hour ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (when(9, 16, 8, 59), Window.CLOSED),
        (when(9, 16, 9), Window.MORNING),
        (when(9, 16, 11, 59), Window.MORNING),
        (when(9, 16, 12), Window.LATE),
        (when(9, 16, 17, 59), Window.LATE),
        (when(9, 16, 18), Window.CLOSED),
        (when(9, 19, 10), Window.CLOSED),  # Saturday
        (when(9, 20, 10), Window.MORNING),  # a Sunday that is worked
        (when(10, 5, 10), Window.CLOSED),  # Monday within 国庆
    ],
)
def test_a_working_morning_is_one_by_the_official_calendar(at, expected):
    assert window(at, DAYS) is expected


def test_the_morning_begins_when_the_office_says():
    assert window(when(9, 16, 8), DAYS, time(7, 30)) is Window.MORNING


def test_an_unknown_year_falls_back_to_the_plain_week_and_says_so():
    at = when(3, 3, 9, year=2028)  # a Friday in a year without a calendar
    found = told(account(at + timedelta(days=2)), at)
    assert found[OPERATOR].assumed == (2028,)
    assert found[OPERATOR].lines[-1] == "2028年的工作日历还没有录入，暂按周一至周五算"
    assert window(when(3, 4, 9, year=2028), DAYS) is Window.CLOSED


def test_a_line_beyond_the_known_years_is_flagged_though_today_is_known():
    found = told(account(when(1, 3, 10, year=2027)), when(12, 30))
    assert found[OPERATOR].assumed == (2027,)


def test_a_known_year_is_not_flagged():
    assert told(account(when(9, 18)), when(9, 16))[OPERATOR].assumed == ()


# ── who ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_before_the_line_only_operator_and_deputy_hear():
    found = told(account(when(9, 22)), when(9, 16))
    assert set(found) == {OPERATOR, DEPUTY}
    assert found[OPERATOR].title == "1个账号快到更新期限"
    assert found[OPERATOR].lines == ["南例商务（微信公众号）：2026年9月22日09:00到更新期限，还有3个工作日以上。最近一篇是9月4日"]


def test_two_working_days_before_the_leader_is_asked_once():
    line = when(9, 18, 10)
    found = told(account(line), when(9, 16))
    assert set(found) == {OPERATOR, DEPUTY, LEADER}
    asked = found[LEADER].items[0]
    assert (asked.stage, found[LEADER].title) == (Stage.LEADER, "1个账号请您决定")
    later = told(account(line), when(9, 17), said={(LEADER, 7, asked.mark)})
    assert set(later) == {OPERATOR, DEPUTY}


def test_three_working_days_before_the_leader_is_not_asked():
    assert LEADER not in told(account(when(9, 21, 10)), when(9, 16))  # Thursday, Friday, the worked Sunday, Monday


def test_an_active_account_is_told_three_working_days_before_so_that_the_operator_hears_before_the_leader():
    assert set(told(account(when(9, 20, 10), State.ACTIVE), when(9, 16))) == {OPERATOR, DEPUTY}
    assert told(account(when(9, 21, 10), State.ACTIVE), when(9, 16)) == {}


def test_a_leader_who_also_operates_gets_one_message_with_both():
    found = told(account(when(9, 18), operators=(LEADER,)), when(9, 16))
    assert [i.stage for i in found[LEADER].items] == [Stage.LEADER, Stage.BEFORE]
    assert found[LEADER].title == "1个账号请您决定，1个账号快到更新期限"


def test_all_accounts_of_a_person_stand_in_one_message():
    two = [account(when(9, 18)), replace(account(when(9, 17, 20)), account=8, name="南例发布")]
    found = {d.person: d for d in digests(two, at=when(9, 16), days=DAYS)}
    assert [i.account for i in found[OPERATOR].items] == [8, 7]
    assert found[OPERATOR].title == "2个账号快到更新期限"


def test_after_the_line_the_administrator_hears_too_and_each_state_is_told_once():
    over = account(None, State.OVERDUE)
    found = told(over, when(9, 16))
    assert set(found) == {OPERATOR, DEPUTY, ADMIN}
    mark = found[ADMIN].items[0].mark
    said = {(person, 7, mark) for person in found}
    assert told(over, when(9, 17), said=said) == {}
    assert set(told(replace(over, state=State.SLEEPING), when(9, 28), said=said)) == {OPERATOR, DEPUTY, ADMIN}


def test_never_posted_has_a_mark_without_a_day():
    found = told(replace(account(None, State.NEVER_POSTED), last_day=None), when(9, 16))
    assert found[OPERATOR].items[0].mark == "never_posted:"


@pytest.mark.parametrize("state", [State.UNKNOWN, State.CLOSED, State.CLOSING, State.BLOCKED])
def test_our_blindness_and_other_lives_warn_nobody(state):
    assert told(account(when(9, 17), state), when(9, 16)) == {}


def test_blind_and_settled_accounts_warn_nobody():
    assert told(account(when(9, 17), blind=True), when(9, 16)) == {}
    assert told(account(when(9, 17), settled=True), when(9, 16)) == {}


def test_where_a_post_may_have_escaped_us_the_operator_is_asked_and_the_leader_left_alone():
    found = told(account(when(9, 17), known=False), when(9, 16))
    assert set(found) == {OPERATOR, DEPUTY}
    assert found[OPERATOR].lines[0].endswith("来源不完整，已经更新的不用理会")


def test_a_line_that_has_passed_is_not_announced():
    assert told(account(when(9, 16, 8)), when(9, 16)) == {}
    assert told(account(None), when(9, 16)) == {}


def test_whoever_was_served_today_gets_nothing_more():
    assert set(told(account(when(9, 18)), when(9, 16, 11), served={OPERATOR, LEADER})) == {DEPUTY}


# ── holidays ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_falls_into_a_holiday_is_told_before_it_though_the_account_is_active():
    line = when(10, 5, 10)  # within 国庆 1–7 October; the last working days are 28, 29 and 30 September
    first = told(account(line, State.ACTIVE), when(9, 28))
    assert set(first) == {OPERATOR, DEPUTY, LEADER}
    assert first[OPERATOR].title == "节前提示：1个账号在放假期间到线"
    assert "正在国庆节放假期间" in first[OPERATOR].lines[0]
    last = told(account(line, State.ACTIVE), when(9, 30))
    assert (
        last[OPERATOR]
        .lines[0]
        .startswith("南例商务（微信公众号）：2026年10月5日10:00到更新期限，正在国庆节放假期间，今天是之前最后一个工作日")
    )
    assert told(account(line, State.ACTIVE), when(9, 24))[OPERATOR].title.startswith("节前提示")


def test_the_first_morning_after_a_holiday_is_told_before_it():
    line = when(10, 8, 8)
    assert OPERATOR in told(account(line, State.ACTIVE), when(9, 30))
    assert told(account(line, State.ACTIVE), when(9, 30))[OPERATOR].holiday == ""


def test_a_plain_weekend_is_no_holiday():
    found = told(account(when(9, 13, 10)), when(9, 11))
    assert found[OPERATOR].holiday == ""
    assert "今天是之前最后一个工作日" in found[OPERATOR].lines[0]


def test_a_long_weekend_without_a_name_is_called_so():
    rows = [(d, w and d != date(2025, 6, 13), "") for d, w, _ in seed([2025])]  # a Friday off that nobody named
    days = Workdays(WorkCalendar(rows))
    assert days.holiday(date(2025, 6, 11), date(2025, 6, 14)) == "放假"
    assert days.holiday(date(2025, 6, 13), date(2025, 6, 14)) == ""  # it has begun
    one = account(when(6, 14, 10, year=2025))
    assert "正在放假期间" in digests([one], at=when(6, 11, year=2025), days=days)[0].lines[0]


# ── the afternoon ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_after_a_missed_morning_only_what_cannot_wait_is_said():
    assert told(account(when(9, 18, 20)), when(9, 17, 15)) == {}
    found = told(account(when(9, 17, 22)), when(9, 17, 15))
    assert "今天22:00到更新期限" in found[OPERATOR].lines[0]
    assert told(account(None, State.ZOMBIE), when(9, 17, 15)) == {}


# ── properties ────────────────────────────────────────────────────────────────────────────────────────────────────────

_START = when(1, 5, 0)
_lines = st.integers(0, 330 * 24).map(lambda hours: _START + timedelta(days=14, hours=hours))


def _run(accounts: list[Watched], moments: list[datetime]) -> list[tuple[datetime, int, object]]:
    """Run as the shell does: keys of person and day, marks said once; return (moment, person, digest)."""
    keys: set[tuple[int, date]] = set()
    said: set[tuple[int, int, str]] = set()
    sent = []
    for at in moments:
        now = [_state_at(a, at) for a in accounts]
        today = at.astimezone(SHANGHAI).date()
        served = {person for person, day in keys if day == today}
        for digest in digests(now, at=at, days=DAYS, said=said, served=served):
            keys.add((digest.person, digest.day))
            said |= {(digest.person, i.account, i.mark) for i in digest.items if i.mark}
            sent.append((at, digest.person, digest))
    return sent


def _state_at(one: Watched, at: datetime) -> Watched:
    assert one.line_at is not None
    if at >= one.line_at:
        return replace(one, state=State.OVERDUE, line_at=None)
    return replace(one, state=State.DUE if one.line_at - at <= timedelta(days=4) else State.ACTIVE)


@settings(max_examples=25, deadline=None)
@given(lines=st.lists(_lines, min_size=1, max_size=4), minutes=st.integers(0, 59), data=st.data())
def test_never_two_a_day_none_on_days_off_none_lost(lines, minutes, data):
    accounts = [replace(account(line), account=n) for n, line in enumerate(lines)]
    first, last = min(lines) - timedelta(days=20), max(lines) + timedelta(days=12)
    hours = int((last - first) / timedelta(hours=1))
    moments = [first + timedelta(hours=h, minutes=minutes) for h in range(hours)]
    sent = _run(accounts, moments)
    days = [(person, at.astimezone(SHANGHAI).date()) for at, person, _ in sent]
    assert len(days) == len(set(days))
    for at, _, _ in sent:
        assert CALENDAR.is_working_day(at.astimezone(SHANGHAI).date())
        assert 9 <= at.astimezone(SHANGHAI).hour < 12
    for one in accounts:
        before = [(at, p, i) for at, p, d in sent for i in d.items if i.account == one.account and i.stage is not Stage.AFTER]
        operators = [at for at, p, i in before if p == OPERATOR]
        leaders = [at for at, p, i in before if p == LEADER]
        assert operators
        assert min(operators) < one.line_at
        assert len(leaders) == 1
        assert min(operators) <= leaders[0]
        # at least one whole working day between the first word and the line, unless the calendar left none
        assert DAYS.left(day_of(min(operators)), day_of(one.line_at)) >= 1
        assert {p for _, p, d in sent for i in d.items if i.account == one.account and i.stage is Stage.AFTER} == {
            OPERATOR,
            DEPUTY,
            ADMIN,
        }


@settings(max_examples=25, deadline=None)
@given(line=_lines, jumps=st.lists(st.integers(-20 * 24, 20 * 24), min_size=5, max_size=60))
def test_a_clock_that_jumps_never_doubles(line, jumps):
    moments, at = [], line - timedelta(days=6)
    for jump in jumps:
        at += timedelta(hours=jump) if abs(jump) > 24 else timedelta(minutes=jump)
        moments.append(at)
    sent = _run([account(line)], moments)
    days = [(person, at.astimezone(SHANGHAI).date()) for at, person, _ in sent]
    assert len(days) == len(set(days))
    marks = [(p, i.mark) for _, p, d in sent for i in d.items if i.mark]
    assert len(marks) == len(set(marks))


@given(st.dates(date(2025, 2, 1), date(2026, 11, 30)))
def test_the_horizon_is_the_last_day_with_few_working_days_left(today):
    horizon = DAYS.horizon(today)
    assert DAYS.left(today, horizon) == LEAD
    assert DAYS.left(today, horizon + timedelta(days=1)) == LEAD + 1


# ── what is agreed, and what the platform forbids ───────────────────────────────────────────────────────────────────────


def agreed(at, end, **more):
    return told(account(when(10, 30), State.ACTIVE, agreed_days=7, agreed_at=end, **more), at)


def test_an_agreed_cadence_is_told_before_the_official_line_once_and_under_its_own_name():
    found = agreed(when(9, 16), when(9, 17, 8))
    assert set(found) == {OPERATOR, DEPUTY}
    item = found[OPERATOR].items[0]
    assert item.stage is Stage.AGREED
    assert "约定7天更新一次" in item.words
    assert "不是国家的期限，过了不算问题" in item.words
    assert found[OPERATOR].title == "1个账号到约定的更新日子"
    assert agreed(when(9, 17), when(9, 17, 8), quota_until=None) != {}
    again = {(p, 7, item.mark) for p in (OPERATOR, DEPUTY)}
    assert told(account(when(10, 30), State.ACTIVE, agreed_days=7, agreed_at=when(9, 17, 8)), when(9, 17), said=again) == {}


@pytest.mark.parametrize("more", [{"known": False}, {"quota_until": when(10, 1, 0)}])
def test_an_agreement_is_not_pressed_where_the_source_is_partial_or_the_quota_is_used_up(more):
    assert agreed(when(9, 16), when(9, 17, 8), **more) == {}


def test_an_agreement_that_is_far_says_nothing_and_near_the_line_the_line_is_told():
    assert agreed(when(9, 16), when(9, 19, 8)) == {}
    near = account(when(9, 17, 12), agreed_days=7, agreed_at=when(9, 16, 12))
    assert {i.stage for i in told(near, when(9, 16))[OPERATOR].items} == {Stage.BEFORE}


def test_a_warning_does_not_demand_the_push_that_the_quota_forbids():
    watched = account(when(9, 17, 12), quota_until=when(10, 1, 0))
    assert "2026年10月1日起才能再群发" in told(watched, when(9, 16))[OPERATOR].items[0].words
    assert told(replace(watched, push_only=True), when(9, 16)) == {}
    assert told(replace(watched, push_only=True, state=State.OVERDUE), when(9, 16)) == {}
    allowed = replace(watched, push_only=True, quota_until=when(9, 16, 0))
    assert "群发" not in told(allowed, when(9, 16))[OPERATOR].items[0].words
