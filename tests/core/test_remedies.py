"""Every outcome of a poll has a remedy in plain words and a person."""

from __future__ import annotations

import re

import pytest

from qiguan.core.remedies import REMEDIES, Severity
from qiguan.core.source import Outcome

PEOPLE = {"主办单位", "运营人员", "监管员", "系统管理员", "网站维护方", "平台", "无需处理"}


def test_every_outcome_has_its_remedy():
    assert set(REMEDIES) == set(Outcome)


@pytest.mark.parametrize("outcome", Outcome)
def test_a_remedy_is_plain_chinese_and_names_one_of_those_who_can_act(outcome: Outcome):
    remedy = REMEDIES[outcome]
    assert re.search(r"[\u4e00-\u9fff]", remedy.title)
    assert re.search(r"[\u4e00-\u9fff]", remedy.remedy)
    assert remedy.who_words in PEOPLE
    assert not re.search(r"http|token|[45]\d\d", remedy.title + remedy.remedy, re.I), "no jargon"


@pytest.mark.parametrize("outcome", Outcome)
def test_what_will_not_pass_by_itself_has_somebody_to_act(outcome: Outcome):
    remedy = REMEDIES[outcome]
    if remedy.severity is Severity.ACT:
        assert remedy.who
    if remedy.severity is Severity.NONE:
        assert not remedy.who
        assert outcome.is_read


def test_our_own_faults_are_never_the_units_to_mend():
    assert REMEDIES[Outcome.INTERNAL].who == "系统管理员"
    assert REMEDIES[Outcome.RATE_LIMITED].who_words == "无需处理"
