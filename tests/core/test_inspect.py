"""Every rule asked about one account; the two-week verdict at a check point."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given

from qiguan.core.activity import judge
from qiguan.core.evidence import weigh
from qiguan.core.facts import AccountFacts, PostFact, Said, Scope, Span, State
from qiguan.core.inspect import inspect_account
from qiguan.core.pack import Pack, pack_in_force
from qiguan.core.rule import Breach, Clear, NotLooked, Outcome, Unknown
from qiguan.core.verdict import Word
from tests.core.stories import AT, account, ago, check, posts, sighting, span
from tests.core.test_activity import lives

PACK = pack_in_force("national", AT)
LATER = AT + timedelta(days=3)


def v2a(facts: AccountFacts, pack: Pack = PACK, known: float = 0) -> Outcome:
    return inspect_account(facts, pack, at=AT, known_at=ago(-known))[1]["GB19-M-V2a"]


@pytest.mark.parametrize(
    "facts",
    [
        account(posts=posts(5), has_partial_source=True),
        account(sightings=(sighting(0, 13),)),
        account(checks=(check(0, newest=13),)),
        account(posts=posts(3), checks=(check(0, Said.NEVER),)),
        account(posts=posts(20), spans=(span(),), checks=(check(0, newest=6),)),
        account(posts=posts(20), spans=(span(),), sightings=(sighting(0, 6),)),
        account(opened_on=(AT - timedelta(days=9)).date(), spans=(span(),)),
        account(posts=(PostFact(ago(5), ago(0), backdated=True),)),
    ],
)
def test_any_hands_post_in_the_window_clears(facts: AccountFacts):
    assert isinstance(v2a(facts), Clear)


@pytest.mark.parametrize(
    "facts",
    [
        account(posts=posts(20), spans=(span(),)),
        account(posts=posts(14), spans=(span(),)),
        account(posts=posts(300), spans=(span(14),)),
        account(posts=posts(300), spans=(span(30, 9), span(9, 4), span(6, 0))),
        account(checks=(check(0, newest=20),)),
        account(checks=(check(0, Said.NEVER),)),
        account(posts=posts(20), spans=(span(None, 5),), checks=(check(0, newest=20),)),
        account(checks=(check(6, newest=40),), spans=(span(7),)),
    ],
)
def test_a_breach_needs_the_whole_window_watched_to_the_check_point(facts: AccountFacts):
    assert isinstance(v2a(facts), Breach)


@pytest.mark.parametrize(
    "facts",
    [
        account(),
        account(posts=posts(300), has_partial_source=True),
        account(posts=posts(20), spans=(span(None, 0.01),)),
        account(posts=posts(300), spans=(span(13),)),
        account(posts=posts(300), spans=(span(30, 9), span(8, 0))),
        account(checks=(check(1, newest=40),)),
        account(posts=posts(37), checks=(check(0, newest=45),)),
        account(posts=posts(37), spans=(span(),), sightings=(sighting(0, 20),)),
        account(checks=(check(1, newest=40), check(0, newest=70))),
        account(posts=posts(40), spans=(span(),), blocked_on=date(2026, 9, 1)),
        account(posts=posts(40), spans=(span(),), checks=(check(0, Said.NOT_FOUND),)),
        account(posts=posts(40), spans=(span(),), checks=(check(0, Said.FROZEN),)),
    ],
)
def test_short_of_that_it_cannot_be_told(facts: AccountFacts):
    assert isinstance(v2a(facts), Unknown)


def test_a_source_read_after_the_check_point_may_speak_about_it():
    facts = account(posts=posts(20), spans=(Span(ago(40), LATER, "feed", LATER),))
    assert isinstance(v2a(facts), Unknown)
    assert isinstance(v2a(facts, known=3), Breach)


def test_a_check_after_the_check_point_speaks_about_the_window_only_where_its_newest_is_older():
    assert isinstance(v2a(account(checks=(check(-3, newest=20),)), known=3), Breach)
    assert isinstance(v2a(account(checks=(check(-3, Said.NEVER),)), known=3), Breach)
    later = v2a(account(checks=(check(-3, newest=-1),)), known=3)
    assert later == Unknown("没有完整来源，人工核查没有看清监测时间点以前，请再看一次，补记那以前最近一篇是哪天")
    assert v2a(account(), known=3) == Unknown("没有完整来源，也没有人工核查")
    assert isinstance(v2a(account(checks=(check(-3, newest=2),)), known=3), Clear)


def test_an_exclusive_boundary_needs_more_than_the_fourteenth_day():
    pack = replace(PACK, inclusive=False)
    assert isinstance(v2a(account(posts=posts(14), spans=(span(),)), pack), Clear)
    assert isinstance(v2a(account(posts=posts(300), spans=(span(14),)), pack), Unknown)
    assert isinstance(v2a(account(posts=posts(14.1), spans=(span(),)), pack), Breach)


def test_the_words_of_an_outcome_carry_hand_date_and_figure():
    assert v2a(account(posts=posts(20), spans=(span(),))).because == "官方统计：最近更新2026年8月27日10:00，至监测时间点20天"
    assert v2a(account(spans=(span(),))).because == "官方统计：从未发布"
    assert "起没有内容" in v2a(account(spans=(span(20),))).because
    assert "没有到监测时间点" in v2a(account(posts=posts(20), spans=(span(None, 1),))).because
    assert "倒填" in v2a(account(posts=(PostFact(ago(5), ago(0), backdated=True),))).because


def test_a_registered_only_account_gets_no_word():
    verdict, _ = inspect_account(account(scope=Scope.LISTED, posts=posts(300), spans=(span(),)), PACK, at=AT)
    assert verdict.word is None
    assert "GB19-M-V2a" in verdict.not_looked


def test_a_closing_account_is_not_called_silent_before_its_date_and_breaches_after_it():
    filed = account(posts=posts(60), spans=(span(),), closing_filed_on=date(2026, 8, 1), closing_notice_on=date(2026, 8, 3))
    for ends, silence, close in ((date(2026, 9, 30), Clear, Clear), (date(2026, 9, 10), Breach, Breach)):
        _, outcomes = inspect_account(replace(filed, closes_on=ends), PACK, at=AT)
        assert type(outcomes["GB19-M-V2a"]) is silence
        assert type(outcomes["QG-R-CLOSE"]) is close


# local lines: 2026-09-16 is a Wednesday; the last whole week is September 7 to 13, 2.4 to 9.4 days before


def local(name: str, code: str, facts: AccountFacts) -> Outcome:
    return inspect_account(facts, pack_in_force(name, AT), at=AT)[1][code]


def test_a_week_is_monday_to_sunday_and_must_be_over():
    assert isinstance(local("gansu", "LOC-WEEKLY", account(posts=posts(9), spans=(span(),))), Clear)
    assert isinstance(local("gansu", "LOC-WEEKLY", account(posts=posts(10, 1), spans=(span(),))), Breach)


def test_n_a_week_counts_posts_of_sources_and_days_of_people():
    assert isinstance(local("xiayi", "LOC-NWEEK", account(posts=posts(4, 4.1, 4.2))), Clear)
    two = account(posts=posts(4, 5), spans=(span(),), sightings=(sighting(3, 4),))
    assert isinstance(local("xiayi", "LOC-NWEEK", two), Breach), "one post seen twice is not two"
    unseen = account(posts=(*posts(4, 5), PostFact(ago(3), ago(-1))), spans=(span(),))
    assert isinstance(local("xiayi", "LOC-NWEEK", unseen), Breach)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (account(opened_on=date(2026, 9, 9)), NotLooked),
        (account(opened_on=date(2026, 9, 1), spans=(span(),)), Breach),
        (account(platform="app"), NotLooked),
        (account(scope=Scope.LISTED), NotLooked),
        (account(blocked_on=date(2026, 9, 1), spans=(span(),)), Unknown),
        (account(checks=(check(1, Said.NOT_FOUND),)), Unknown),
        (account(checks=(check(1, newest=40), check(0, newest=70))), Unknown),
        (
            account(closing_filed_on=date(2026, 9, 1), closing_notice_on=date(2026, 9, 1), closes_on=date(2026, 9, 30)),
            NotLooked,
        ),
    ],
)
def test_a_local_line_spares_whom_the_national_one_spares(facts: AccountFacts, expected: type[Outcome]):
    assert type(local("gansu", "LOC-WEEKLY", facts)) is expected


def test_a_local_breach_never_touches_the_national_word():
    verdict, outcomes = inspect_account(account(posts=posts(11), spans=(span(),)), pack_in_force("minhou", AT), at=AT)
    assert isinstance(outcomes["LOC-DAYS"], Breach)
    assert "闽侯" in outcomes["LOC-DAYS"].because
    assert verdict.word is Word.PASS


def test_apps_and_message_boxes_are_judged_by_a_look_that_is_not_too_old():
    app = account(platform="app", checks=(check(1),))
    assert isinstance(inspect_account(app, PACK, at=AT)[1]["GB19-M-V2b"], Unknown)
    broken = replace(app, checks=(replace(check(1, proof=True), menu=False),))
    assert isinstance(inspect_account(broken, PACK, at=AT)[1]["GB19-M-V2b"], Breach)
    old = account(checks=(replace(check(91, newest=92), message_box=True),))
    assert isinstance(inspect_account(old, PACK, at=AT)[1]["GB19-M-V3a"], NotLooked)
    listed = account(scope=Scope.LISTED, checks=(replace(check(1), message_box=True),))
    assert isinstance(inspect_account(listed, PACK, at=AT)[1]["GB19-M-V3a"], NotLooked)


def test_a_finished_closing_is_clear_and_an_owner_without_successor_is_still_named():
    done = account(closing_filed_on=date(2026, 8, 1), closed_on=date(2026, 9, 1))
    assert isinstance(inspect_account(done, PACK, at=AT)[1]["QG-R-CLOSE"], Clear)
    ended = account(owner_ended_on=date(2026, 9, 1))
    assert "由" not in inspect_account(ended, PACK, at=AT)[1]["QG-R-OWNER"].because.split("：")[0]


@given(lives)
def test_no_verdict_of_silence_without_a_watched_window(facts: AccountFacts):
    evidence = weigh(facts, at=AT)
    outcome = inspect_account(facts, PACK, at=AT, evidence=evidence)[1]["GB19-M-V2a"]
    assert outcome == v2a(facts)
    if isinstance(outcome, Breach):
        since = evidence.covered_from(AT)
        assert since is not None
        assert since <= max(AT - PACK.line, evidence.last_post_at or AT - PACK.line)
        assert not [p for p in evidence.posts if p > AT - PACK.line]


@pytest.mark.parametrize(("before", "outcome", "gap"), [(1, Clear, 1), (40, Breach, 40)])
def test_what_came_after_the_check_point_neither_excuses_nor_accuses(before: int, outcome: type, gap: int):
    """A daily account is in order, one that fell silent before and revived after is not: the silence before the point counts."""
    look = replace(check(-3, newest=-3), point=AT, before_said=Said.NEWEST, before_at=ago(before))
    facts = account(checks=(look,))
    assert isinstance(v2a(facts, known=3), outcome)
    rhythm = judge(facts, PACK, AT, known_at=LATER).rhythm
    assert rhythm.longest_gap_days == gap


def test_who_did_not_say_what_was_before_the_check_point_leaves_it_open_with_the_next_step():
    facts = account(checks=(replace(check(-3, newest=-3), point=AT),))
    told = v2a(facts, known=3)
    assert isinstance(told, Unknown)
    assert "补记那以前最近一篇是哪天" in told.because
    standing = judge(facts, PACK, AT, known_at=LATER)
    assert (standing.state, standing.next_step, standing.rhythm.longest_gap_days) == (State.UNKNOWN, "派人核查", None)
    assert "没有看清" in standing.because
