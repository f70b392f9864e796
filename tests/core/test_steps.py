"""Every reason has its next step, every flag its words."""

from __future__ import annotations

from qiguan.core.activity import Reason
from qiguan.core.source import Outcome
from qiguan.core.steps import STEPS, blind_words, step_of
from tests.core.stories import blind


def test_every_reason_has_a_step_and_there_is_no_other():
    assert set(STEPS) == {r.value for r in Reason} | {"due"}


def test_a_step_names_who_takes_it():
    assert all(bool(step) == bool(who) for step, who in STEPS.values())


def test_every_blind_poll_is_said_in_words():
    assert all(blind_words(outcome) for outcome in Outcome)
    assert blind_words("unheard of") == "来源没有读到"


def test_a_blind_source_that_nobody_names_is_still_mended():
    assert step_of("blind", ()) == STEPS["blind"]
    assert step_of("blind", (blind("unheard of"),)) == STEPS["blind"]
    assert step_of("silent", (blind("timeout", times=1),)) == STEPS["silent"]
