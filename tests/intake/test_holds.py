"""Holding a text: by a public rule, appealed once, decided by another."""

from __future__ import annotations

import pytest

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.intake.actions.holds import appeal_hold, decide_hold, hold_text
from tests.factories import AT

pytestmark = pytest.mark.django_db


def test_an_appeal_is_decided_by_another_person(town):
    boss, second = town.users["supervisor"], town.users["second"]
    hold = hold_text(what="x", rule="illegal", by=boss, at=AT)
    hold = appeal_hold(hold=hold, words="这是我拍到的事实", at=AT)
    with pytest.raises(QiguanError, match="已经申诉过"):
        appeal_hold(hold=hold, words="再说一次", at=AT)
    with pytest.raises(NotPermitted, match="另一个人"):
        decide_hold(hold=hold, release=True, reason="", by=boss, at=AT)
    with pytest.raises(QiguanError, match="还没有写"):
        decide_hold(hold=hold, release=False, reason="", by=second, at=AT)
    kept = decide_hold(hold=hold, release=False, reason="列明的内容", by=second, at=AT)
    assert kept.holds
    assert not decide_hold(hold=hold, release=True, reason="", by=second, at=AT).holds
    with pytest.raises(QiguanError, match="已经放行"):
        decide_hold(hold=hold, release=True, reason="", by=second, at=AT)


def test_only_public_rules_hold_and_the_machine_by_its_own_two(town):
    with pytest.raises(QiguanError, match="没有这条"):
        hold_text(what="x", rule="tone", by=town.users["supervisor"], at=AT)
    with pytest.raises(ValueError, match="illegal"):
        hold_text(what="x", rule="illegal", by=None, at=AT)
