"""Every state has its official word, and silence is told from the rest."""

from __future__ import annotations

from qiguan.core.facts import State


def test_states_have_their_words():
    assert [s.word for s in State] == [
        "正常",
        "临期",
        "超期未更新",
        "睡眠",
        "僵尸",
        "从未发布",
        "待核实",
        "停更待注销",
        "平台受限",
        "已关停",
    ]
    assert {s for s in State if s.is_silence} == {State.OVERDUE, State.SLEEPING, State.ZOMBIE, State.NEVER_POSTED}
