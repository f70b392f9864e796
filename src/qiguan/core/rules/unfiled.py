"""QG-R-UNFILED 瞒报漏报: an account that runs and was never filed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from qiguan.core.by_hand import findings_under, say_by_hand
from qiguan.core.days import day_of, say_day
from qiguan.core.facts import AccountFacts, HumanFinding, RegisterFacts, Scope
from qiguan.core.pack import Pack
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

CODE = "QG-R-UNFILED"
_AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
_FOUND = HumanFinding(CODE, _AT - timedelta(days=9), "在用而没有备案", "监管员", proof=True)
_FILED = RegisterFacts(filed_on=date(2026, 3, 1))

EXAMPLES = (
    Example("filed in March", AccountFacts(register=_FILED), _AT, Clear),
    Example("found running and unfiled, with a screenshot", AccountFacts(findings=(_FOUND,)), _AT, Breach),
    Example(
        "found unfiled though the register names it: the report upwards is missing",
        AccountFacts(findings=(_FOUND,), register=_FILED),
        _AT,
        Breach,
    ),
    Example(
        "filed after it was found",
        AccountFacts(findings=(_FOUND,), register=RegisterFacts(filed_on=date(2026, 9, 14))),
        _AT,
        Clear,
    ),
    Example("no filing is known of it", AccountFacts(register=RegisterFacts()), _AT, Unknown),
    Example("the register was not asked", AccountFacts(), _AT, NotLooked),
    Example("registered only", AccountFacts(scope=Scope.LISTED, register=RegisterFacts()), _AT, NotLooked),
)


@rule(
    CODE,
    title_zh="瞒报漏报，未备案",
    title_en="Not filed",
    basis="国办发〔2018〕123号：分级备案；各地通报：瞒报漏报",
    confidence="A",
    weight=Weight.REGISTRY,
    examples=EXAMPLES,
    by_hand=True,
)
def unfiled(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """A finding by hand stands until a filing or a return names the account after it."""
    if facts.scope is Scope.LISTED:
        return NotLooked("只登记，不在检查范围")
    filed = facts.register.filed_on if facts.register is not None else None
    since = [f for f in findings_under(CODE, facts, pack, moment, lasting=True) if filed is None or day_of(f.at) >= filed]
    by_hand = say_by_hand(since)
    if by_hand is not None:
        return by_hand
    if facts.register is None:
        return NotLooked("没有对照登记册")
    if filed is None or filed > day_of(moment.at):
        return Unknown("登记册里没有它的备案或报送记录，请补")
    return Clear(f"{say_day(filed)}已备案或报送")
