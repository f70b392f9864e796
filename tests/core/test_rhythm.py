"""The year of an account: only watched silence is silence."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.evidence import BEGINNING, weigh
from qiguan.core.facts import AccountFacts, Said
from qiguan.core.pack import pack_in_force
from qiguan.core.rhythm import UNSEEN, Gap, Rhythm, rhythm_of, watched_gaps, weeks_of
from tests.core.stories import AT, account, ago, check, posts, span

PACK = pack_in_force("national", AT)


def rhythm(facts: AccountFacts, opened: float | None = None) -> Rhythm:
    start = None if opened is None else ago(opened)
    return rhythm_of(weigh(facts, at=AT), line=PACK.line, over=PACK.is_over, opened=start)


def test_counts_are_of_the_last_thirty_and_365_days():
    found = rhythm(account(posts=posts(400, 364, 31, 29, 1)))
    assert (found.posts_30, found.posts_365) == (2, 4)


def test_a_gap_between_posts_counts_where_its_whole_length_was_watched():
    found = rhythm(account(posts=posts(60, 30, 1), spans=(span(),)))
    assert found.longest_gap_days == 30
    assert found.gaps_over == [Gap(ago(60), ago(30), False), Gap(ago(30), ago(1), False)]
    assert found.days_out == 30 - 14 + 29 - 14


def test_only_the_watched_part_of_a_silence_counts():
    found = rhythm(account(posts=posts(100, 1), spans=(span(90, 70), span(60, 50))))
    assert found.gaps_over == [Gap(ago(90), ago(70), False)]
    assert found.longest_gap_days == 20
    assert found.days_out == 6


def test_unwatched_silence_is_no_gap():
    found = rhythm(account(posts=posts(100, 1)))
    assert (found.longest_gap_days, found.gaps_over, found.days_out) == (None, [], 0)


def test_a_silence_that_lasts_is_open_up_to_the_last_look():
    found = rhythm(account(posts=posts(40), checks=(check(2, newest=40),)))
    assert found.gaps_over == [Gap(ago(40), ago(2), True)]
    assert found.gaps_over[0].days == 38


def test_a_silence_from_before_the_year_counts_only_its_days_in_the_year():
    found = rhythm(account(posts=posts(1000), spans=(span(),)))
    assert found.days_out == 365
    assert found.longest_gap_days == 1000


def test_an_account_that_never_posted_is_silent_since_its_opening():
    facts = account(checks=(check(0, Said.NEVER),))
    assert rhythm(facts, opened=100).longest_gap_days == 100
    assert rhythm(facts, opened=100).days_out == 86
    unknown = rhythm(facts)
    assert (unknown.longest_gap_days, unknown.gaps_over, unknown.days_out) == (None, [], 365)


def test_before_the_first_known_post_only_a_known_opening_begins_a_silence():
    facts = account(posts=posts(10), spans=(span(),))
    assert rhythm(facts).gaps_over == []
    assert rhythm(facts, opened=50).gaps_over == [Gap(ago(50), ago(10), False)]


def test_lost_sight_is_no_trend():
    assert rhythm(account(posts=posts(*range(95, 180, 3)))).trend == UNSEEN
    assert rhythm(account(posts=posts(*range(95, 180, 3)), spans=(span(30),))).trend == UNSEEN
    assert rhythm(account(posts=posts(*range(95, 180, 3)), spans=(span(None, 20),))).trend == UNSEEN


def test_a_trend_compares_two_watched_quarters():
    assert rhythm(account(posts=posts(*range(95, 180, 3)), spans=(span(),))).trend == "变疏"
    assert rhythm(account(posts=posts(*range(1, 90, 3)), spans=(span(),))).trend == "变密"
    assert rhythm(account(posts=posts(*range(1, 180, 3)), spans=(span(),))).trend == "平稳"


def test_weeks_are_52_digits_with_nine_for_many_and_today_in_the_last():
    found = weeks_of([ago(400), *[ago(8)] * 12, ago(1), AT + timedelta(hours=14)], AT)
    assert len(found) == 52
    assert found[-2:] == "92"
    assert set(found[:-2]) == {"0"}


days = st.integers(0, 500)


@given(st.lists(days, unique=True), st.lists(st.tuples(days, days), max_size=5))
def test_a_gap_holds_no_post_and_is_watched_and_gaps_do_not_overlap(shown: list[int], pairs: list[tuple[int, int]]):
    evidence = weigh(account(posts=posts(*shown), spans=tuple(span(max(p), min(p)) for p in pairs)), at=AT)
    gaps = watched_gaps(evidence, since=ago(365))
    for gap in gaps:
        assert BEGINNING < gap.start < gap.end <= AT
        assert gap.end > ago(365)
        assert not [p for p in evidence.posts if gap.start < p < gap.end]
        since = evidence.covered_from(gap.end)
        assert since is not None
        assert since <= gap.start
    assert all(a.end <= b.start for a, b in pairwise(gaps))
