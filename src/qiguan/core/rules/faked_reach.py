"""GB19-M-V3b: bought followers, forced likes. No count proves it; a person does, with proof."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from qiguan.core.by_hand import ask_people
from qiguan.core.facts import AccountFacts, HumanFinding
from qiguan.core.pack import Pack
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

CODE = "GB19-M-V3b"
_AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


def _said(words: str, *, days: float = 3, proof: bool = True, found: bool = True) -> AccountFacts:
    return AccountFacts(findings=(HumanFinding(CODE, _AT - timedelta(days=days), words, "监管员", proof, found),))


EXAMPLES = (
    Example("an order to like, with the letter", _said("发文要求群众点赞"), _AT, Breach),
    Example("said by somebody, without proof", _said("有人反映强制点赞", proof=False), _AT, Unknown),
    Example("looked into, nothing found", _said("调阅合同，没有购买", found=False), _AT, Clear),
    Example("longer ago than a look holds", _said("发文要求群众点赞", days=91), _AT, NotLooked),
    Example("nobody looked", AccountFacts(), _AT, NotLooked),
)


@rule(
    CODE,
    title_zh="购买“粉丝”、强制要求群众点赞等弄虚作假行为",
    title_en="Bought followers, forced likes and other faking",
    basis="国办秘函〔2019〕19号，单项否决：互动回应差",
    confidence="C",
    weight=Weight.VETO,
    examples=EXAMPLES,
    by_hand=True,
)
def faked_reach(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """Followers and likes are no indicators; faking them is a veto, found by a person."""
    return ask_people(CODE, facts, pack, moment)
