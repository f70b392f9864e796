"""QG-R-CLOSE 未按期注销: the date announced for cancellation has passed."""

from __future__ import annotations

from datetime import UTC, date, datetime

from qiguan.core.days import day_of
from qiguan.core.facts import AccountFacts
from qiguan.core.pack import Pack
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

_AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
_FILED = date(2026, 8, 1)

EXAMPLES = (
    Example("the date has not come", AccountFacts(closing_filed_on=_FILED, closes_on=date(2026, 10, 1)), _AT, Clear),
    Example("the date has passed", AccountFacts(closing_filed_on=_FILED, closes_on=date(2026, 9, 1)), _AT, Breach),
    Example("filed without a date", AccountFacts(closing_filed_on=date(2026, 8, 1)), _AT, Unknown),
    Example("not closing", AccountFacts(), _AT, NotLooked),
)


@rule(
    "QG-R-CLOSE",
    title_zh="未按期注销",
    title_en="Not cancelled by the announced date",
    basis="国办发〔2018〕123号：关停注销须备案并向社会公告",
    confidence="A",
    weight=Weight.REGISTRY,
    examples=EXAMPLES,
)
def not_cancelled(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """Compare the announced date with the check point."""
    today = day_of(moment.at)
    if facts.closing_filed_on is None or facts.closing_filed_on > today:
        return NotLooked("没有停更备案")
    if facts.closed_on is not None and facts.closed_on <= today:
        return Clear(f"{facts.closed_on:%Y-%m-%d}已注销")
    if facts.closes_on is None:
        return Unknown("备案没有写注销日期")
    return (
        Clear(f"注销日期{facts.closes_on:%Y-%m-%d}未到")
        if today < facts.closes_on
        else Breach(f"公告的注销日期{facts.closes_on:%Y-%m-%d}已过")
    )
