"""QG-R-DOUBLE 同平台重复开户: one unit, one platform, one account, in principle."""

from __future__ import annotations

from datetime import UTC, datetime

from qiguan.core.facts import AccountFacts, RegisterFacts, Sibling
from qiguan.core.life import why_not_checked
from qiguan.core.pack import Pack
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

_AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


def _with(*siblings: Sibling, platform: str = "wechat_mp", owner: str = "示例市审计局") -> AccountFacts:
    return AccountFacts(platform=platform, owner=owner, register=RegisterFacts(siblings=siblings))


EXAMPLES = (
    Example("the only one on its platform", _with(Sibling("示例审计", "weibo")), _AT, Clear),
    Example("a second one on the platform", _with(Sibling("示例审计服务", "wechat_mp")), _AT, Breach),
    Example("the other is being closed", _with(Sibling("示例审计服务", "wechat_mp", closing=True)), _AT, Clear),
    Example("no owner is known", _with(owner=""), _AT, Unknown),
    Example("the platform has no name here", _with(platform="other"), _AT, NotLooked),
    Example("the register was not asked", AccountFacts(), _AT, NotLooked),
)


@rule(
    "QG-R-DOUBLE",
    title_zh="同平台重复开户",
    title_en="More than one account of a unit on a platform",
    basis="国办发〔2018〕123号：一个单位原则上在同一平台只开设一个账号",
    confidence="A",
    weight=Weight.REGISTRY,
    examples=EXAMPLES,
)
def duplicate(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """Count the owner's other accounts on the same platform that are not closed nor being closed."""
    away = why_not_checked(facts, moment.at)
    if away or facts.register is None:
        return NotLooked(away or "没有对照登记册")
    if facts.platform == "other":
        return NotLooked("平台未列名，不能比对")
    if not facts.owner:
        return Unknown("登记表没有写主办单位")
    others = [s.name for s in facts.register.siblings if s.platform == facts.platform and not s.closing]
    if not others:
        return Clear(f"{facts.owner}在这个平台只有这一个账号")
    more = "等" if len(others) > 3 else ""
    return Breach(f"{facts.owner}在同一平台另有{len(others)}个账号：{'、'.join(others[:3])}{more}（原则上只开设一个）")
