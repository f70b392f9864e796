"""GB19-M-V1: security or secrecy incidents. People alone say so, with proof; a machine's suspicion goes to a person first."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from qiguan.core.by_hand import ask_people
from qiguan.core.facts import AccountFacts, HumanFinding, Scope
from qiguan.core.pack import Pack
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

CODE = "GB19-M-V1"
_AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


def _said(words: str, *, days: float = 3, proof: bool = True, found: bool = True) -> HumanFinding:
    return HumanFinding(CODE, _AT - timedelta(days=days), words, "监管员", proof, found)


_WRONG = _said("9月12日一篇有严重表述错误")
EXAMPLES = (
    Example("a grave wording error, with a screenshot", AccountFacts(findings=(_WRONG,)), _AT, Breach),
    Example("the same, nothing to show for it", AccountFacts(findings=(_said("有人反映", proof=False),)), _AT, Unknown),
    Example("a person looked and found nothing", AccountFacts(findings=(_said("抽查20篇未见", found=False),)), _AT, Clear),
    Example("put right, and seen to be", AccountFacts(findings=(_WRONG, _said("已删除并说明", days=1, found=False))), _AT, Clear),
    Example("nobody looked", AccountFacts(), _AT, NotLooked),
    Example("registered only", AccountFacts(scope=Scope.LISTED, findings=(_WRONG,)), _AT, NotLooked),
    Example("closed before", AccountFacts(closed_on=date(2026, 9, 1), findings=(_WRONG,)), _AT, NotLooked),
)


@rule(
    CODE,
    title_zh="安全、泄密事故等严重问题",
    title_en="Security or secrecy incidents and the like",
    basis="国办秘函〔2019〕19号，单项否决：安全、泄密事故等严重问题",
    confidence="E",
    weight=Weight.VETO,
    examples=EXAMPLES,
    by_hand=True,
)
def security(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """Severe wording error, state secret, harmful content or links, severe negative opinion: found by a person."""
    return ask_people(CODE, facts, pack, moment)
