"""The stand-in router: a count of duty words."""

from __future__ import annotations

from qiguan.core.duty_words import Candidate, suggest

BUREAUS = [Candidate("yb", "示例市医疗保障局"), Candidate("jt", "示例市交通运输局"), Candidate("sj", "示例市审计局")]


def test_the_department_whose_words_stand_there_comes_first():
    text = "公交车上刷医保卡报销行吗，异地就医的住院费"
    found = suggest(text, BUREAUS)
    assert [label for label, _, _ in found] == ["yb", "jt"]
    assert found[0][1] > 0.6 > found[1][1]
    assert [text[s:e] for s, e in found[0][2]] == ["医保卡", "异地就医", "住院费"]


def test_a_department_named_in_full_is_heard():
    text = "请问示例市交通运输局几点上班"
    (only,) = suggest(text, BUREAUS)
    assert only[0] == "jt"
    assert text[slice(*only[2][0])] == "示例市交通运输局"


def test_no_word_no_guess():
    assert suggest("你好", BUREAUS) == []
