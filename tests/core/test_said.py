"""Hostile text: what people write stays, what would break a page or a database does not get in."""

from __future__ import annotations

import pytest

from qiguan.core.errors import UnusableInput
from qiguan.core.said import plain_words


@pytest.mark.parametrize(
    "words", ["看病报销要带哪些材料？", "<script>alert(1)</script>", "བོད་ཡིག", "ئۇيغۇرچە", "ᠮᠣᠩᠭᠣᠯ\u180e", "👩‍👩‍👧", "一\n二"]
)
def test_words_of_any_script_are_kept(words):
    assert plain_words(words, place="题目", most=200) == words.strip()


def test_what_turns_the_page_round_is_dropped():
    assert plain_words("\u202e为什么\u202c\r\n停更\x07？\ufeff", place="题目", most=200) == "为什么\n停更？"


@pytest.mark.parametrize(("words", "said"), [("a\0b", "不能保存"), ("\ud800", "不能保存"), ("字" * 100_000, "最多200"), (" \n", "没有写"), ("\u200b\u200d\u3164", "太短"), ("好？", "太短")])  # fmt: skip
def test_what_cannot_be_taken_is_told(words, said):
    with pytest.raises(UnusableInput, match=said):
        plain_words(words, place="题目", most=200, least=4)
