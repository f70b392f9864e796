"""Counting updates in a window, by what a line counts and whom it binds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from qiguan.core.cadence import find_line, last_month, last_week
from qiguan.core.days import day_of
from qiguan.core.facts import AccountFacts, CheckFact, Kind, PostFact, Said
from qiguan.core.inspect import inspect_account
from qiguan.core.pack import LocalLine, Pack, pack_in_force
from qiguan.core.rule import Breach, Clear, NotLooked, Outcome, Unknown
from tests.core.stories import AT, account, ago, posts, span

NATIONAL = pack_in_force("national", AT)
WEEKLY = LocalLine("LOC-WEEKLY", "weekly", "每周一次", "weekly", "地方文件", "B")


def local(facts: AccountFacts, line: LocalLine = WEEKLY, pack: Pack = NATIONAL) -> Outcome:
    return inspect_account(facts, replace(pack, local=(line,)), at=AT)[1][line.code]


def test_a_line_that_counts_pushes_alone_does_not_count_what_was_only_published():
    published = account(posts=(PostFact(ago(4), pushed=False),), spans=(span(),))
    assert isinstance(local(published), Clear)
    assert isinstance(local(published, replace(WEEKLY, counts="push")), Breach)
    assert isinstance(local(account(posts=(PostFact(ago(4), pushed=True),)), replace(WEEKLY, counts="push")), Clear)


def test_a_line_may_bind_publishing_accounts_alone():
    line = replace(WEEKLY, binds="publishing")
    pack = replace(NATIONAL, local=(line,))
    assert isinstance(find_line(pack, "weekly", account(kind=Kind.SERVICE), AT), NotLooked)
    assert find_line(pack, "weekly", account(kind=Kind.BOTH), AT) == line


def test_a_line_about_functions_may_bind_publishing_accounts_alone():
    line = LocalLine("LOC-FUNCTIONS", "functions", "x", "x", "地方文件", "B", binds="publishing")
    broken = (CheckFact(ago(1), Said.NEWEST, "核查员", menu=False, proof=True),)
    assert isinstance(local(account(checks=broken, kind=Kind.PUBLISHING), line), Breach)
    assert isinstance(local(account(checks=broken, kind=Kind.SERVICE), line), NotLooked)


def test_a_line_that_is_over_binds_no_more():
    assert isinstance(local(account(posts=posts(30), spans=(span(),)), replace(WEEKLY, until=date(2026, 9, 1))), NotLooked)


@pytest.mark.parametrize(
    ("at", "first", "last"),
    [
        (datetime(2026, 9, 30, 15, 59, tzinfo=UTC), date(2026, 8, 1), date(2026, 8, 31)),
        (datetime(2026, 9, 30, 16, 0, tzinfo=UTC), date(2026, 9, 1), date(2026, 9, 30)),
        (datetime(2027, 1, 15, tzinfo=UTC), date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_the_last_month_is_the_calendar_month_that_is_over_in_shanghai(at: datetime, first: date, last: date):
    window = last_month(at)
    assert (day_of(window.end), window.start.day) == (last, 1)
    assert window.start.date() == first
    assert window.words == f"{first.month}月1日至{last.month}月{last.day}日"


def test_the_last_week_ends_on_the_sunday_before():
    assert last_week(AT).words == "9月7日至9月13日"


def test_an_account_being_closed_stays_bound_by_the_gap_where_others_are_excused():
    closing = account(
        posts=posts(20), spans=(span(),), closing_filed_on=date(2026, 9, 1), closing_notice_on=date(2026, 9, 1), closes_on=date(2026, 10, 1)
    )  # fmt: skip
    pack = pack_in_force("yangling", AT)
    _, outcomes = inspect_account(closing, pack, at=AT)
    assert isinstance(outcomes["LOC-CLOSEGAP"], Breach)
    assert isinstance(outcomes["GB19-M-V2a"], Clear)
    assert isinstance(outcomes["LOC-ORIGINAL"], NotLooked)


def test_what_a_blocked_account_did_not_post_cannot_be_told():
    assert isinstance(local(account(spans=(span(),), blocked_on=date(2026, 9, 1))), Unknown)
