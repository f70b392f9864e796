"""QG-O-NOTICE: closing is filed and told to the public."""

from __future__ import annotations

from datetime import UTC, date, datetime

from qiguan.core.days import day_of, say_day
from qiguan.core.facts import AccountFacts, Scope
from qiguan.core.pack import Pack
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

_AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
_FILED = date(2026, 8, 1)

EXAMPLES = (
    Example("filed and told", AccountFacts(closing_filed_on=_FILED, closing_notice_on=date(2026, 8, 3)), _AT, Clear),
    Example("filed, and no notice", AccountFacts(closing_filed_on=_FILED), _AT, Breach),
    Example("the notice is still to come", AccountFacts(closing_filed_on=_FILED, closing_notice_on=date(2026, 10, 1)), _AT, Breach),
    Example("closed, with no filing here to read the notice from", AccountFacts(closed_on=date(2026, 8, 1)), _AT, Unknown),
    Example("not closing", AccountFacts(), _AT, NotLooked),
    Example("registered only", AccountFacts(scope=Scope.LISTED, closing_filed_on=_FILED), _AT, NotLooked),
)  # fmt: skip


@rule(
    "QG-O-NOTICE",
    title_zh="停更、注销没有向社会公告",
    title_en="Closing was not told to the public",
    basis="国办发〔2018〕123号：关停注销须备案并向社会公告",
    confidence="A",
    weight=Weight.OBLIGATION,
    examples=EXAMPLES,
)
def closed_unannounced(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """Look for the notice's day beside the filing."""
    today = day_of(moment.at)
    filed = facts.closing_filed_on is not None and facts.closing_filed_on <= today
    closed = facts.closed_on is not None and facts.closed_on <= today
    if facts.scope is Scope.LISTED or not (filed or closed):
        return NotLooked("没有停更、注销")
    if facts.closing_notice_on is not None and facts.closing_notice_on <= today:
        return Clear(f"{say_day(facts.closing_notice_on)}已公告")
    return Breach("停更已备案，没有公告日期") if filed else Unknown("已关停，登记册没有写公告日期")
