"""Rows of a register: typed values with their cells, problems by row and cell, good rows kept."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.columns import guess
from qiguan.core.register_rows import EXPORT_FIELDS, export_header, export_row, read_register, safe_cell, said, unsafe_cell
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
    (row,) = read(["南\u200b例商务\u202e", "微博", "", "\u200b", "", "", "", "", "", ""]).rows
    assert row.values["name"] == "南例商务"


def test_too_long_texts_are_cut_and_said():
    reading = read(["甲" * 200, "微博", "", "", "", "", "", "", "", ""])
    assert len(reading.rows[0].values["name"]) == 120
    assert "超过120" in reading.problems[0].message


def test_a_formula_is_kept_as_text_and_comes_back_as_it_was():
    for text in ("=1+1", "+8613800000000", "-x", "@a", "普通", "'=x", "''=x", "'普通", "＝1", ""):
        assert unsafe_cell(safe_cell(text)) == text
    assert safe_cell("=cmd|'/c calc'!A1")[0] == "'"


@given(st.text(max_size=12))
def test_any_text_that_was_read_is_read_again_after_an_export(text):
    reading = read(["甲", "微博", "1", text, "", "", "", "", "", ""])
    kept = reading.rows[0].values.get("owner", "")
    again = Sheet("", [export_header(), export_row({**reading.rows[0].values})])
    assert read_register(again, guess(again)).rows[0].values.get("owner", "") == kept
    assert export_row({"owner": kept})[EXPORT_FIELDS.index("owner")][:1] not in set("=+-@＝＋－＠\t\r\n")


def test_an_id_that_a_spreadsheet_rounded_is_refused_not_kept():
    reading = read(
        ["甲", "今日头条", 1.234567890123457e18, "乙局", "", "", "", "", "", ""],
        ["乙", "今日头条", "6.81E+18", "乙局", "", "", "", "", "", ""],
        ["丙", "今日头条", "6812345678901234567", "乙局", "", "", "", "", "", ""],
        ["丁", "今日头条", 123456.0, "乙局", "", "", "", "", "", ""],
    )
    assert [r.values.get("platform_id") for r in reading.rows] == [None, None, "6812345678901234567", "123456"]
    assert [(p.row, p.field, p.fatal) for p in reading.problems] == [(2, "platform_id", False), (3, "platform_id", False)]
    assert "末尾几位丢了" in reading.problems[0].message


def test_a_full_width_id_and_an_escaped_one_are_the_plain_ones():
    rows = read(
        ["甲", "公众号", "ｇｈ＿1234 567890ab", "", "", "", "", "", "", ""],
        ["乙", "公众号", "MzA4MDM1Njg3NQ%3D%3D", "", "", "", "", "", "", ""],
    ).rows
    assert [r.values["platform_id"] for r in rows] == ["gh_1234567890ab", "MzA4MDM1Njg3NQ=="]


def test_group_titles_and_repeated_headers_are_no_accounts():
    reading = read(
        ["一、市直部门"] * 10,
        ["示例县"] * 10,
        HEADER,
        ["（二）县区", *[None] * 9],
        ["填表人：某某", *[None] * 9],
        ["甲", "微博", "7", "", "", "", "", "", "", ""],
        ["账号名称", "微博", "8", "", "", "", "", "", "", ""],
        ["十里村", "微博", "", "", "", "", "", "", "", ""],
        ["乙", *[None] * 9],
    )
    assert [r.values["name"] for r in reading.rows] == ["甲", "账号名称", "十里村", "乙"]
    assert reading.problems == []


def test_a_row_without_a_name_is_told_unless_only_its_drop_downs_are_filled():
    reading = read(["", "微博", "77", *[""] * 7], ["", "微博", "", "", "", "发布类", "", "", "", "在用"])
    assert [(p.row, p.message) for p in reading.problems] == [(2, "没有账号名称")]


def test_one_name_without_an_id_is_asked_about():
    reading = read(
        ["甲", "微博", "", "乙局", "", "", "", "", "", ""],
        ["甲", "微博", "1", "乙局", "", "", "", "", "", ""],
        ["甲", "微博", "2", "丙局", "", "", "", "", "", ""],
        ["甲", "抖音", "", "乙局", "", "", "", "", "", ""],
        ["丁", "抖音", "", "乙局", "", "", "", "", "", ""],
        ["丁", "抖音", "", "丙局", "", "", "", "", "", ""],
    )
    assert len(reading.rows) == 6
    assert [(p.row, p.fatal) for p in reading.problems] == [(2, False), (7, False)]
    assert "和第3行同名" in reading.problems[0].message
    assert "和第6行同名" in reading.problems[1].message


def test_a_contact_cell_for_two_things_is_taken_apart_and_never_repeated_in_a_problem():
    header = ["账号名称", "联系人及电话"]
    (row,) = read(["甲", "某人（１3800000000）"], header=header).rows
    assert row.private == {"contact_name": "某人", "contact_phone": "13800000000"}
    (row,) = read(["甲", "0771-1234567"], header=header).rows
    assert row.private == {"contact_phone": "0771-1234567"}
    reading = read(["甲", "某\x07人"], header=header)
    assert "某" not in str(reading.problems[0])


def test_links_without_a_scheme_are_completed_and_bad_ones_left_out():
    header = ["账号名称", "链接", "采集地址"]
    reading = read(
        ["甲", "weibo.com/u/42", "https://e.example/" + "x" * 1001],
        ["乙", "见附件", "weibo.com/u/1"],
        header=header,
    )
    assert reading.rows[0].values["link"] == "https://weibo.com/u/42"
    assert [(p.row, p.field) for p in reading.problems] == [(2, "source_link"), (3, "link"), (3, "source_link")]
    assert not {"link", "source_link"} & set(reading.rows[1].values)


def test_an_unclear_platform_is_noted_and_an_unknown_one_is_asked_about():
    reading = read(["甲", "县里的抖音", "1", *[""] * 7], ["乙", "论坛", "2", *[""] * 7])
    assert [r.values["platform"] for r in reading.rows] == ["douyin", "other"]
    assert reading.rows[0].notes
    assert [p.row for p in reading.problems] == [3]


def test_dates_of_the_1904_calendar_are_read_by_it():
    sheet = Sheet("表", [["账号名称", "开设时间"], ["甲", 42129.0], ["乙", "无"]], date1904=True)
    rows = read_register(sheet, guess(sheet)).rows
    assert rows[0].values["opened_on"] == date(2019, 5, 6)
    assert "opened_on" not in rows[1].values


def test_a_line_break_inside_a_name_is_none():
    assert read(["示例\n发布", "微博", "1", *[""] * 7]).rows[0].values["name"] == "示例发布"


def test_an_exported_value_reads_as_its_official_word():
    assert said("platform", "wechat_mp") == "微信公众号"
    assert said("opened_on", date(2019, 5, 6)) == "2019-05-06"


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
