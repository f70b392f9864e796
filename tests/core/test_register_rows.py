"""Rows of a register: typed values with their cells, problems by row and cell, good rows kept."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.columns import guess
from qiguan.core.register_rows import EXPORT_FIELDS, export_header, export_row, read_register, safe_cell, unsafe_cell
from qiguan.core.sheet import Sheet

HEADER = ["账号名称", "平台", "账号ID", "主办单位", "开设时间", "账号类型", "联系电话", "链接", "运营人数", "状态"]


def read(*rows, header=None):
    sheet = Sheet("表", [header or HEADER, *rows])
    return read_register(sheet, guess(sheet))


def test_a_good_row_has_typed_values_and_knows_its_cells():
    (row,) = read(
        ["南例商务", "公众号", "gh_1234567890ab", "南例县商务局", "2019.5.6", "发布类", "13800000000", "", "3人", "在用"]
    ).rows
    assert row.values["platform"] == "wechat_mp"
    assert row.values["opened_on"] == date(2019, 5, 6)
    assert (row.values["kind"], row.values["status"], row.values["staff_people"]) == ("publishing", "open", 3)
    assert row.cells["opened_on"] == "E2"
    assert row.private == {"contact_phone": "13800000000"}
    assert "13800000000" not in repr(row.values) + repr(row.raw) + repr(row.cells)


def test_a_bad_cell_costs_only_itself_and_is_named():
    reading = read(["甲", "微博", "1", "乙局", "2026年9月31日", "娱乐类", "", "ftp://x", "三五人", "不知道"])
    assert len(reading.rows) == 1
    assert {p.field for p in reading.problems} == {"opened_on", "kind", "link", "staff_people", "status"}
    words = str(next(p for p in reading.problems if p.field == "opened_on"))
    assert words.startswith("第2行E列：")
    assert "九月没有31日" in words


def test_rows_that_cannot_be_kept_are_named_and_the_others_stay():
    reading = read(
        ["", "微博", "1", "乙局", "", "", "", "", "", ""],
        ["甲", "微博", "7", "", "", "", "", "", "", ""],
        ["甲二", "微博", "7", "", "", "", "", "", "", ""],
        ["坏\x07", "微博", "9", "", "", "", "", "", "", ""],
    )
    assert [r.values["name"] for r in reading.rows] == ["甲"]
    assert [p.row for p in reading.problems if p.fatal] == [2, 4, 5]


def test_footers_and_empty_rows_are_passed_over():
    reading = read(
        ["甲", "微博", "7", "", "", "", "", "", "", ""],
        [None] * 10,
        ["", "", "合计", "", "1", "", "", "", "", ""],
        ["", "", "", "填表人：", "", "", "审核人：", "", "x", ""],
    )
    assert len(reading.rows) == 1
    assert reading.problems == []


def test_the_platform_may_come_from_the_link():
    header = ["账号名称", "链接", "主办单位"]
    (row,) = read(["甲", "https://weibo.com/u/42", "乙局"], header=header).rows
    assert row.identity == ("weibo", "42")
    (other,) = read(["甲", "", "乙局"], header=header).rows
    assert other.identity == ("wechat_mp", "甲 乙局")
    assert other.notes


def test_invisible_characters_do_not_make_another_name():
    (row,) = read(["南\u200b例商务\u202e", "微博", "", "", "", "", "", "", "", ""]).rows
    assert row.values["name"] == "南例商务"


def test_too_long_texts_are_cut_and_said():
    reading = read(["甲" * 200, "微博", "", "", "", "", "", "", "", ""])
    assert len(reading.rows[0].values["name"]) == 120
    assert "超过120" in reading.problems[0].message


def test_a_formula_is_kept_as_text_and_comes_back_as_it_was():
    for text in ("=1+1", "+8613800000000", "-x", "@a", "普通"):
        assert unsafe_cell(safe_cell(text)) == text
    assert safe_cell("=cmd|'/c calc'!A1")[0] == "'"


@given(
    st.fixed_dictionaries(
        {
            "name": st.text("甲乙丙丁商务abc", min_size=1, max_size=8),
            "platform": st.sampled_from(["wechat_mp", "weibo", "douyin", "app"]),
            "platform_id": st.text("abcdef0123456789_", max_size=12),
            "opened_on": st.none() | st.dates(date(1991, 1, 1), date(2099, 1, 1)),
            "kind": st.sampled_from(["publishing", "service", "both", "unstated"]),
            "scope": st.sampled_from(["national", "local", "listed"]),
            "status": st.sampled_from(["open", "closing", "closed"]),
            "staff_people": st.none() | st.integers(0, 99),
            "source_complete": st.none() | st.booleans(),
        }
    )
)
def test_an_export_is_read_back_to_the_same_values(values):
    sheet = Sheet("", [export_header(), export_row(values)])
    reading = read_register(sheet, guess(sheet))
    assert reading.problems == []
    expected = {k: v for k, v in values.items() if v not in (None, "")}
    assert {k: v for k, v in reading.rows[0].values.items() if k in expected} == expected
    assert set(expected) <= set(EXPORT_FIELDS)
