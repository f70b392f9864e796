"""The checker: silent on what agrees, by property, and loud on every kind of contradiction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings

from qiguan.core.bulletin import BulletinRow, Demand, Problem, Recheck
from qiguan.core.bulletin_check import contradictions, recount
from qiguan.core.bulletin_figures import figures
from qiguan.core.bulletin_tables import FAILED, MOVED, NOTED, RECHECKED, SCOPE, STATISTICS, UNTOLD, tables
from qiguan.core.bulletin_text import Part, Passage, compose
from qiguan.core.verdict import Word
from tests.core.bulletins import bulletins, town

TITLES = {FAILED, MOVED, NOTED, RECHECKED, SCOPE, STATISTICS, UNTOLD}


def found(bulletin, *args, **kwargs):
    return [str(c) for c in contradictions(bulletin, *args, **kwargs)]


def test_the_town_does_not_contradict_itself():
    assert found(town()) == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(bulletins)
def test_no_composed_text_ever_contradicts_its_tables(bulletin):
    of_text = [c for c in contradictions(bulletin) if c.place.startswith("正文") or c.place in TITLES]
    assert of_text == []
    assert len({name for _, name, _ in recount(tables(bulletin))}) >= 12


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(bulletins)
def test_one_row_more_in_any_list_is_told(bulletin):
    printed = tables(bulletin)
    for nth, table in enumerate(printed):
        if table.title in TITLES - {STATISTICS}:
            longer = [*printed[:nth], replace(table, rows=[*table.rows, table.rows[-1]]), *printed[nth + 1 :]]
            assert any(c.place == table.title for c in contradictions(bulletin, printed=longer))


def test_a_changed_cell_of_the_statistics_is_told():
    printed = tables(town())
    nth = next(i for i, t in enumerate(printed) if t.title == STATISTICS)
    row = printed[nth].rows[0]
    printed[nth] = replace(printed[nth], rows=[(*row[:2], 99, *row[3:]), *printed[nth].rows[1:]])
    assert any("平台·微信公众号·检查数" in words and "99" in words for words in found(town(), printed=printed))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("本次共检查账号13个。", "表里是12"),
        ("不合格账号29个。", "表里是4"),
        ("合格率80.5%。", "表里是60.0%"),
        ("尚未整改3个", "表里是2"),
        ("另有7个账号需要关注。", "没有出处"),
        ("占比达到99%。", "没有出处"),
        ("{不合格总数}个", "没有名为“不合格总数”的数"),
    ],
)
def test_a_number_typed_by_hand_is_checked_or_has_no_source(typed, told):
    edited = [*compose(town()), Passage(Part.BODY, typed)]
    assert any(told in words for words in found(town(), edited))


@pytest.mark.parametrize(
    "typed", ["不合格账号4个。", "{检查数}个", "请于10个工作日内办结，3个月内不再开设。", "6月22日至30日", "合格率60.0%"]
)
def test_a_right_number_and_numbers_that_count_no_accounts_pass(typed):
    assert found(town(), [Passage(Part.BODY, typed)]) == []


def test_stated_figures_are_compared_by_name():
    assert found(town(), stated={"检查数": "12"}) == []
    assert "表里数出来是12" in found(town(), stated={"检查数": "149"})[0]
    assert "没有名为" in found(town(), stated={"总数": "1"})[0]


def changed(**changes):
    """Return the town with one row changed."""
    rows = list(town().rows)
    rows[6] = replace(rows[6], **changes)
    return replace(town(), rows=rows)


@pytest.mark.parametrize(
    ("bulletin", "told"),
    [
        (changed(last_update=date(2026, 7, 1)), "晚于监测时间点"),
        (changed(days_silent=3), "对不上"),
        (changed(untold_because="没有来源"), "又写了未能判定的原因"),
        (replace(town(), rows=[*town().rows, town().rows[0]]), "列了两次"),
        (replace(town(), scope_changes=()), "应为13个，本期检查了12个"),
        (replace(town(), scope_changes=()), "范围变动表对不上"),
        (replace(town(), rechecks=town().rechecks[1:]), "上期不合格3个，复查了2个"),
        (replace(town(), demand=Demand(date(2026, 7, 1))), "不晚于印发日期"),
        (replace(town(), rechecks=[replace(town().rechecks[1], outcome=Recheck.NOT_YET)] * 3), "本期结论却是合格"),
        (changed(reply="请联系13800000000"), "手机号"),
        (changed(problems=(Problem("内容不更新", "由110101199001011234发布"),)), "身份证号"),
        (replace(town(), rechecks=[replace(r, note="a.b@example.invalid") for r in town().rechecks]), "电子邮箱"),
    ],
)
def test_rows_that_contradict_each_other_are_told_by_name(bulletin, told):
    assert any(told in words for words in found(bulletin))


def test_a_first_round_without_demand_has_nothing_to_compare():
    assert found(replace(town(), last=None, demand=None, scope_changes=(), rechecks=())) == []


def test_a_name_with_a_number_is_no_number_of_the_text():
    row = BulletinRow("12个村一家亲", "微博", "第3个街道", Word.FAIL, problems=(Problem("内容不更新"),), days_silent=5)
    bulletin = replace(town(), rows=[row], last=None, scope_changes=(), rechecks=())
    assert found(bulletin) == []
    assert figures(bulletin)["不合格数"] == "1"
