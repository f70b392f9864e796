"""Several hands, one statement; contradictions are kept, and a later look settles them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.evidence import BEGINNING, is_backdated, weigh
from qiguan.core.facts import CheckFact, PostFact, Said, SightingFact, Span
from tests.core.stories import AT, account, ago, check, posts, sighting, span


def test_spans_that_touch_are_one_coverage():
    found = weigh(account(spans=(span(60, 30), span(30, 10), span(5, 1))), at=AT)
    assert found.cover == [(ago(60), ago(10)), (ago(5), ago(1))]
    assert found.as_of == ago(1)
    assert found.covered_from(ago(20)) == ago(60)
    assert found.covered_from(ago(7)) is None
    assert found.covered_from(ago(90)) is None


def test_nothing_known_is_said_as_nothing():
    found = weigh(account(), at=AT)
    assert (found.last_post_at, found.as_of, found.doubt, found.last_check) == (None, None, None, None)


def test_what_came_to_be_known_later_is_not_known_yet():
    facts = account(
        posts=(PostFact(ago(3), ago(1)),),
        spans=(Span(ago(30), ago(2), "官方统计", ago(1)),),
        checks=(check(1, newest=3),),
        sightings=(sighting(1, 3),),
    )
    then = weigh(facts, at=ago(2))
    assert (then.last_post_at, then.as_of, then.last_check) == (None, None, None)
    later = weigh(facts, at=ago(2), known_at=AT)
    assert later.last_post_at == ago(3)
    assert later.as_of == ago(2)


def test_a_check_vouches_from_the_post_it_saw_to_its_moment():
    found = weigh(account(checks=(check(1, newest=30),)), at=AT)
    assert found.cover == [(ago(30), ago(1))]
    assert weigh(account(checks=(check(1, Said.NEVER),)), at=AT).cover == [(BEGINNING, ago(1))]
    assert weigh(account(checks=(check(1, Said.NOT_FOUND), check(1, Said.NEWEST))), at=AT).cover == []


def test_a_check_after_the_check_point_with_a_newer_post_says_nothing_of_the_window():
    found = weigh(account(checks=(check(-2, newest=-1),)), at=AT, known_at=ago(-2))
    assert found.cover == []
    assert found.posts == []


def test_a_post_stated_for_today_has_happened_and_one_for_tomorrow_has_not():
    today, tomorrow = datetime(2026, 9, 16, 16, tzinfo=UTC), datetime(2026, 9, 17, 16, tzinfo=UTC)
    facts = account(posts=(PostFact(today, day_precise=True), PostFact(tomorrow, day_precise=True)))
    assert weigh(facts, at=AT).posts == [today]
    assert weigh(facts, at=today).posts == [today]
    assert weigh(account(posts=(PostFact(today),)), at=AT).posts == []


def test_posts_without_push_do_not_count_where_the_pack_counts_pushes():
    facts = account(posts=(PostFact(ago(9), pushed=True), PostFact(ago(2), pushed=False)))
    assert weigh(facts, at=AT, counts="push").last_post_at == ago(9)
    assert weigh(facts, at=AT).last_post_at == ago(2)


def test_a_complete_source_knows_the_hour_better_than_a_person_who_read_the_day():
    seen = datetime(2026, 9, 1, 16, tzinfo=UTC)  # 24:00 of September 1
    facts = account(posts=(PostFact(datetime(2026, 9, 1, 2, tzinfo=UTC)),), checks=(check(0, newest=None),))
    look = facts.checks[0].__class__(AT, Said.NEWEST, "核查员", newest_at=seen)
    by_feed = weigh(account(posts=facts.posts, checks=(look,), spans=(span(60),)), at=AT)
    assert by_feed.last_post_at == facts.posts[0].at
    assert not by_feed.last_post_day_precise
    by_partial = weigh(account(posts=facts.posts, checks=(look,)), at=AT)
    assert by_partial.last_post_at == seen, "a partial source may have missed a later post of that day"
    assert by_partial.last_post_day_precise


def test_a_source_that_did_not_show_what_a_person_saw_is_set_aside():
    found = weigh(account(posts=posts(60), spans=(span(),), checks=(check(5, newest=20),)), at=AT)
    assert found.last_post_at == ago(20)
    assert found.cover == [(ago(20), ago(5))], "the check alone vouches"
    assert found.doubt is None
    assert found.dispute is not None
    assert "可能不完整" in found.dispute.said


def test_a_screenshot_of_the_contrary_gives_a_source_its_word_back_from_the_claimed_post_on():
    facts = account(posts=posts(60), spans=(span(),), sightings=(sighting(10, 20),), checks=(check(5, newest=60, proof=True),))
    found = weigh(facts, at=AT)
    assert found.cover == [(ago(20), AT)]
    assert found.last_post_at == ago(20), "positive evidence still counts"
    assert found.dispute is None
    assert len(found.contradictions) == 2


def test_what_refutes_a_claim_is_a_later_look_with_proof_that_no_source_speaks_against():
    def dispute(*looks: object, shown: tuple[float, ...] = (60,)) -> object:
        facts = account(posts=posts(*shown), spans=(span(),), sightings=(sighting(10, 20),), checks=looks)
        return [c for c in weigh(facts, at=AT).contradictions if c.set_aside]

    assert dispute(check(5, newest=60)), "no screenshot"
    assert dispute(check(12, newest=60, proof=True)), "made before the sighting"
    assert dispute(check(5, newest=19.5, proof=True)), "it saw something as new as that"
    assert dispute(check(5, Said.NOT_FOUND, proof=True)), "it says nothing of posts"
    assert dispute(check(5, newest=60, proof=True), shown=(60, 40)), "a source shows what it missed"
    assert not dispute(check(5, Said.NEVER, proof=True), shown=())


def test_the_posts_own_day_or_a_day_either_way_is_no_contradiction():
    day = datetime(2026, 9, 1, 16, tzinfo=UTC)
    look = check(5)
    look = look.__class__(look.at, Said.NEWEST, "核查员", newest_at=day)
    assert weigh(account(posts=(PostFact(day + timedelta(hours=20)),), spans=(span(),), checks=(look,)), at=AT).doubt is None
    late_start = Span(day - timedelta(hours=3), AT, "官方统计", AT)
    assert weigh(account(spans=(late_start,), checks=(look,)), at=AT).doubt is None, "the post may lie before the span"


def test_a_check_that_misses_a_post_which_a_source_shows_is_void():
    for said, newest in ((Said.NEWEST, 45), (Said.NEVER, None)):
        found = weigh(account(posts=posts(37), checks=(check(0, said, newest=newest),)), at=AT)
        assert found.cover == []
        assert found.dispute is not None
        assert "有内容" in found.dispute.said


def test_a_visitor_need_not_see_what_was_deleted_or_never_pushed():
    for hidden in (PostFact(ago(37), deleted=True), PostFact(ago(37), pushed=False)):
        found = weigh(account(posts=(hidden,), checks=(check(0, newest=45),)), at=AT)
        assert found.doubt is None
        assert found.cover == [(ago(37), AT)]
        assert found.last_post_at == ago(37), "a deleted post still counts as an update"


def test_a_check_against_another_persons_word_vouches_from_that_word_on():
    found = weigh(account(checks=(check(6, newest=46), check(0, newest=77))), at=AT)
    assert found.last_post_at == ago(46)
    assert found.cover == [(ago(46), AT)]
    assert found.doubt is not None


def test_a_screenshot_settles_what_two_people_dispute():
    found = weigh(account(sightings=(sighting(6, 46),), checks=(check(0, newest=77, proof=True),)), at=AT)
    assert [c.settled for c in found.contradictions] == [True]
    assert found.doubt is None


def test_a_later_look_that_agrees_settles_an_older_dispute():
    disputed = (check(10, newest=46), check(8, newest=77))
    assert weigh(account(checks=disputed), at=AT).doubt is not None
    found = weigh(account(checks=(*disputed, check(1, newest=46))), at=AT)
    assert [c.settled for c in found.contradictions] == [True]
    assert found.doubt is None


def test_nobody_has_seen_what_was_posted_after_they_looked():
    assert weigh(account(sightings=(sighting(5, 3),)), at=AT).posts == []
    assert weigh(account(checks=(check(5, newest=3),)), at=AT).last_post_at == ago(5)


def test_a_post_first_seen_long_after_its_date_is_backdated_only_where_a_source_had_looked():
    assert is_backdated(ago(10), read_before=ago(5))
    assert not is_backdated(ago(10), read_before=ago(9.5))
    assert not is_backdated(ago(10), read_before=None)
    assert weigh(account(posts=(PostFact(ago(9), backdated=True),)), at=AT).backdated
    assert not weigh(account(posts=(PostFact(ago(400), backdated=True),)), at=AT).backdated


def test_every_statement_says_who_since_when_and_until_when():
    found = weigh(account(posts=posts(20), spans=(span(assumed=True),), checks=(check(1, newest=20),)), at=AT)
    assert found.hands[0].words == "官方统计：从开通到2026年9月16日10:00的内容全部看清（按假定完整）"
    assert found.hands[1].words == "核查员：从2026年8月27日10:00到2026年9月15日10:00的内容全部看清"


moments = st.integers(0, 120)


@given(st.lists(st.tuples(moments, moments)), moments)
def test_merged_coverage_covers_what_any_span_covers_and_nothing_else(pairs: list[tuple[int, int]], day: int):
    spans = tuple(span(max(p), min(p)) for p in pairs)
    found = weigh(account(spans=spans), at=AT)
    assert (found.covered_from(ago(day)) is not None) == any(min(p) <= day <= max(p) for p in pairs)
    assert all(a[1] < b[0] for a, b in pairwise(found.cover))


@given(st.lists(moments), st.lists(st.tuples(moments, moments)), st.lists(moments))
def test_every_hands_post_is_kept(shown: list[int], people: list[tuple[int, int]], seen: list[int]):
    looks = tuple(sorted((check(min(p), newest=max(p)) for p in people), key=lambda c: c.at))
    found = weigh(
        account(posts=posts(*shown), checks=looks, sightings=tuple(sighting(0, s) for s in seen), spans=(span(),)), at=AT
    )
    assert {ago(d) for d in [*shown, *seen, *(max(p) for p in people)]} == set(found.posts)
    assert found.posts == sorted(found.posts)


def test_a_sighting_known_to_the_day_contradicts_no_source_that_began_within_that_day():
    day = datetime(2026, 9, 1, 16, tzinfo=UTC)  # 24:00 of September 1
    late_start = Span(day - timedelta(hours=3), AT, "官方统计", AT)
    word = SightingFact(AT, day, day_precise=True)
    found = weigh(account(spans=(late_start,), sightings=(word,)), at=AT)
    assert found.dispute is None
    assert found.last_post_day_precise
    assert weigh(account(spans=(late_start,), sightings=(SightingFact(AT, day),)), at=AT).dispute is not None


# A look of which only the day is known: its latest moment is `at`, and it is sure of nothing after the day began (ADR 0009).
DAY_15 = datetime(2026, 9, 14, 16, tzinfo=UTC)  # 00:00 of September 15
END_15 = DAY_15 + timedelta(days=1)


def look_of_15(said=Said.NEWEST, newest=None, **more):
    return CheckFact(END_15, said, "核查员", newest_at=newest, day_precise=True, **more)


def test_a_look_of_a_day_vouches_to_the_start_of_that_day():
    seen = DAY_15 - timedelta(days=20)
    assert weigh(account(checks=(look_of_15(newest=seen),)), at=AT).cover == [(seen, DAY_15)]
    assert weigh(account(checks=(look_of_15(Said.NEVER),)), at=AT).cover == [(BEGINNING, DAY_15)]


def test_a_look_of_today_known_to_the_day_is_no_surer_for_being_told_before_the_day_is_over():
    told_at = DAY_15 + timedelta(hours=10)
    look = CheckFact(told_at, Said.NEVER, "核查员", day_precise=True)
    assert weigh(account(checks=(look,)), at=told_at).cover == [(BEGINNING, DAY_15)]


def test_a_post_of_the_very_day_of_the_look_is_life_and_vouches_for_nothing():
    found = weigh(account(checks=(look_of_15(newest=END_15),)), at=AT)
    assert found.last_post_at == END_15
    assert found.cover == []
    assert found.contradictions == []


def test_what_was_posted_on_the_day_of_the_look_need_not_have_been_seen():
    evening = DAY_15 + timedelta(hours=20)
    look = look_of_15(newest=DAY_15 - timedelta(days=20))
    shown = weigh(account(posts=(PostFact(evening),), checks=(look,)), at=AT)
    assert (shown.last_post_at, shown.contradictions) == (evening, [])
    assert shown.cover == [(DAY_15 - timedelta(days=20), DAY_15)]
    told = weigh(account(checks=(look,), sightings=(SightingFact(evening, evening),)), at=AT)
    assert (told.last_post_at, told.contradictions) == (evening, [])
    exact = weigh(account(posts=(PostFact(evening),), checks=(replace(look, day_precise=False),)), at=AT)
    assert exact.dispute is not None, "with its hour, it should have seen the post"


def test_a_look_of_a_day_refutes_and_settles_only_what_was_said_before_that_day():
    old = DAY_15 - timedelta(days=90)

    def disputes(said_at: datetime) -> list[bool]:
        word = SightingFact(said_at, DAY_15 - timedelta(days=30))
        facts = account(posts=(PostFact(old),), spans=(span(),), sightings=(word,), checks=(look_of_15(newest=old, proof=True),))
        return [c.settled for c in weigh(facts, at=AT).contradictions]

    assert all(disputes(DAY_15 - timedelta(hours=1)))
    assert not all(disputes(DAY_15 + timedelta(hours=1))), "perhaps said after the look"


@given(hour=st.integers(0, 23), days=st.integers(1, 60))
def test_no_hour_after_the_day_began_is_vouched_for_whatever_the_look_saw(hour, days):
    for said in (Said.NEWEST, Said.NEVER, Said.RENAMED):
        told_at = DAY_15 + timedelta(hours=hour, minutes=1)
        newest = None if said is Said.NEVER else told_at - timedelta(days=days)
        look = CheckFact(told_at, said, "核查员", newest_at=newest, day_precise=True)
        found = weigh(account(checks=(look,)), at=AT)
        assert all(until <= DAY_15 for _, until in found.cover)


def both(newest_before: float | None, *, said: Said | None = Said.NEWEST, looked: float = -2, **more: object) -> CheckFact:
    """A look two days after the check point that saw a post of yesterday, and says something of the time before."""
    before = None if newest_before is None else ago(newest_before)
    return replace(check(looked, newest=looked + 1), point=AT, before_said=said, before_at=before, **more)  # type: ignore[arg-type]


def test_a_check_made_later_vouches_for_the_time_before_the_check_point_where_it_was_asked():
    found = weigh(account(checks=(both(20),)), at=AT, known_at=ago(-2))
    assert (found.cover, found.posts) == ([(ago(20), AT)], [ago(20)])
    assert weigh(account(checks=(both(None, said=Said.NEVER),)), at=AT, known_at=ago(-2)).cover == [(BEGINNING, AT)]
    assert weigh(account(checks=(both(None, said=None),)), at=AT, known_at=ago(-2)).cover == []
    assert weigh(account(checks=(both(20),)), at=ago(5), known_at=ago(-2)).cover == [(ago(20), ago(5))]


def test_between_the_check_point_and_the_newest_post_nobody_vouched():
    found = weigh(account(checks=(both(20, looked=-9),)), at=ago(-9))
    assert found.cover == [(ago(20), AT), (ago(-8), ago(-9))]
    assert found.posts == [ago(20), ago(-8)]


def test_a_look_of_the_check_points_own_day_without_an_hour_says_nothing_of_it():
    late = both(20, looked=-0.1, day_precise=True)
    assert late.at_point is None
    assert weigh(account(checks=(late,)), at=AT, known_at=ago(-0.1)).covered_from(AT) is None


def test_a_post_that_a_source_shows_before_the_check_point_voids_what_was_said_of_it():
    found = weigh(account(posts=posts(5), checks=(both(20),)), at=AT, known_at=ago(-2))
    assert found.cover == []
    assert found.contradictions[0].said == "核查员说2026年9月16日以前最新一篇是2026年8月27日，而2026年9月11日有内容"
    assert not found.contradictions[0].settled
