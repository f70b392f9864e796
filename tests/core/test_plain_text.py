"""Hostile and foreign text: what is dropped, what stays."""

from __future__ import annotations

import pytest

from qiguan.core.errors import UnusableInput
from qiguan.core.plain_text import clean_text, heading_of, one_line


def clean(text, most=5000, least=0):
    return clean_text(text, place="x", most=most, least=least)


@pytest.mark.parametrize(
    "text",
    [
        "བོད་ཡིག་གི་དྲི་བ།",
        "ئۇيغۇرچە سوئال، بۇ يەردە\u200c",
        "ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ᠌\u180e",
        "👨‍👩‍👧 家庭",
        "<script>alert(1)</script>",
        "第一行\n\n第二行\t制表",
    ],
)
def test_every_script_and_every_sign_stays(text):
    assert clean(text) == text


def test_turned_writing_zero_width_and_controls_go():
    assert clean("a\u202eb\u2066c\u200bd\ufeffe\x07f\u2028g\r\nh\ri\n\n\n\nj") == "abcdefg\nh\ni\n\nj"
    assert clean("e" + "\u0301" * 40 + "\u0302") == "é" + "\u0301" * 4


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_nul_and_half_signs_are_refused(text):
    with pytest.raises(UnusableInput, match="读不出来"):
        clean(text)


def test_too_long_says_how_long():
    with pytest.raises(UnusableInput, match="100000字，最多5000字"):
        clean("字" * 100_000)
    with pytest.raises(UnusableInput, match="6000字，最多5000字"):
        clean("字" * 6000)


def test_nothing_and_too_short_are_told_apart():
    with pytest.raises(UnusableInput, match="还没有写"):
        clean(" \n", least=2)
    with pytest.raises(UnusableInput, match="太短"):
        clean("字", least=2)


def test_a_heading_is_the_first_sentence_in_one_line():
    assert heading_of("消费券能补领吗？九月一日领的") == "消费券能补领吗"
    assert one_line("a\n\tb\ud800 c", most=20) == "a b c"
    assert one_line("一二三四五", most=3) == "一二…"
