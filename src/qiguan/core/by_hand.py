"""What only a person can find 人工发现的问题: findings by hand turned into an outcome. A machine never says Breach here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from qiguan.core.days import say
from qiguan.core.facts import AccountFacts, HumanFinding
from qiguan.core.life import why_not_checked
from qiguan.core.pack import Pack
from qiguan.core.rule import Breach, Clear, Moment, NotLooked, Outcome, Unknown

NOBODY = "没有人查过这一项"


def findings_under(code: str, facts: AccountFacts, pack: Pack, moment: Moment, *, lasting: bool = False) -> list[HumanFinding]:
    """Return the findings that count at this moment, oldest first.

    One holds for the pack's usability days; a `lasting` one until a person says that it was put right.
    """
    oldest = moment.at - timedelta(days=pack.usability_days)
    found = [f for f in facts.findings if f.code == code and f.at <= moment.known_at and (lasting or f.at >= oldest)]
    return sorted(found, key=lambda f: f.at)


def say_by_hand(findings: Sequence[HumanFinding]) -> Outcome | None:
    """Return what people found; None where nobody looked.

    Since the last look that found nothing: one problem with proof is a breach, one without cannot be told.
    """
    if not findings:
        return None
    last_clear = max((n for n, f in enumerate(findings) if not f.found), default=-1)
    standing = findings[last_clear + 1 :]
    for finding in standing:
        if finding.proof:
            return Breach(f"{say(finding.at)}{finding.hand}发现：{finding.words}，有证据")
    if standing:
        return Unknown(f"{standing[-1].hand}说：{standing[-1].words}，还没有证据")
    return Clear(f"{say(findings[-1].at)}{findings[-1].hand}查过：{findings[-1].words}")


def ask_people(code: str, facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """Answer a rule that people alone can answer."""
    away = why_not_checked(facts, moment.at)
    if away:
        return NotLooked(away)
    return say_by_hand(findings_under(code, facts, pack, moment)) or NotLooked(NOBODY)
