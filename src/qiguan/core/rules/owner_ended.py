"""QG-R-OWNER 主办单位已撤并: the owner organ no longer exists."""

from __future__ import annotations

from datetime import UTC, date, datetime

from qiguan.core.days import day_of
from qiguan.core.facts import AccountFacts
from qiguan.core.pack import Pack
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

_AT = datetime(2020, 2, 29, 16, 0, tzinfo=UTC)

EXAMPLES = (
    Example("the owner exists", AccountFacts(owner="示例市审计局"), _AT, Clear),
    Example(
        "the owner was merged in 2019",
        AccountFacts(owner="示例市卫生和计划生育局", owner_ended_on=date(2019, 3, 1), successor="示例市卫生健康局"),
        _AT,
        Breach,
    ),
    Example("no owner is known", AccountFacts(), _AT, Unknown),
    Example("closed before", AccountFacts(owner="示例市审计局", closed_on=date(2019, 1, 1)), _AT, NotLooked),
)


@rule(
    "QG-R-OWNER",
    title_zh="主办单位已撤并",
    title_en="The owner organ no longer exists",
    basis="国办发〔2018〕123号：主办单位变更须同步备案",
    confidence="A",
    weight=Weight.REGISTRY,
    examples=EXAMPLES,
)
def owner_ended(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """Three acts follow a breach: 变更主办单位, 移交, 注销."""
    today = day_of(moment.at)
    if facts.closed_on is not None and facts.closed_on <= today:
        return NotLooked("账号已关停")
    if not facts.owner:
        return Unknown("登记表没有写主办单位")
    if facts.owner_ended_on is None or facts.owner_ended_on > today:
        return Clear(f"主办单位是{facts.owner}")
    to = f"，职能由{facts.successor}承接" if facts.successor else ""
    return Breach(f"{facts.owner}已于{facts.owner_ended_on:%Y-%m-%d}撤并{to}：请变更主办单位、移交或注销")
