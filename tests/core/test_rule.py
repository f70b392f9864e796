"""Every rule shows its outcomes in examples; the examples are run."""

from __future__ import annotations

import pytest

from qiguan.core.pack import pack_in_force
from qiguan.core.rule import Breach, Clear, Example, Moment, Rule, Unknown, Weight, all_rules, rule

CASES = [(r, e) for r in all_rules().values() for e in r.examples]


@pytest.mark.parametrize(("r", "example"), CASES, ids=lambda v: v.code if isinstance(v, Rule) else v.title)
def test_a_rule_answers_its_example_as_it_says(r: Rule, example: Example):
    moment = Moment(example.at, example.known_at or example.at)
    outcome = r.check(example.facts, pack_in_force(example.pack, example.at), moment)
    assert type(outcome) is example.expect, outcome
    assert outcome.because


@pytest.mark.parametrize("r", all_rules().values(), ids=lambda r: r.code)
def test_a_rule_shows_its_three_outcomes_and_cites_its_basis(r: Rule):
    assert {Clear, Breach, Unknown} <= {e.expect for e in r.examples}
    assert r.basis
    assert r.title_zh
    assert r.title_en
    assert r.confidence in "ABCDEG"


def test_a_code_used_twice_is_an_error():
    declare = rule("GB19-M-V2a", title_zh="x", title_en="x", basis="x", confidence="A", weight=Weight.VETO, examples=())
    with pytest.raises(ValueError, match="used twice"):
        declare(lambda facts, pack, moment: Clear("x"))
