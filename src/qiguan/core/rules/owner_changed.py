"""QG-O-OWNER: the owner changed; was the public told?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from qiguan.core.by_hand import findings_under, say_by_hand
from qiguan.core.days import day_of, say_day
from qiguan.core.facts import AccountFacts, HumanFinding, RegisterFacts
from qiguan.core.life import why_not_checked
from qiguan.core.pack import Pack
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

CODE = "QG-O-OWNER"
_AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
_CHANGED = RegisterFacts(owner_changed_on=date(2026, 9, 1))


def _told(words: str, *, days: float = 3, found: bool = True) -> AccountFacts:
    finding = HumanFinding(CODE, _AT - timedelta(days=days), words, "监管员", proof=True, found=found)
    return AccountFacts(register=_CHANGED, findings=(finding,))


EXAMPLES = (
    Example("changed, and a notice was seen", _told("9月3日公众号有公告", found=False), _AT, Clear),
    Example("changed, and no notice was found", _told("主页和账号都没有公告"), _AT, Breach),
    Example("changed, nobody looked for a notice", AccountFacts(register=_CHANGED), _AT, Unknown),
    Example("a look before the change says nothing", _told("没有公告", days=30), _AT, Unknown),
    Example("the owner did not change", AccountFacts(register=RegisterFacts()), _AT, NotLooked),
    Example("the register was not asked", AccountFacts(), _AT, NotLooked),
)


@rule(
    CODE,
    title_zh="主办单位变化没有向社会公告",
    title_en="The owner changed and the public was not told",
    basis="国办发〔2018〕123号：主办单位变化的，应及时注销或变更账号信息并向社会公告",
    confidence="A",
    weight=Weight.OBLIGATION,
    examples=EXAMPLES,
    by_hand=True,
)
def owner_changed(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """The register knows the change, a person knows the notice."""
    away = why_not_checked(facts, moment.at)
    changed = facts.register.owner_changed_on if facts.register is not None else None
    if away or changed is None or changed > day_of(moment.at):
        return NotLooked(away or "登记册没有主办单位变化")
    since = [f for f in findings_under(CODE, facts, pack, moment, lasting=True) if day_of(f.at) >= changed]
    return say_by_hand(since) or Unknown(f"{say_day(changed)}变更了主办单位，没有人看过有没有公告")
