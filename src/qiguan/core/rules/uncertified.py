"""QG-R-CERT 未官方认证: the platform's certification is missing, or does not name the owner."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from qiguan.core.by_hand import findings_under, say_by_hand
from qiguan.core.facts import AccountFacts, HumanFinding, RegisterFacts
from qiguan.core.life import USABILITY, why_not_checked
from qiguan.core.pack import Pack
from qiguan.core.platforms import name_key
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

CODE = "QG-R-CERT"
_AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
_NONE = frozenset({"无", "未认证", "没有认证", "个人", "未官方认证"})  # what a register writes for "none"


def _subject(subject: str, *findings: HumanFinding) -> AccountFacts:
    names = ("示例市审计局", "示例市审计署")
    return AccountFacts(owner=names[0], register=RegisterFacts(certified_subject=subject, owner_names=names), findings=findings)


_SEEN = HumanFinding(CODE, _AT - timedelta(days=200), "主页没有认证标志", "核查员", proof=True)
EXAMPLES = (
    Example("certified for the owner", _subject("示例市审计局"), _AT, Clear),
    Example("certified under a former name of the owner", _subject("示例市审计署"), _AT, Clear),
    Example("the register itself says none", _subject("未认证"), _AT, Breach),
    Example("seen without the mark, with a screenshot", _subject("", _SEEN), _AT, Breach),
    Example("certified for somebody else", _subject("示例某传媒有限公司"), _AT, Unknown),
    Example("the register does not say", _subject(""), _AT, NotLooked),
    Example("an app has no such mark", AccountFacts(platform="app", register=RegisterFacts()), _AT, NotLooked),
    Example("the register was not asked", AccountFacts(), _AT, NotLooked),
)


@rule(
    CODE,
    title_zh="未官方认证",
    title_en="Not certified for its owner",
    basis="国办发〔2018〕123号：公开认证信息标明主办单位；各地通报：未官方认证",
    confidence="C",
    weight=Weight.REGISTRY,
    examples=EXAMPLES,
    by_hand=True,
)
def uncertified(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """What people saw comes before what the register says; another subject than the owner asks, for names differ."""
    away = why_not_checked(facts, moment.at)
    if away or facts.platform in USABILITY:
        return NotLooked(away or "移动客户端和小程序没有账号认证")
    by_hand = say_by_hand(findings_under(CODE, facts, pack, moment, lasting=True))
    if by_hand is not None:
        return by_hand
    subject = facts.register.certified_subject.strip() if facts.register is not None else ""
    if facts.register is None or not subject:
        return NotLooked("登记册没有写认证主体" if facts.register is not None else "没有对照登记册")
    if subject in _NONE:
        return Breach(f"登记册写认证主体为“{subject}”")
    if name_key(subject) in {name_key(name) for name in facts.register.owner_names}:
        return Clear(f"认证主体是{subject}")
    return Unknown(f"认证主体是{subject}，主办单位是{facts.owner or '（未写）'}，请核对")
