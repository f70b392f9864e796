"""GB19-M-V2a 内容不更新: no update in the two weeks before the check point."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from qiguan.core.evidence import BEGINNING, Evidence, weigh
from qiguan.core.facts import AccountFacts, CheckFact, Kind, PostFact, Said, Scope, Span
from qiguan.core.pack import Pack
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule
from qiguan.core.written_dates import SHANGHAI

_AT = datetime(2020, 2, 29, 16, 0, tzinfo=UTC)
_OLD = PostFact(datetime(2016, 12, 16, 2, 0, tzinfo=UTC))
_FULL = Span(None, _AT, "完整来源", _AT)
_USABILITY = frozenset({"app", "mini_program", "quick_app"})

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
    away = _not_bound(facts, pack, moment.at)
    if away is not None:
        return away
    evidence = weigh(facts, at=moment.at, counts=pack.counts, known_at=moment.known_at)
    last = evidence.last_post_at
    if last is not None and not pack.is_over(moment.at - last):
        return Clear(f"{_say(last)}有更新")
    if facts.opened_on is not None and not pack.is_over(moment.at - _start_of(facts.opened_on)):
        return Clear(f"{facts.opened_on:%Y-%m-%d}开通，还不满{pack.days}天")
    if _is_closing(facts, moment.at):
        return Clear("已备案停更并公告，注销日期未到")
    if facts.blocked_on is not None and facts.blocked_on <= _day(moment.at):
        return Unknown("平台受限期间发不了内容，先办恢复")
    return _by_witness(evidence, pack, moment.at)


def _by_witness(evidence: Evidence, pack: Pack, at: datetime) -> Outcome:
    """Who vouches for the window up to the check point?"""
    since, last = evidence.covered_from(at), evidence.last_post_at
    start = at - pack.line
    if since is None:
        until = evidence.as_of
        return Unknown("没有完整来源，也没有人工核查" if until is None else f"只看清到{_say(until)}，没有到监测时间点")
    if since <= start or (last is not None and since <= last):
        if evidence.contradictions:
            return Unknown("几方说法不一：" + evidence.contradictions[-1].said)
        hands = "、".join(dict.fromkeys(v.hand for v in evidence.hands if v.until >= at))
        if last is None:
            return Breach(f"{hands}：{'从未发布' if since == BEGINNING else f'{_say(since)}起没有内容'}")
        return Breach(f"{hands}：最近更新{_say(last)}，至监测时间点{(at - last).days}天")
    return Unknown(f"{_say(since)}才开始看清，不满{pack.days}天")


def _not_bound(facts: AccountFacts, pack: Pack, at: datetime) -> NotLooked | None:
    if facts.scope is Scope.LISTED:
        return NotLooked("只登记，不在检查范围")
    if facts.platform in _USABILITY:
        return NotLooked("移动客户端和小程序看能否使用")
    if pack.binds == "publishing" and facts.kind is Kind.SERVICE:
        return NotLooked("规则包只约束发布类账号")
    if facts.closed_on is not None and facts.closed_on <= _day(at):
        return NotLooked("监测时间点前已关停")
    if facts.opened_on is not None and facts.opened_on > _day(at):
        return NotLooked("监测时间点后才开通")
    return None


def _is_closing(facts: AccountFacts, at: datetime) -> bool:
    filed, told, ends = facts.closing_filed_on, facts.closing_notice_on, facts.closes_on
    return filed is not None and told is not None and ends is not None and max(filed, told) <= _day(at) < ends


def _start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def _day(moment: datetime) -> date:
    return (moment - timedelta(microseconds=1)).astimezone(SHANGHAI).date()


def _say(moment: datetime) -> str:
    return f"{_day(moment):%Y-%m-%d}"
