"""The states and their official words."""

from __future__ import annotations

from qiguan.core.facts import State


def test_every_state_has_its_official_word_and_no_two_share_one():
    assert len({s.word for s in State}) == len(State)
    assert State.CLOSING.word == "停更待注销"


def test_four_states_accuse_of_silence():
    assert {s for s in State if s.is_silence} == {State.OVERDUE, State.SLEEPING, State.ZOMBIE, State.NEVER_POSTED}
