"""The year told once: what is drawn and what is said beside it are the same numbers."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.activity import Standing, judge
from qiguan.core.days import day_of, end_of
from qiguan.core.evidence import weigh
from qiguan.core.facts import AccountFacts, PostFact, Said, State
from qiguan.core.pack import pack_in_force
from qiguan.core.year import Silence, Year, year_of
from tests.core.stories import AT, account, ago, check, posts, span

PACK = pack_in_force("national", AT)
TODAY = date(2026, 9, 16)


def back(days: int) -> date:
    return TODAY - timedelta(days=days)


def told(facts: AccountFacts) -> tuple[Year, Standing]:
    evidence = weigh(facts, at=AT, counts=PACK.counts)
    judged = judge(facts, PACK, AT, evidence=evidence)
    return year_of(facts, evidence, judged, PACK), judged


def test_a_post_that_only_a_checker_saw_stands_in_the_picture():
    year, judged = told(account(checks=(check(1, newest=3),)))
    assert year.posts == {back(3): 1}
    assert year.total == judged.rhythm.posts_365 == 1
    assert year.checks == [back(1)]


def test_two_people_who_saw_one_post_saw_one():
    assert told(account(checks=(check(2, newest=3), check(1, newest=3))))[0].total == 1


def test_a_silence_has_the_whole_days_that_the_words_beside_it_say():
    last, now = AT - timedelta(days=22, hours=11), AT
    year, judged = told(account(posts=(PostFact(last),), spans=(span(),)))
    (silence,) = year.silences
    assert silence.days == judged.days_silent == judged.rhythm.longest_gap_days == 22
    assert (day_of(now) - day_of(last)).days == 23
    assert silence == Silence(back(23), TODAY, back(9), 22, True)


def test_a_silence_watched_until_yesterday_ends_there_and_today_is_not_seen():
    year, judged = told(account(posts=posts(30), spans=(span(until=1.1),)))
    assert judged.state is State.OVERDUE
    assert year.silences[0].until == back(1)
    assert year.unseen[-1] == (TODAY, TODAY)


def test_a_silence_over_by_hours_is_one_though_it_ends_on_the_day_of_the_line():
    year, _ = told(account(posts=(PostFact(ago(15)), PostFact(ago(0.9))), spans=(span(),)))
    (silence,) = year.silences
    assert silence.line < silence.until
    assert silence.days == 14


def test_months_that_nobody_watched_are_told_as_unseen():
    year, _ = told(account(posts=posts(300, 5, 1), spans=(span(40),)))
    assert year.unseen == [(back(364), back(301)), (back(299), back(41))]
    assert [(s.last, s.until) for s in year.silences] == [(back(40), back(5))]


def test_posts_closer_than_the_line_need_no_witness():
    assert told(account(posts=posts(*range(0, 380, 10))))[0].unseen == []


def test_days_before_the_opening_and_after_the_end_are_nobodys():
    assert told(account(opened_on=back(100), posts=posts(1)))[0].unseen == [(back(100), back(2))]
    closed = account(opened_on=back(300), closed_on=back(200), posts=posts(290))
    assert told(closed)[0].unseen == [(back(300 - 11), back(200))]
    assert told(account(closed_on=date.min))[0].unseen == []


def test_an_account_that_never_posted_is_silent_from_its_opening_as_far_as_it_was_watched():
    year, judged = told(account(opened_on=back(50), spans=(span(until=1),)))
    assert judged.state is State.NEVER_POSTED
    assert year.silences == [Silence(None, back(1), back(36), None, True)]
    unknown, _ = told(account(checks=(check(0.1, Said.NEVER),)))
    assert unknown.silences == [Silence(None, TODAY, back(364), None, True)]


def test_an_app_is_asked_for_use_and_not_for_posts():
    assert told(account(platform="app", checks=(check(1, newest=1),)))[0].unseen == []
    assert told(account(platform="app"))[0].unseen == [(back(364), TODAY)]


def test_where_the_state_is_unknown_the_days_since_the_last_look_are_unseen():
    year, judged = told(account(posts=posts(5), checks=(check(1, Said.NOT_FOUND),)))
    assert judged.state is State.UNKNOWN
    assert year.unseen[-1] == (back(4), TODAY)


def test_a_post_known_to_the_day_stands_on_its_day():
    year, _ = told(account(posts=(PostFact(end_of(back(3)), day_precise=True),)))
    assert year.posts == {back(3): 1}


@given(
    st.lists(st.floats(0, 400), max_size=12),
    st.lists(st.tuples(st.floats(0, 400), st.floats(0, 60)), max_size=4),
    st.one_of(st.none(), st.integers(0, 500)),
)
def test_no_day_is_unseen_twice_or_with_a_post_and_the_numbers_agree(moments, looks, opened):
    facts = account(
        posts=posts(*moments),
        spans=tuple(span(a + length, a) for a, length in looks),
        opened_on=None if opened is None else back(opened),
    )
    year, judged = told(facts)
    assert year.total == judged.rhythm.posts_365
    assert all(a <= b for a, b in year.unseen)
    for a, b in year.unseen:
        assert not any(a <= day <= b for day in year.posts) or (opened is not None and judged.state is State.UNKNOWN)
    assert all(s.line <= s.until for s in year.silences)
    if year.silences and judged.state is not State.NEVER_POSTED:
        assert max(s.days or 0 for s in year.silences) == judged.rhythm.longest_gap_days
