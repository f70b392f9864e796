"""QG-R-NAME 随意改名: the account bears another name than the one filed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from qiguan.core.days import say
from qiguan.core.facts import AccountFacts, CheckFact, RegisterFacts, Said, SourceName
from qiguan.core.life import why_not_checked
from qiguan.core.pack import Pack
from qiguan.core.platforms import name_key
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

_AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
_REGISTER = RegisterFacts(name="示例审计")


def _seen(new_name: str, *, proof: bool = True, register: RegisterFacts = _REGISTER) -> AccountFacts:
    said = Said.RENAMED if new_name else Said.NEWEST
    check = CheckFact(_AT - timedelta(days=1), said, "核查员", proof=proof, new_name=new_name)
    return AccountFacts(checks=(check,), register=register)


EXAMPLES = (
    Example("found under its name", _seen(""), _AT, Clear),
    Example("found under another name, with a screenshot", _seen("示例生活"), _AT, Breach),
    Example("the same without proof", _seen("示例生活", proof=False), _AT, Unknown),
    Example("the register has the new name by now", _seen("示例 审计"), _AT, Clear),
    Example(
        "the change is filed and waits",
        _seen("示例生活", register=RegisterFacts("示例审计", names_filed=("示例生活",))),
        _AT,
        Clear,
    ),
    Example(
        "a source alone says another name",
        AccountFacts(register=RegisterFacts("示例审计", source_names=(SourceName("网站列表", "示例生活"),))),
        _AT,
        Unknown,
    ),
    Example("nobody looked", AccountFacts(register=_REGISTER), _AT, NotLooked),
    Example("the register was not asked", AccountFacts(), _AT, NotLooked),
)


@rule(
    "QG-R-NAME",
    title_zh="随意改名，未办变更备案",
    title_en="Renamed without a filing",
    basis="国办发〔2018〕123号：变更应向主管单位备案；各地通报：随意改名",
    confidence="A",
    weight=Weight.REGISTRY,
    examples=EXAMPLES,
)
def renamed(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """What the last person found, against the register's name and the names filed; a source alone may mean its own title."""
    away = why_not_checked(facts, moment.at)
    if away or facts.register is None:
        return NotLooked(away or "没有对照登记册")
    known = {name_key(name) for name in (facts.register.name, *facts.register.names_filed)}
    found = [c for c in facts.checks if c.at <= moment.known_at and c.said in {Said.NEWEST, Said.NEVER, Said.RENAMED}]
    last = found[-1] if found else None
    if last is not None and last.said is Said.RENAMED and name_key(last.new_name) not in known:
        words = f"{say(last.at)}{last.hand}看到现名“{last.new_name}”，登记的是“{facts.register.name}”"
        return Breach(f"{words}，没有变更备案") if last.proof else Unknown(f"{words}，还没有截图为证")
    other = next((s for s in facts.register.source_names if name_key(s.name) not in known), None)
    if other is not None:
        return Unknown(f"{other.hand}显示名称是“{other.name}”，登记的是“{facts.register.name}”，请核对")
    return NotLooked("没有人核对过名称") if last is None else Clear(f"{say(last.at)}{last.hand}核查时名称与登记一致")
