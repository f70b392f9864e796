"""GB19-M-V3a: no working interaction function. No text defines 有效, so what was looked at is part of the answer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from qiguan.core.days import say
from qiguan.core.facts import AccountFacts, CheckFact, Said
from qiguan.core.life import why_not_checked
from qiguan.core.pack import Pack
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

_AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


def _looked(box: bool | None, *, proof: bool = False) -> AccountFacts:
    return AccountFacts(
        checks=(
            CheckFact(
                _AT - timedelta(days=1), Said.NEWEST, "核查员", newest_at=_AT - timedelta(days=2), message_box=box, proof=proof
            ),
        )
    )


EXAMPLES = (
    Example("the message box took a message", _looked(True), _AT, Clear),
    Example("no message box, with a screenshot", _looked(False, proof=True), _AT, Breach),
    Example("no message box, without proof", _looked(False), _AT, Unknown),
    Example("nobody tried", _looked(None), _AT, NotLooked),
    Example("closed before", AccountFacts(closed_on=date(2026, 9, 1)), _AT, NotLooked),
)


@rule(
    "GB19-M-V3a",
    title_zh="未提供有效互动功能",
    title_en="No working interaction function",
    basis="国办秘函〔2019〕19号，单项否决：互动回应差",
    confidence="B",
    weight=Weight.VETO,
    examples=EXAMPLES,
    version=2,  # 2: a closed account is not asked; what was looked at, when and by whom is named
)
def no_interaction(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """The last look at the message box within the pack's usability days; a breach needs proof."""
    away = why_not_checked(facts, moment.at)
    if away:
        return NotLooked(away)
    since = moment.at - timedelta(days=pack.usability_days)
    looked = [c for c in facts.checks if c.message_box is not None and since <= c.at <= moment.known_at]
    if not looked:
        return NotLooked("没有人试过留言")
    last = looked[-1]
    what = f"{say(last.at)}{last.hand}在账号里试了留言功能"
    if last.message_box:
        return Clear(f"{what}：可用")
    return Breach(f"{what}：没有可用的留言功能，有截图") if last.proof else Unknown(f"{what}：不能用，还没有截图为证")
