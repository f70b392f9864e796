"""Likely answers by pairs of characters."""

from __future__ import annotations

from qiguan.core.likely import likely, pairs_of

TITLES = [(1, "异地住院回来报销，带这5样"), (2, "国庆期间公交调整通知"), (3, "异地就医备案怎么办")]


def test_the_closest_title_comes_first_and_strangers_stay_away():
    assert likely("我妈在外省异地住院，回来报销要带什么", TITLES) == [1]
    assert likely("异地就医备案在哪里办，异地住院报销带什么", TITLES) == [3, 1]
    assert likely("学校几点放学", TITLES) == []
    assert likely("", [*TITLES, (4, "")]) == []


def test_pairs_leave_out_what_says_nothing():
    assert pairs_of("请问，怎么报销") == {"问怎", "么报", "报销"}
