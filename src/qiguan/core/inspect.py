"""Ask every rule about one account at one check point."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from qiguan.core.evidence import Evidence, weigh
from qiguan.core.facts import AccountFacts
from qiguan.core.pack import Pack
from qiguan.core.rule import Moment, Outcome, Weight, rules_of
from qiguan.core.verdict import Verdict, conclude


def inspect_account(
    facts: AccountFacts,
    pack: Pack,
    *,
    at: datetime,
    known_at: datetime | None = None,
    evidence: Evidence | None = None,
    weights: Collection[Weight] = frozenset(Weight),
) -> tuple[Verdict, dict[str, Outcome]]:
    """Return the verdict and each rule's outcome by code. `evidence`: already weighed for the same moments and pack.

    `weights`: ask the rules of these weights only; the word of the verdict needs no more than the vetoes.
    """
    evidence = evidence or weigh(facts, at=at, counts=pack.counts, known_at=known_at)
    moment = Moment(at, known_at or at, evidence)
    outcomes = {code: rule.check(facts, pack, moment) for code, rule in rules_of(frozenset(weights)).items()}
    return conclude(outcomes), outcomes
