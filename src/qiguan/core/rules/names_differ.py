"""QG-O-NAMES: an owner's accounts bear one name over the platforms, in principle."""

from __future__ import annotations

from datetime import UTC, datetime

from qiguan.core.facts import AccountFacts, RegisterFacts, Sibling
from qiguan.core.life import USABILITY, why_not_checked
from qiguan.core.pack import Pack
from qiguan.core.platforms import PLATFORM_NAMES, name_key
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

_AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


def _beside(*others: Sibling) -> AccountFacts:
    return AccountFacts(register=RegisterFacts(name="示例审计", siblings=others))


EXAMPLES = (
    Example("the same name elsewhere", _beside(Sibling("示例审计", "weibo")), _AT, Clear),
    Example("another name elsewhere", _beside(Sibling("审计之窗", "weibo")), _AT, Breach),
    Example("one name holds the other", _beside(Sibling("示例审计发布", "weibo")), _AT, Unknown),
    Example("one name elsewhere agrees, another does not", _beside(Sibling("示例审计", "weibo"), Sibling("审计之窗", "douyin")), _AT, Breach),
    Example("an app is named for its service", _beside(Sibling("审计通", "app")), _AT, NotLooked),
    Example("the only account", _beside(), _AT, NotLooked),
    Example("the register was not asked", AccountFacts(), _AT, NotLooked),
)  # fmt: skip


@rule(
    "QG-O-NAMES",
    title_zh="不同平台名称不一致",
    title_en="Names differ between platforms",
    basis="国办发〔2018〕123号：不同平台名称原则上一致",
    confidence="C",
    weight=Weight.OBLIGATION,
    examples=EXAMPLES,
)
def names_differ(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """Compare with the owner's accounts on other platforms; a name that holds the other is left to people."""
    away = why_not_checked(facts, moment.at)
    if away or facts.register is None or facts.platform in USABILITY:
        return NotLooked(away or "没有可比的账号")
    mine = name_key(facts.register.name)
    others = [s for s in facts.register.siblings if s.platform not in USABILITY | {facts.platform} and not s.closing]
    if not others:
        return NotLooked("主办单位在其他平台没有账号")
    odd = [s for s in others if name_key(s.name) != mine]
    if not odd:
        return Clear(f"与另外{len(others)}个平台的名称一致")
    apart = [s for s in odd if name_key(s.name) not in mine and mine not in name_key(s.name)]
    named = "、".join(f"{PLATFORM_NAMES.get(s.platform, s.platform)}“{s.name}”" for s in (apart or odd)[:3])
    return Breach(f"与{named}的名称不一致") if apart else Unknown(f"与{named}只差几个字，请人看是否算一致")
