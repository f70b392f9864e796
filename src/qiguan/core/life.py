"""Where an account stands in its life at a day: registered only, closed, closing, blocked; what no silence rule binds."""

from __future__ import annotations

from datetime import datetime

from qiguan.core.days import day_of
from qiguan.core.evidence import Evidence
from qiguan.core.facts import AccountFacts, Kind, Said, Scope
from qiguan.core.pack import Pack

USABILITY = frozenset({"app", "mini_program", "quick_app"})  # judged on whether they can be used, not on posts


def why_not_checked(facts: AccountFacts, at: datetime) -> str:
    """Say why no rule at all asks about the account's conduct at `at`: registered only, or closed; "" where rules do."""
    if facts.scope is Scope.LISTED:
        return "只登记，不在检查范围"
    if facts.closed_on is not None and facts.closed_on <= day_of(at):
        return "监测时间点前已关停"
    return ""


def why_not_bound(facts: AccountFacts, pack: Pack, at: datetime) -> str:
    """Say why no rule of silence binds the account at `at`; "" where it does."""
    today = day_of(at)
    if facts.scope is Scope.LISTED:
        return "只登记，不在检查范围"
    if facts.platform in USABILITY:
        return "移动客户端和小程序看能否使用"
    if pack.binds == "publishing" and facts.kind is Kind.SERVICE:
        return "规则包只约束发布类账号"
    if facts.closed_on is not None and facts.closed_on <= today:
        return "监测时间点前已关停"
    if facts.opened_on is not None and facts.opened_on > today:
        return "监测时间点后才开通"
    return ""


def is_filed_to_close(facts: AccountFacts, at: datetime) -> bool:
    """Say whether a closing was filed, told to the public and dated: the date itself may have passed."""
    filed, told, today = facts.closing_filed_on, facts.closing_notice_on, day_of(at)
    return filed is not None and told is not None and facts.closes_on is not None and max(filed, told) <= today


def is_closing(facts: AccountFacts, at: datetime) -> bool:
    """Say whether the account may be silent because it is being closed in due form and its date has not come."""
    return is_filed_to_close(facts, at) and facts.closes_on is not None and day_of(at) < facts.closes_on


def why_blocked(facts: AccountFacts, evidence: Evidence) -> str:
    """Say since when the platform keeps the account from posting; "" where it does not. A newer post ends a block."""
    last, check = evidence.last_post_at, evidence.last_check
    if check is not None and check.said is Said.FROZEN and not (last is not None and last > check.at):
        return f"{day_of(check.at):%Y-%m-%d}人工核查时已被平台冻结"
    if facts.blocked_on is None or facts.blocked_on > day_of(evidence.at):
        return ""
    if last is not None and day_of(last) > facts.blocked_on:
        return ""
    return f"{facts.blocked_on:%Y-%m-%d}起平台受限" + (f"：{facts.blocked_why}" if facts.blocked_why else "")


def why_not_there(evidence: Evidence) -> str:
    """Say that a person could not find the account, or found it cancelled; "" where it was found since."""
    last, check = evidence.last_post_at, evidence.last_check
    if check is None or (last is not None and last > check.at):
        return ""
    words = {Said.NOT_FOUND: "找不到这个账号", Said.CANCELLED: "已经注销"}.get(check.said)
    return f"{day_of(check.at):%Y-%m-%d}人工核查时{words}" if words else ""
