"""GB19-M-V2a 内容不更新: no update in the two weeks before the check point."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from qiguan.core.days import say, say_at, start_of
from qiguan.core.evidence import BEGINNING, Evidence
from qiguan.core.facts import AccountFacts, CheckFact, PostFact, Said, Scope, Span
from qiguan.core.life import is_closing, why_blocked, why_not_bound, why_not_there
from qiguan.core.pack import Pack
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

_AT = datetime(2020, 2, 29, 16, 0, tzinfo=UTC)
_OLD = PostFact(datetime(2016, 12, 16, 2, 0, tzinfo=UTC))
_FULL = Span(None, _AT, "完整来源", _AT)

EXAMPLES = (
    Example("a post nine days before", AccountFacts(posts=(PostFact(_AT - timedelta(days=9)),)), _AT, Clear),
    Example("a partial source that shows nothing new", AccountFacts(posts=(_OLD,), has_partial_source=True), _AT, Unknown),
    Example("13 posts, the last in 2016, a complete source", AccountFacts(posts=(_OLD,), spans=(_FULL,)), _AT, Breach),
    Example(
        "a person saw no post ever",
        AccountFacts(checks=(CheckFact(_AT + timedelta(hours=9), Said.NEVER, "核查员"),)),
        _AT,
        Breach,
        known_at=_AT + timedelta(days=1),
    ),
    Example("registered only", AccountFacts(scope=Scope.LISTED), _AT, NotLooked),
)


@rule(
    "GB19-M-V2a",
    title_zh="监测时间点前2周内无更新",
    title_en="No update in the two weeks before the check point",
    basis="国办秘函〔2019〕19号，单项否决：内容不更新",
    confidence="A",
    weight=Weight.VETO,
    examples=EXAMPLES,
)
def no_update(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """Breach only where a complete source or a person vouches for the whole window; any hand's post clears it."""
    away = why_not_bound(facts, pack, moment.at)
    if away:
        return NotLooked(away)
    evidence = moment.weigh(facts, pack)
    last = evidence.last_post_at
    if last is not None and not pack.is_over(moment.at - last):
        return Clear(f"{say(last)}有更新" + ("（有倒填的内容，待核实）" if evidence.backdated else ""))
    if facts.opened_on is not None and not pack.is_over(moment.at - start_of(facts.opened_on)):
        return Clear(f"{facts.opened_on:%Y-%m-%d}开通，还不满{pack.days}天")
    if is_closing(facts, moment.at):
        return Clear("已备案停更并公告，注销日期未到")
    blocked = why_blocked(facts, evidence)
    if blocked:
        return Unknown(f"{blocked}，发不了内容，先办恢复")
    gone = why_not_there(evidence)
    if gone:
        return Unknown(f"{gone}，先核对账号")
    return _by_witness(evidence, pack, moment.at, looked=bool(facts.checks))


def _by_witness(evidence: Evidence, pack: Pack, at: datetime, *, looked: bool) -> Outcome:
    """Who vouches for the window up to the check point?"""
    since, last = evidence.covered_from(at), evidence.last_post_at
    if since is None:
        until = evidence.as_of
        if evidence.dispute is not None:
            return Unknown("几方说法不一：" + evidence.dispute.said)
        if until is not None:
            return Unknown(f"只看清到{say_at(until)}，没有到监测时间点")
        return Unknown(
            "没有完整来源，人工核查没有看清监测时间点以前，请再看一次，补记那以前最近一篇是哪天"
            if looked
            else "没有完整来源，也没有人工核查"
        )
    if not pack.is_over(at - since) and (last is None or since > last):
        return Unknown(f"{say(since)}才开始看清，不满{pack.days}天")
    if evidence.doubt is not None:
        return Unknown("几方说法不一：" + evidence.doubt.said)
    hands = "、".join(dict.fromkeys(v.hand for v in evidence.hands if v.until >= at))
    if last is None:
        return Breach(f"{hands}：{'从未发布' if since == BEGINNING else f'{say(since)}起没有内容'}")
    return Breach(
        f"{hands}：最近更新{say_at(last, day_precise=evidence.last_post_day_precise)}，至监测时间点{(at - last).days}天"
    )
