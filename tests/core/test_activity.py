"""The state of an account: our silence is never their silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qiguan.core.activity import Reason, judge
from qiguan.core.check_point import parse_at
from qiguan.core.days import start_of
from qiguan.core.evidence import weigh
from qiguan.core.facts import AccountFacts, CheckFact, Kind, PostFact, Said, Scope, Span, State
from qiguan.core.pack import pack_in_force
from qiguan.core.steps import FLAG_WORDS, WAIT
from tests.core.stories import AT, account, ago, blind, check, posts, sighting, span

PACK = pack_in_force("national", AT)


def state(facts: AccountFacts, at: datetime = AT) -> tuple[State, Reason]:
    found = judge(facts, PACK, at)
    return found.state, found.reason


# the source's own case

THIRTEEN = tuple(PostFact(datetime(2016, 12, 16, 2, tzinfo=UTC) - timedelta(days=9 * n)) for n in range(12, -1, -1))


@pytest.mark.parametrize("day", ["2019-02-28", "2020-02-29"])
def test_thirteen_posts_the_last_in_2016_is_a_zombie(day: str):
    at = parse_at(day)
    found = judge(account(posts=THIRTEEN, spans=(Span(None, at, "完整来源", at),)), PACK, at)
    assert found.state is State.ZOMBIE
    assert found.days_silent == (at - THIRTEEN[-1].at).days
    assert "2016年12月16日" in found.because
    assert (found.next_step, found.next_who) == ("研判", "监管员")


@pytest.mark.parametrize("day", ["2019-02-28", "2020-02-29"])
def test_an_account_that_never_posted_is_told_apart(day: str):
    at = parse_at(day)
    look = replace(check(0, Said.NEVER), at=at - timedelta(hours=3))
    assert state(account(checks=(look,), opened_on=date(2016, 5, 1)), at) == (State.NEVER_POSTED, Reason.NEVER)
    assert state(account(spans=(Span(None, at, "完整来源", at),)), at) == (State.NEVER_POSTED, Reason.NEVER)


def test_an_owner_reorganised_later_is_flagged_from_its_day_on():
    facts = account(owner_ended_on=date(2019, 3, 20))
    assert "owner_ended" not in judge(facts, PACK, parse_at("2019-02-28")).flags
    assert "owner_ended" in judge(facts, PACK, parse_at("2020-02-29")).flags
    assert "移交" in FLAG_WORDS["owner_ended"]


# by posts


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0.01, State.ACTIVE), (9.9, State.ACTIVE), (10, State.DUE), (13.99, State.DUE), (14, State.OVERDUE), (30, State.OVERDUE),
        (30.1, State.SLEEPING), (92, State.SLEEPING), (92.1, State.ZOMBIE),
    ],
)  # fmt: skip
def test_a_watched_silence_is_named_by_its_length(days: float, expected: State):
    found = judge(account(posts=posts(days), spans=(span(),)), PACK, AT)
    assert found.state is expected
    assert found.days_silent == int(days)


def test_the_fourteenth_day_is_the_packs():
    exclusive = replace(PACK, inclusive=False)
    facts = account(posts=posts(14), spans=(span(),))
    assert judge(facts, PACK, AT).state is State.OVERDUE
    found = judge(facts, exclusive, AT)
    assert found.state is State.DUE
    assert found.look_again_at == found.next_line_at == AT + timedelta(microseconds=1)


def test_a_partial_source_never_proves_silence():
    for days in (14, 31, 400):
        facts = account(posts=posts(days), has_partial_source=True)
        assert state(facts) == (State.UNKNOWN, Reason.PARTIAL_ONLY)
        assert judge(facts, PACK, AT).days_silent is None


def test_a_partial_source_proves_life():
    assert state(account(posts=posts(3), has_partial_source=True)) == (State.ACTIVE, Reason.POSTED_PARTIAL)
    due = judge(account(posts=posts(12), has_partial_source=True), PACK, AT)
    assert (due.state, due.reason, due.days_silent) == (State.DUE, Reason.POSTED_PARTIAL, None)
    assert "来源不完整" in due.because
    assert (due.next_step, due.next_who) == ("安排更新", "运营人员")
    assert state(account(posts=posts(400), sightings=(sighting(1, 2),))) == (State.ACTIVE, Reason.POSTED_PARTIAL)
    assert "一天之内" in judge(account(posts=posts(0.5)), PACK, AT).because


def test_the_present_state_is_judged_at_the_last_covered_moment_within_the_grace():
    facts = account(posts=posts(32), spans=(span(None, 2),))
    found = judge(facts, PACK, AT)
    assert (found.state, found.as_of, found.days_silent) == (State.OVERDUE, ago(2), 30)
    assert state(facts, AT + timedelta(microseconds=1)) == (State.UNKNOWN, Reason.STALE)
    assert found.look_again_at == AT + timedelta(microseconds=1)


def test_what_crossed_the_line_after_the_last_look_was_within_it_then():
    assert state(account(posts=posts(15), spans=(span(None, 1.5),))) == (State.DUE, Reason.POSTED)


def test_silence_since_sight_began_is_at_least_so_long():
    found = judge(account(posts=posts(300), spans=(span(20),)), PACK, AT)
    assert (found.state, found.days_silent) == (State.OVERDUE, 20)
    assert "至少20天" in found.because
    assert state(account(posts=posts(300), spans=(span(9),))) == (State.UNKNOWN, Reason.SHORT)
    assert state(account(spans=(span(20),))) == (State.OVERDUE, Reason.SILENT)


def test_a_new_account_has_its_two_weeks():
    def opened(days: int) -> AccountFacts:
        return account(opened_on=(AT - timedelta(days=days)).date(), spans=(span(),))

    assert state(opened(3)) == (State.ACTIVE, Reason.NEW)
    assert state(opened(11)) == (State.DUE, Reason.NEW)
    assert state(opened(15)) == (State.NEVER_POSTED, Reason.NEVER)
    assert judge(opened(-3), PACK, AT).because == "还没有到开通的日子"
    never = account(opened_on=(AT - timedelta(days=40)).date(), spans=(span(39),))
    assert state(never) == (State.SLEEPING, Reason.SILENT), "what lies before our sight may hold a post"


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (account(), Reason.NO_SOURCE),
        (account(posts=posts(60)), Reason.NO_SOURCE),
        (account(posts=posts(60), blind=(blind("login_page"),)), Reason.BLIND),
        (account(posts=posts(60), blind=(blind("no such outcome"),)), Reason.BLIND),
        (account(posts=posts(60), checks=(check(9, newest=60),)), Reason.STALE),
        (account(posts=posts(37), checks=(check(0, newest=45),)), Reason.CONTRADICTED),
        (account(posts=posts(37), checks=(check(0, Said.NEVER),)), Reason.CONTRADICTED),
        (account(checks=(check(1, newest=40), check(0, newest=70))), Reason.CONTRADICTED),
        (account(posts=posts(60), spans=(span(),), sightings=(sighting(1, 20),)), Reason.CONTRADICTED),
    ],
)
def test_unknown_says_why_and_what_next(facts: AccountFacts, reason: Reason):
    found = judge(facts, PACK, AT)
    assert (found.state, found.reason) == (State.UNKNOWN, reason)
    assert found.because
    assert found.next_step
    assert found.next_who


def test_a_passing_failure_is_waited_for_and_a_lasting_one_is_not():
    def step(outcome: str, times: int) -> tuple[str, str]:
        found = judge(account(blind=(blind(outcome, times=times),)), PACK, AT)
        return found.next_step, found.next_who

    assert step("timeout", 1) == WAIT
    assert step("timeout", 3) == ("修复来源", "系统管理员")
    assert step("token_invalid", 1) == ("修复来源", "主办单位")
    assert step("rate_limited", 9) == ("修复来源", "监管员")


def test_contradictory_hands_never_call_a_live_account_dead():
    facts = account(posts=posts(6), checks=(check(0, Said.NEVER),))
    found = judge(facts, PACK, AT)
    assert found.state is State.ACTIVE
    assert "contradicted" in found.flags
    assert any("从未发布" in line for line in found.statements)


# a life


def test_closed_closing_blocked_and_gone_come_before_silence():
    old = {"posts": posts(200), "spans": (span(),)}
    filed = {"closing_filed_on": date(2026, 8, 1), "closing_notice_on": date(2026, 8, 3), **old}
    assert state(account(closed_on=date(2026, 9, 1), **old)) == (State.CLOSED, Reason.CLOSED)
    assert judge(account(closed_on=date.min, **old), PACK, AT).because == "已关停"
    assert state(account(closed_on=date(2026, 9, 1), posts=posts(2))) == (State.CLOSED, Reason.REOPENED)
    assert "reopened" in judge(account(closed_on=date(2026, 9, 1), posts=posts(2)), PACK, AT).flags
    assert state(account(closes_on=date(2026, 9, 30), **filed)) == (State.CLOSING, Reason.CLOSING)
    assert state(account(closes_on=date(2026, 9, 10), **filed)) == (State.CLOSING, Reason.CLOSING_LATE)
    assert state(account(**filed)) == (State.ZOMBIE, Reason.SILENT), "no date, no shelter"
    assert state(account(blocked_on=date(2026, 9, 1), blocked_why="认证过期", **old)) == (State.BLOCKED, Reason.BLOCKED)
    assert state(account(blocked_on=date(2026, 9, 1), posts=posts(3), spans=(span(),))) == (State.ACTIVE, Reason.POSTED)
    assert state(account(blocked_on=date(2026, 10, 1), **old)) == (State.ZOMBIE, Reason.SILENT)
    assert state(account(checks=(check(1, Said.FROZEN),), **old)) == (State.BLOCKED, Reason.BLOCKED)
    assert state(account(checks=(check(1, Said.NOT_FOUND),), **old)) == (State.UNKNOWN, Reason.NOT_FOUND)
    assert state(account(checks=(check(1, Said.NOT_FOUND),), posts=posts(0.5))) == (State.ACTIVE, Reason.POSTED_PARTIAL)
    gone = {"checks": (check(1, Said.CANCELLED),)}
    assert state(account(**gone, **old)) == (State.UNKNOWN, Reason.CANCELLED_UNFILED)
    assert state(account(closes_on=date(2026, 9, 30), **gone, **filed)) == (State.CLOSED, Reason.CLOSED)


def test_a_closing_without_notice_is_flagged():
    flags = judge(account(closing_filed_on=date(2026, 8, 1), posts=posts(1)), PACK, AT).flags
    assert flags == ("closing_without_notice",)


def test_a_new_name_says_nothing_of_silence():
    found = judge(account(checks=(check(0, Said.RENAMED),)), PACK, AT)
    assert found.state is State.UNKNOWN
    assert "renamed" in found.flags


def test_a_service_account_has_a_state_that_the_rule_does_not_bind():
    pack = replace(PACK, binds="publishing")
    found = judge(account(kind=Kind.SERVICE, posts=posts(40), spans=(span(assumed=True),)), pack, AT)
    assert found.state is State.SLEEPING
    assert set(found.flags) == {"not_bound", "assumed_complete"}
    assert "not_bound" in judge(account(scope=Scope.LISTED), PACK, AT).flags


def test_a_backdated_post_is_flagged_and_still_counts():
    found = judge(account(posts=(PostFact(ago(3), ago(0), backdated=True),)), PACK, AT)
    assert found.state is State.ACTIVE
    assert found.flags == ("backdated",)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (account(platform="app"), (State.UNKNOWN, Reason.NO_SOURCE)),
        (account(platform="app", checks=(check(91),)), (State.UNKNOWN, Reason.STALE)),
        (account(platform="mini_program", checks=(check(1, Said.NOT_FOUND),)), (State.UNKNOWN, Reason.UNUSABLE)),
        (account(platform="app", checks=(replace(check(1), menu=False),)), (State.UNKNOWN, Reason.UNUSABLE)),
        (account(platform="app", checks=(replace(check(1), menu=True),)), (State.ACTIVE, Reason.USABLE)),
    ],
)
def test_apps_are_judged_on_use_not_on_posts(facts: AccountFacts, expected: tuple[State, Reason]):
    assert state(facts) == expected


def test_evidence_weighed_once_serves_as_well():
    facts = account(posts=posts(20), spans=(span(),))
    assert judge(facts, PACK, AT, evidence=weigh(facts, at=AT)) == judge(facts, PACK, AT)


# properties

moments = st.integers(0, 2400).map(lambda n: n / 12)
looks = st.builds(
    lambda when, said, more, proof: check(when, said, newest=when + more if said is Said.NEWEST else None, proof=proof),
    moments,
    st.sampled_from(Said),
    moments,
    st.booleans(),
)
days = st.one_of(st.none(), st.integers(-40, 200).map(lambda n: (AT - timedelta(days=n)).date()))
lives = st.builds(
    lambda shown, spans, checks, seen, opened, closes, partial: account(
        posts=posts(*shown),
        spans=tuple(span(max(s), min(s)) for s in spans),
        checks=tuple(sorted(checks, key=lambda c: c.at)),
        sightings=tuple(sighting(min(s), max(s)) for s in seen),
        opened_on=opened,
        closing_filed_on=closes,
        closing_notice_on=closes,
        closes_on=closes,
        has_partial_source=partial,
    ),
    st.lists(moments, max_size=6),
    st.lists(st.tuples(moments, moments), max_size=3),
    st.lists(looks, max_size=3),
    st.lists(st.tuples(moments, moments), max_size=2),
    days,
    days,
    st.booleans(),
)


@given(lives)
def test_silence_is_never_said_without_a_witness_nor_against_a_post(facts: AccountFacts):
    found = judge(facts, PACK, AT)
    if found.state.is_silence:
        assert found.hands
        assert found.as_of is not None
        assert AT - found.as_of <= timedelta(hours=PACK.grace_hours)
        assert not [p for p in facts.posts if AT - p.at < PACK.line]
        assert not [s for s in facts.sightings if AT - s.posted_at < PACK.line and s.posted_at <= s.at]
    no_witness = judge(replace(facts, spans=(), checks=()), PACK, AT)
    assert not no_witness.state.is_silence


@given(lives)
def test_one_more_post_inside_the_line_always_ends_silence(facts: AccountFacts):
    alive = replace(facts, posts=(*facts.posts, PostFact(ago(0))))
    assert not judge(alive, PACK, AT).state.is_silence


@settings(max_examples=200)
@given(lives, st.floats(0.01, 0.99))
def test_nothing_changes_before_the_moment_to_look_again(facts: AccountFacts, share: float):
    now = judge(facts, PACK, AT)
    until = now.look_again_at or AT + timedelta(days=400)
    assert until > AT
    before = min(AT + (until - AT) * share, until - timedelta.resolution)  # a share of one microsecond is rounded up to it
    then = judge(facts, PACK, before, known_at=AT)
    if not any(p.at > AT for p in facts.posts):
        assert (then.state, then.reason) == (now.state, now.reason)


def test_the_day_of_a_filing_begins_after_its_midnight():
    facts = account(posts=posts(200), spans=(span(),), closed_on=date(2026, 9, 20))
    found = judge(replace(facts, spans=(Span(None, start_of(date(2026, 9, 20)), "x", AT),)), PACK, start_of(date(2026, 9, 20)))
    assert found.state is State.ZOMBIE
    assert found.look_again_at == start_of(date(2026, 9, 20)) + timedelta(microseconds=1)


def test_hours_that_nobody_watched_make_no_silence():
    """The fourteenth day ends at noon of the day of the look; whether something came that morning, a bare day cannot say."""
    line = datetime(2026, 9, 15, 4, tzinfo=UTC)  # noon of September 15
    last = line - timedelta(days=14, seconds=1)
    end = datetime(2026, 9, 15, 16, tzinfo=UTC)
    bare = CheckFact(end, Said.NEWEST, "核查员", newest_at=last, newest_day_precise=False, day_precise=True)
    assert not judge(account(checks=(bare,)), PACK, end).state.is_silence
    with_hour = CheckFact(end, Said.NEWEST, "核查员", newest_at=last, newest_day_precise=False)
    assert judge(account(checks=(with_hour,)), PACK, end).state is State.OVERDUE
    assert judge(account(checks=(bare,)), PACK, end).as_of == datetime(2026, 9, 14, 16, tzinfo=UTC)
