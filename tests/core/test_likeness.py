"""Alike are texts that share what is rare."""

from __future__ import annotations

from qiguan.core.likeness import likest, pairs_of

TITLES = ["示例县招聘会本周六举行", "示例县公交五路改线", "示例县荷花开了", ""]


def test_the_likest_title_comes_first_and_what_is_not_alike_not_at_all():
    assert [nth for nth, _ in likest("想知道公交五路改到哪里", TITLES)] == [1]
    assert likest("完全两样", TITLES) == []
    assert likest("", TITLES) == []
    assert likest("任何", []) == []


def test_the_same_text_is_wholly_alike():
    assert likest(TITLES[0], TITLES, most=1) == [(0, 1.0)]


def test_pieces_are_of_letters_and_digits_only():
    assert pairs_of("五路，ＡB 1") == {"五路", "路ａ", "ａb", "b1"}
