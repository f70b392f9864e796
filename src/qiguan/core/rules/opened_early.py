"""QG-R-EARLY 未批先开: content, or an opening day, before the opening was approved."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from qiguan.core.days import day_of, say, say_day, start_of
from qiguan.core.evidence import BEGINNING
from qiguan.core.facts import AccountFacts, PostFact, RegisterFacts, Scope, Span
from qiguan.core.pack import Pack
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

_AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
_APPROVED = RegisterFacts(opening_approved_on=date(2026, 9, 1))
_ALL = Span(None, _AT, "完整来源", _AT)


def _posted(days: float, *, backdated: bool = False) -> tuple[PostFact, ...]:
    return (PostFact(_AT - timedelta(days=days), backdated=backdated),)


EXAMPLES = (
    Example("first post after the approval", AccountFacts(register=_APPROVED, posts=_posted(3), spans=(_ALL,)), _AT, Clear),
    Example("a post two weeks before the approval", AccountFacts(register=_APPROVED, posts=_posted(29)), _AT, Breach),
    Example("opened before the approval", AccountFacts(register=_APPROVED, opened_on=date(2026, 8, 1)), _AT, Breach),
    Example("the time before the approval was not seen", AccountFacts(register=_APPROVED, posts=_posted(3)), _AT, Unknown),
    Example("an early date that was written later", AccountFacts(register=_APPROVED, posts=_posted(29, backdated=True)), _AT, Unknown),
    Example("re-opened: the life before does not count", AccountFacts(register=_APPROVED, closed_on=date(2026, 1, 1)), _AT, NotLooked),
    Example("no opening was approved in this system", AccountFacts(register=RegisterFacts()), _AT, NotLooked),
    Example("registered only", AccountFacts(scope=Scope.LISTED, register=_APPROVED), _AT, NotLooked),
)  # fmt: skip


@rule(
    "QG-R-EARLY",
    title_zh="未批先开",
    title_en="Opened before it was approved",
    basis="国办发〔2018〕123号：开设应向主管单位备案；各地通报：未批先开",
    confidence="A",
    weight=Weight.REGISTRY,
    examples=EXAMPLES,
)
def opened_early(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """Compare the approval's day with the oldest post known and with the opening day of the register."""
    if facts.scope is Scope.LISTED:
        return NotLooked("只登记，不在检查范围")
    approved = facts.register.opening_approved_on if facts.register is not None else None
    if approved is None or approved > day_of(moment.at):
        return NotLooked("没有本系统里批准的开设申请")
    if facts.closed_on is not None and facts.closed_on <= approved:
        return NotLooked("关停后批准重开，以前的内容不算")
    if facts.opened_on is not None and facts.opened_on < approved:
        return Breach(f"登记的开通日期{say_day(facts.opened_on)}，{say_day(approved)}才同意开设")
    early = [p for p in facts.posts if day_of(p.at) < approved and (p.first_seen_at or p.at) <= moment.known_at]
    sure = [p for p in early if not p.backdated]
    if sure:
        return Breach(f"{say(sure[0].at)}已有内容，{say_day(approved)}才同意开设")
    if early:
        return Unknown(f"有标注{say(early[0].at)}的内容，疑似倒填，请核实")
    since = moment.weigh(facts, pack).covered_from(start_of(approved))
    return Clear(f"{say_day(approved)}同意开设，此前没有内容") if since == BEGINNING else Unknown("同意开设以前的时段没有看清")
