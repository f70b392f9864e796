"""QG-O-ADS: commercial advertising, or links to it. A reminder nationally; some cities' bulletins failed accounts for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from qiguan.core.by_hand import ask_people
from qiguan.core.facts import AccountFacts, HumanFinding
from qiguan.core.pack import Pack
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

CODE = "QG-O-ADS"
_AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


def _said(words: str, *, proof: bool = True, found: bool = True) -> AccountFacts:
    return AccountFacts(findings=(HumanFinding(CODE, _AT - timedelta(days=3), words, "监管员", proof, found),))


EXAMPLES = (
    Example("a link to a shop, with a screenshot", _said("文末链接到商城"), _AT, Breach),
    Example("said without proof", _said("有人反映有广告", proof=False), _AT, Unknown),
    Example("looked at, none found", _said("抽查20篇未见广告", found=False), _AT, Clear),
    Example("nobody looked", AccountFacts(), _AT, NotLooked),
)


@rule(
    CODE,
    title_zh="刊登商业广告或链接商业广告页面",
    title_en="Commercial advertising or links to it",
    basis="国办发〔2018〕123号：不得刊登商业广告或链接商业广告页面",
    confidence="A",
    weight=Weight.OBLIGATION,
    examples=EXAMPLES,
    by_hand=True,
)
def adverts(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """Found by a person: 助农产销信息, 消费券 and recruitment by departments are no advertising."""
    return ask_people(CODE, facts, pack, moment)
