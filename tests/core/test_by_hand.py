"""What people find: proof makes a breach, a later look ends it, and no machine can say it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given

from qiguan.core.by_hand import findings_under, say_by_hand
from qiguan.core.facts import AccountFacts, HumanFinding
from qiguan.core.inspect import inspect_account
from qiguan.core.pack import pack_in_force
from qiguan.core.rule import Breach, Clear, Moment, NotLooked, Unknown, Weight, all_rules
from qiguan.core.verdict import Word
from tests.core.stories import AT, account, ago
from tests.core.test_activity import lives

PACK = pack_in_force("national", AT)
CODE = "GB19-M-V1"


def found(days: float, words: str = "有问题", *, proof: bool = True, is_there: bool = True, code: str = CODE) -> HumanFinding:
    return HumanFinding(code, ago(days), words, "监管员", proof, is_there)


def test_a_second_unproven_report_hides_no_proven_one():
    said = say_by_hand([found(5, "第一处"), found(1, "第二处", proof=False)])
    assert isinstance(said, Breach)
    assert "第一处" in said.because


def test_what_was_put_right_stays_so_until_something_new_is_found():
    assert isinstance(say_by_hand([found(5), found(3, is_there=False)]), Clear)
    assert isinstance(say_by_hand([found(5), found(3, is_there=False), found(1)]), Breach)
    assert isinstance(say_by_hand([found(5), found(3, is_there=False), found(1, proof=False)]), Unknown)
    assert say_by_hand([]) is None


def test_a_finding_counts_from_when_it_is_known_and_for_the_days_of_a_look():
    facts = account(findings=(found(1), found(91), found(2, code="GB19-M-V3b")))
    days = [(AT - f.at).days for f in findings_under(CODE, facts, PACK, Moment(AT, AT))]
    assert days == [1]
    assert len(findings_under(CODE, facts, PACK, Moment(AT, AT), lasting=True)) == 2
    assert findings_under(CODE, account(findings=(found(1),)), PACK, Moment(AT, ago(2))) == []
    later = account(findings=(found(-3),))
    assert len(findings_under(CODE, later, PACK, Moment(AT, AT + timedelta(days=4)))) == 1


def test_one_proven_finding_fails_an_account_that_is_otherwise_in_order():
    busy = account(findings=(found(1),), sightings=())
    verdict, outcomes = inspect_account(busy, PACK, at=AT, weights={Weight.VETO})
    assert verdict.word is Word.FAIL
    assert verdict.rules == (CODE,)
    assert all(all_rules()[code].weight is Weight.VETO for code in outcomes)


@given(lives)
def test_no_machine_says_that_an_account_is_guilty_of_what_people_alone_can_find(facts: AccountFacts):
    _, outcomes = inspect_account(facts, PACK, at=AT)
    assert isinstance(outcomes["GB19-M-V1"], NotLooked)
    assert isinstance(outcomes["GB19-M-V3b"], NotLooked)


@given(lives)
def test_a_reminder_of_a_duty_turns_no_verdict(facts: AccountFacts):
    ads = replace(facts, findings=(found(1, code="QG-O-ADS"),))
    (before, _), (after, outcomes) = inspect_account(facts, PACK, at=AT), inspect_account(ads, PACK, at=AT)
    assert isinstance(outcomes["QG-O-ADS"], Breach | NotLooked)
    assert (before.word, before.rules) == (after.word, after.rules)
