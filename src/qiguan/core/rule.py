"""How a rule is declared: a pure function of facts with its metadata; three outcomes; examples that are run as tests."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache

from qiguan.core.evidence import Evidence, weigh
from qiguan.core.facts import AccountFacts
from qiguan.core.pack import Pack


@dataclass(frozen=True, slots=True)
class Clear:
    """未发现问题: looked at, and in order. `because` says what was seen."""

    because: str


@dataclass(frozen=True, slots=True)
class Breach:
    """问题: the condition of the rule is met, with the evidence in words."""

    because: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """未能判定: looked at, and it could not be told. `because` says why."""

    because: str


@dataclass(frozen=True, slots=True)
class NotLooked:
    """未检查: the inputs cannot bear this rule, or it does not bind this account. It turns no verdict."""

    because: str


Outcome = Clear | Breach | Unknown | NotLooked


class Weight(StrEnum):
    """What a breach means."""

    VETO = "单项否决"
    LOCAL = "地方要求"
    REGISTRY = "登记要求"
    OBLIGATION = "义务提示"  # a duty of 国办发〔2018〕123号 that facts can show: a reminder, it decides no verdict


@dataclass(frozen=True, slots=True)
class Moment:
    """When a rule is asked: about the check point `at`, by what was known at `known_at`."""

    at: datetime
    known_at: datetime
    evidence: Evidence | None = None  # weighed once for all rules

    def weigh(self, facts: AccountFacts, pack: Pack) -> Evidence:
        """Return the evidence at this moment."""
        return self.evidence or weigh(facts, at=self.at, counts=pack.counts, known_at=self.known_at)


@dataclass(frozen=True, slots=True)
class Example:
    """A case that shows one outcome."""

    title: str
    facts: AccountFacts
    at: datetime
    expect: type[Clear] | type[Breach] | type[Unknown] | type[NotLooked]
    pack: str = "national"
    known_at: datetime | None = None


Check = Callable[[AccountFacts, Pack, Moment], Outcome]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: code, titles, basis (document, confidence as in the rules register), weight, version, examples."""

    code: str
    title_zh: str
    title_en: str
    basis: str
    confidence: str
    weight: Weight
    check: Check
    examples: Sequence[Example]
    version: int = 1
    by_hand: bool = False  # a person may record a finding under this code (collection.HumanFinding)


_declared: dict[str, Rule] = {}


def rule(
    code: str,
    *,
    title_zh: str,
    title_en: str,
    basis: str,
    confidence: str,
    weight: Weight,
    examples: Sequence[Example],
    version: int = 1,
    by_hand: bool = False,
) -> Callable[[Check], Check]:
    """Declare a rule. A code used twice raises ValueError."""

    def declare(check: Check) -> Check:
        if code in _declared and _declared[code].check.__module__ != check.__module__:
            raise ValueError(f"rule code {code} is used twice")
        _declared[code] = Rule(code, title_zh, title_en, basis, confidence, weight, check, tuple(examples), version, by_hand)
        return check

    return declare


@cache
def rules_of(weights: frozenset[Weight]) -> Mapping[str, Rule]:
    """Return the rules of these weights, in order of code."""
    return {code: rule for code, rule in all_rules().items() if rule.weight in weights}


@cache
def all_rules() -> Mapping[str, Rule]:
    """Load every rule by walking the package, in order of code: adding a rule is adding a file."""
    package = importlib.import_module("qiguan.core.rules")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"qiguan.core.rules.{module.name}")
    return dict(sorted(_declared.items()))
