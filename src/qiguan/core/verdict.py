"""Outcomes → 合格 / 不合格 / 未能判定. A verdict names the rules it covers; rules nobody looked at are listed as 未检查."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from qiguan.core.rule import Breach, Clear, NotLooked, Outcome, Unknown, Weight, all_rules


class Word(StrEnum):
    """The three official words of a verdict."""

    PASS = "合格"
    FAIL = "不合格"
    UNTOLD = "未能判定"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One word, the rules behind it, and the rules nobody looked at. `word` None: no rule binds this account."""

    word: Word | None
    rules: Sequence[str]  # codes that decide the word
    because: str
    covered: Sequence[str]
    not_looked: Mapping[str, str]


def conclude(outcomes: Mapping[str, Outcome]) -> Verdict:
    """Conclude from the outcomes by rule code.

    Only vetoes decide (国办秘函〔2019〕19号: an account is pass or fail). One veto breached: 不合格, whatever else is unknown. Else
    a veto that was looked at and could not be told: 未能判定. Else 合格, if any veto was looked at.
    """
    rules = all_rules()
    vetoes = {code: outcome for code, outcome in outcomes.items() if rules[code].weight is Weight.VETO}
    covered = [code for code, outcome in outcomes.items() if not isinstance(outcome, NotLooked)]
    not_looked = {code: outcome.because for code, outcome in outcomes.items() if isinstance(outcome, NotLooked)}
    kinds: tuple[tuple[type[Breach] | type[Unknown] | type[Clear], Word], ...] = (
        (Breach, Word.FAIL),
        (Unknown, Word.UNTOLD),
        (Clear, Word.PASS),
    )
    for kind, word in kinds:
        deciding = {code: outcome.because for code, outcome in vetoes.items() if isinstance(outcome, kind)}
        if deciding:
            return Verdict(word, tuple(deciding), "；".join(deciding.values()), covered, not_looked)
    return Verdict(None, (), "；".join(dict.fromkeys(not_looked.values())), covered, not_looked)
