"""When to look next: by rhythm, nearness of a line, and what the last look brought."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.schedule import LONGEST, LONGEST_WAIT, NEAR_LINE, NEAR_PAUSE, SHORTEST, failed_pause, next_look, usual_pause
from qiguan.core.source import Outcome
from tests.core.stories import AT, ago

HOUR = timedelta(hours=1)


def pause(**facts: object) -> timedelta:
    return next_look(**{"at": AT, "source_id": "s1", "outcome": Outcome.OK, **facts}) - AT  # type: ignore[arg-type]


def about(found: timedelta, expected: timedelta) -> bool:
    return expected * 0.9 <= found <= expected * 1.1


def test_an_unknown_rhythm_is_looked_at_every_four_hours():
    assert about(pause(), 4 * HOUR)
    assert about(pause(outcome=None, recent_posts=[ago(1)]), 4 * HOUR)


def test_a_source_is_looked_at_four_times_a_usual_pause():
    daily = [ago(d) for d in (9, 8, 7, 6, 5, 4, 3, 2, 1, 0)]
    assert usual_pause(daily, at=AT) == 6 * HOUR
    assert about(pause(recent_posts=daily), 6 * HOUR)


def test_a_silence_longer_than_the_usual_pause_slows_the_looks():
    assert usual_pause([ago(22), ago(21), ago(20)], at=AT) == timedelta(days=10) / 4
    assert pause(recent_posts=[ago(22), ago(21), ago(20)]) == LONGEST


def test_a_post_stated_for_the_future_is_no_rhythm():
    assert usual_pause([ago(1), ago(-9)], at=AT) == 4 * HOUR


def test_near_a_line_the_looks_come_every_two_hours():
    weekly = [ago(d) for d in (25, 18, 11)]
    assert about(pause(recent_posts=weekly, next_line_at=AT + timedelta(days=1)), NEAR_PAUSE)
    assert about(pause(recent_posts=weekly, next_line_at=AT + HOUR), HOUR)
    assert pause(recent_posts=weekly, next_line_at=AT + timedelta(days=10)) > 20 * HOUR
    soon = AT + NEAR_LINE + 3 * HOUR
    assert about(pause(recent_posts=weekly, next_line_at=soon), 5 * HOUR)
    assert pause(recent_posts=weekly, next_line_at=AT) > 20 * HOUR, "a line that is past is no hurry"


@pytest.mark.parametrize(("failures", "hours"), [(0, 0.5), (1, 0.5), (2, 1), (3, 2), (6, 16), (7, 24), (4000, 24)])
def test_a_passing_failure_is_tried_again_at_growing_pauses(failures: int, hours: float):
    assert failed_pause(Outcome.TIMEOUT, failures) == hours * HOUR


def test_what_will_not_mend_by_itself_is_tried_once_a_day():
    assert failed_pause(Outcome.GONE, 1) == LONGEST
    assert about(pause(outcome=Outcome.TOKEN_INVALID, failures=1), LONGEST)


def test_a_host_that_asks_for_time_gets_it_within_reason():
    assert pause(outcome=Outcome.RATE_LIMITED, failures=1, retry_after=36 * 3600) == 36 * HOUR
    assert pause(outcome=Outcome.RATE_LIMITED, failures=1, retry_after=1e12) == LONGEST_WAIT
    assert about(pause(retry_after=-5.0), 4 * HOUR)
    assert pause(outcome=Outcome.RATE_LIMITED, failures=1, retry_after=5.0) >= SHORTEST


def test_sources_are_spread_and_each_always_alike():
    found = {pause(source_id=f"s{n}") for n in range(50)}
    assert len(found) == 50
    assert pause(source_id="s7") == pause(source_id="s7")
    assert max(found) - min(found) > 0.5 * HOUR


@given(
    st.text(max_size=8), st.one_of(st.none(), st.sampled_from(Outcome)), st.integers(0, 10**6),
    st.lists(st.integers(-30, 400), max_size=20), st.one_of(st.none(), st.integers(-100, 1000)), st.one_of(st.none(), st.floats(0, 1e9)),
)  # fmt: skip
def test_the_next_look_is_always_within_its_bounds(source_id, outcome, failures, days, line, retry):
    found = pause(
        source_id=source_id, outcome=outcome, failures=failures, recent_posts=[ago(d) for d in sorted(days, reverse=True)],
        next_line_at=None if line is None else AT + timedelta(hours=line), retry_after=retry,
    )  # fmt: skip
    assert SHORTEST <= found <= max(LONGEST, timedelta(seconds=min(retry or 0, LONGEST_WAIT.total_seconds())))
    assert found >= timedelta(seconds=min(retry or 0, LONGEST_WAIT.total_seconds()))
