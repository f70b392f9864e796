"""GB19-M-V2b: an app cannot be downloaded or used."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from qiguan.core.days import say
from qiguan.core.facts import AccountFacts, CheckFact, Said
from qiguan.core.life import USABILITY, why_not_checked
from qiguan.core.pack import Pack
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

_AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


def _app(said: Said, *, menu: bool | None, proof: bool = True) -> AccountFacts:
    return AccountFacts(platform="app", checks=(CheckFact(_AT - timedelta(days=1), said, "核查员", menu=menu, proof=proof),))


EXAMPLES = (
    Example("opened and used yesterday", _app(Said.NEWEST, menu=True), _AT, Clear),
    Example("not found in any store, with a screenshot", _app(Said.NOT_FOUND, menu=None), _AT, Breach),
    Example("not found, without proof", _app(Said.NOT_FOUND, menu=None, proof=False), _AT, Unknown),
    Example("nobody looked", AccountFacts(platform="app"), _AT, NotLooked),
    Example("closed before", AccountFacts(platform="app", closed_on=date(2026, 9, 1)), _AT, NotLooked),
    Example("not an app", AccountFacts(platform="weibo"), _AT, NotLooked),
)


@rule(
    "GB19-M-V2b",
    title_zh="移动客户端（APP）无法下载或使用",
    title_en="The app cannot be downloaded or used",
    basis="国办秘函〔2019〕19号，单项否决：内容不更新",
    confidence="E",
    weight=Weight.VETO,
    examples=EXAMPLES,
    version=2,  # 2: a closed app is not asked; when it was tried is named
)
def app_unusable(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """A person tried, not longer ago than the pack's usability days; a breach needs proof."""
    if facts.platform not in USABILITY:
        return NotLooked("只适用于移动客户端和小程序")
    away = why_not_checked(facts, moment.at)
    if away:
        return NotLooked(away)
    since = moment.at - timedelta(days=pack.usability_days)
    tried = [c for c in facts.checks if since <= c.at <= moment.known_at]
    if not tried:
        return NotLooked("没有人试用过")
    last = tried[-1]
    who = f"{say(last.at)}{last.hand}"
    if last.said is Said.NOT_FOUND or last.menu is False:
        if not last.proof:
            return Unknown(f"{who}说无法下载或使用，还没有截图为证")
        return Breach(f"{who}核查时无法下载或使用，有截图")
    return Clear(f"{who}核查时可以使用") if last.menu else Unknown(f"{who}找到了，没有试用功能")
