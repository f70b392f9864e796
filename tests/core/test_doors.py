"""Doors before writing, and words of danger to life."""

from __future__ import annotations

import pytest

from qiguan.core.doors import DOOR, DOORS, danger_in, doors_for


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("我家楼下着火了快来", ["119"]),
        ("他持刀追我", ["110"]),
        ("老人昏 迷了，没有\n呼吸", ["120"]),
        ("路口发生车祸，有人大出血", ["120", "122"]),
        ("欠薪半年，我不想活了", ["110", "120", "12356"]),
        ("请问火灾预防知识讲座什么时候办", []),
        ("正在火灾现场，培训楼被困", ["119"]),
        ("中毒工伤认定要什么材料", []),
        ("异地住院怎么报销", []),
        ("", []),
    ],
)
def test_words_of_danger_show_the_numbers_at_once(text, numbers):
    assert [p.number for p in danger_in(text)] == numbers


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("我要申请公开征地批文", ["disclosure"]),
        ("不服处罚，想行政复议", ["reconsideration"]),
        ("信访答复我不满意，局长受贿", ["petition", "discipline"]),
        ("公交几点收车", []),
    ],
)
def test_a_text_is_shown_the_door_that_is_its_own(text, codes):
    assert [d.code for d in doors_for(text)] == codes


def test_only_the_hotlines_matters_are_taken_in_here_too():
    assert [d.code for d in DOORS if d.taken_in] == ["hotline"]
    assert DOOR["discipline"].number == "12388"
