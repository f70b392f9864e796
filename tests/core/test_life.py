"""Where an account stands in its life, and what no silence rule binds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from qiguan.core.days import end_of
from qiguan.core.evidence import weigh
from qiguan.core.facts import AccountFacts, Kind, Said, Scope
from qiguan.core.life import is_closing, is_filed_to_close, why_blocked, why_not_bound, why_not_there
from qiguan.core.pack import pack_in_force
from tests.core.stories import AT, account, check, posts

PACK = pack_in_force("national", AT)
TODAY = date(2026, 9, 16)


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        (account(scope=Scope.LISTED), "只登记"),
        (account(platform="quick_app"), "能否使用"),
        (account(kind=Kind.SERVICE), "只约束发布类"),
        (account(closed_on=TODAY), "已关停"),
        (account(opened_on=date(2026, 9, 17)), "才开通"),
    ],
)
def test_what_no_silence_rule_binds_says_why(facts: AccountFacts, word: str):
    assert word in why_not_bound(facts, replace(PACK, binds="publishing"), AT)


def test_the_others_are_bound():
    assert why_not_bound(account(kind=Kind.SERVICE, closed_on=date(2026, 9, 17), opened_on=TODAY), PACK, AT) == ""
    assert why_not_bound(account(kind=Kind.BOTH), replace(PACK, binds="publishing"), AT) == ""


def test_a_closing_shelters_until_its_date_and_needs_filing_notice_and_date():
    filed = account(closing_filed_on=date(2026, 9, 1), closing_notice_on=date(2026, 9, 3), closes_on=date(2026, 9, 20))
    assert is_closing(filed, AT)
    assert is_closing(filed, end_of(date(2026, 9, 19)))
    assert not is_closing(filed, end_of(date(2026, 9, 20)))
    assert is_filed_to_close(filed, end_of(date(2026, 9, 20)))
    for part in ("closing_filed_on", "closing_notice_on", "closes_on"):
        assert not is_closing(replace(filed, **{part: None}), AT)
    assert not is_closing(replace(filed, closing_notice_on=date(2026, 9, 18)), AT)


def test_a_newer_post_ends_a_block_and_an_absence():
    def words(facts: AccountFacts) -> tuple[str, str]:
        evidence = weigh(facts, at=AT)
        return why_blocked(facts, evidence), why_not_there(evidence)

    assert words(account(checks=(check(5, Said.FROZEN),)))[0] == "2026-09-11人工核查时已被平台冻结"
    assert words(account(checks=(check(5, Said.FROZEN),), posts=posts(4)))[0] == ""
    assert words(account(blocked_on=TODAY, blocked_why="认证过期"))[0] == "2026-09-16起平台受限：认证过期"
    assert words(account(blocked_on=TODAY))[0] == "2026-09-16起平台受限"
    assert words(account(blocked_on=date(2026, 9, 1), posts=posts(4)))[0] == ""
    assert words(account(checks=(check(5, Said.NOT_FOUND),)))[1] == "2026-09-11人工核查时找不到这个账号"
    assert words(account(checks=(check(5, Said.NOT_FOUND),), posts=posts(4)))[1] == ""
    assert words(account(checks=(check(5, newest=9),))) == ("", "")
