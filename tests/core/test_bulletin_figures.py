"""Figures computed from rows: 未能判定 apart, both denominators, names that hold anything."""

from __future__ import annotations

from dataclasses import replace

from qiguan.core.bulletin import BulletinRow, Problem
from qiguan.core.bulletin_figures import by_platform, by_problem, figures, name_of, untold_reasons
from qiguan.core.verdict import Word
from tests.core.bulletins import town


def test_what_cannot_be_told_stands_on_neither_side():
    found = figures(town())
    assert (found["检查数"], found["有结论数"], found["合格数"], found["不合格数"], found["未能判定数"]) == (
        "12",
        "10",
        "6",
        "4",
        "2",
    )
    assert found["合格率"] == "60.0%"


def test_the_old_scope_counts_those_that_left_where_their_verdict_is_known():
    found = figures(town())
    assert (found["原口径合格数"], found["原口径有结论数"], found["原口径合格率"]) == ("5", "10", "50.0%")
    assert (found["纳入数"], found["移出数"], found["移出无结论数"]) == ("1", "2", "1")
    assert found["上期合格率"] == "75.0%"


def test_without_a_round_before_there_is_no_figure_of_it():
    assert "上期合格率" not in figures(replace(town(), last=None))


def test_an_account_with_one_problem_twice_is_counted_once():
    twice = BulletinRow("甲", "微博", "某局", Word.FAIL, problems=(Problem("内容不更新", "a"), Problem("内容不更新", "b")))
    assert {title: len(rows) for title, rows in by_problem([twice]).items()} == {"内容不更新": 1}


def test_groups_stand_by_size_and_what_states_nothing_is_last():
    rows = [BulletinRow("甲", p, "", Word.PASS) for p in ("", "", "", "微博", "抖音", "抖音")]
    assert list(by_platform(rows)) == ["抖音", "微博", "未注明"]


def test_a_name_can_be_part_of_a_placeholder_whatever_it_holds():
    assert name_of("a{b}\nc ") == "a｛b｝ c"
    assert name_of("  ") == "未注明"


def test_reasons_are_counted():
    assert untold_reasons(town()) == {"没有完整来源": 2}
