"""Outcomes → 合格 / 不合格 / 未能判定; what nobody looked at is listed and turns nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.rule import Breach, Clear, NotLooked, Outcome, Unknown, Weight, all_rules
from qiguan.core.verdict import Word, conclude

B, C, U, N = Breach("b"), Clear("c"), Unknown("u"), NotLooked("n")


@pytest.mark.parametrize(
    ("silence", "interaction", "word", "decides"),
    [
        (C, N, Word.PASS, ("GB19-M-V2a",)),
        (C, C, Word.PASS, ("GB19-M-V2a", "GB19-M-V3a")),
        (B, U, Word.FAIL, ("GB19-M-V2a",)),
        (C, B, Word.FAIL, ("GB19-M-V3a",)),
        (U, C, Word.UNTOLD, ("GB19-M-V2a",)),
        (N, U, Word.UNTOLD, ("GB19-M-V3a",)),
        (N, N, None, ()),
    ],
)
def test_one_veto_decides_and_unknown_is_only_for_what_was_looked_at(
    silence: Outcome, interaction: Outcome, word: Word | None, decides: tuple[str, ...]
):
    found = conclude({"GB19-M-V2a": silence, "GB19-M-V3a": interaction})
    assert found.word == word
    assert found.rules == decides
    assert found.because


def test_local_and_registry_findings_decide_no_national_word():
    found = conclude({"GB19-M-V2a": C, "LOC-WEEKLY": B, "QG-R-OWNER": B})
    assert found.word is Word.PASS
    assert set(found.covered) == {"GB19-M-V2a", "LOC-WEEKLY", "QG-R-OWNER"}


def test_what_nobody_looked_at_is_listed_with_its_reason():
    found = conclude({"GB19-M-V2a": C, "GB19-M-V3a": NotLooked("没有人试过留言")})
    assert found.not_looked == {"GB19-M-V3a": "没有人试过留言"}
    assert found.covered == ["GB19-M-V2a"]


@given(st.dictionaries(st.sampled_from(sorted(all_rules())), st.sampled_from([B, C, U, N])))
def test_every_rule_is_either_covered_or_listed_and_a_breach_never_passes(outcomes: dict[str, Outcome]):
    found = conclude(outcomes)
    assert {*found.covered, *found.not_looked} == set(outcomes)
    vetoes = {c: o for c, o in outcomes.items() if all_rules()[c].weight is Weight.VETO}
    assert (found.word is Word.FAIL) == (B in vetoes.values())
    assert (found.word is Word.PASS) == (C in vetoes.values() and not {B, U} & set(vetoes.values()))
