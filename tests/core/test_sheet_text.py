"""csv of every kind, and HTML called .xls."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.cells import Limits
from qiguan.core.errors import UnusableInput
from qiguan.core.sheet import read_workbook
from qiguan.core.sheet_text import read_text


def rows_of(data: bytes | str, **limits: int):
    (sheet, *_) = read_text("x", data.encode() if isinstance(data, str) else data, Limits(**limits))
    return [list(r) for r in sheet.rows]


def test_the_delimiter_is_what_makes_even_columns_not_what_is_most_frequent():
    assert rows_of("名称\t简介\n甲\ta,b,c,d\n乙\te,f,g;h\n")[1] == ["甲", "a,b,c,d"]
    assert rows_of("名称;简介\n甲;a,b\n乙;c\n")[1] == ["甲", "a,b"]
    assert rows_of("名称|简介\n甲|乙\n")[1] == ["甲", "乙"]
    assert rows_of("名称\n甲\n") == [["名称"], ["甲"]]


def test_the_line_that_tells_excel_the_delimiter_is_no_row():
    assert rows_of("sep=;\na;b\n") == [["a", "b"]]
    assert rows_of("sep=\na,b\n") == [["a", "b"]]
    assert rows_of("sep=;") == []


def test_quoted_cells_may_hold_delimiters_and_line_breaks():
    assert rows_of('a,b\n"x,\n""y""",z\n') == [["a", "b"], ['x,\n"y"', "z"]]


@given(st.lists(st.lists(st.text("甲乙,;\t\"' a1", max_size=5), min_size=3, max_size=3), min_size=2, max_size=6))
def test_what_excel_writes_is_read_back(rows):
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["名称", "平台", "单位"], *rows])
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        assert rows_of(out.getvalue().encode(encoding))[1:] == rows


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x89PNG\r\n", "图片"),
        (b"\xff\xd8\xff\xe0", "图片"),
        (b"Rar!\x1a", "压缩包"),
        (b"{\\rtf1", "RTF"),
        (b"MIME-Version: 1.0\r\n", "网页"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "XML表格2003"),
        (b"\xef\xbb\xbf<html><body>login</body></html>", "不是表格"),
        (b"a\x00b", "不是表格"),
        (b"\xff\xfe\x00", "编码"),
        (b"\x81\xff\xff\xff", "编码"),
        (b'a,b\n"' + b"x" * 1_100_000, "引号"),
    ],
)
def test_what_is_no_table_is_named(data, words):
    with pytest.raises(UnusableInput) as caught:
        read_text("x.xls", data, Limits())
    assert words in caught.value.message
    assert caught.value.remedy


def test_an_unreadable_sample_falls_back_to_commas():
    with pytest.raises(UnusableInput, match="一格过长"):
        read_text("x", b"a" * 1_200_000 + b",b\n", Limits())


def test_rows_columns_and_cells_have_limits():
    for limits, words in (({"rows": 2}, "超过2行"), ({"cells": 5}, "5格"), ({"columns": 1}, "超过1列")):
        with pytest.raises(UnusableInput, match=words):
            rows_of("a,b\n" * 3, **limits)
    assert rows_of("a,,,\n", columns=2) == [["a", ""]]


def test_an_html_table_is_read_with_its_spans():
    html = (
        "\ufeff<html><meta charset=gb2312><table><tr><th colspan=2>账号</th><th rowspan=2>主办单位</th></tr>"
        "<tr><td>名称</td><td>平台</td></tr><tr><td>甲</td><td>微博</td><td rowspan=0>乙局</td></tr></table>"
    )
    for data in (html.encode(), html[1:].encode("gb18030")):
        assert rows_of(data) == [["账号", "账号", "主办单位"], ["名称", "平台", "主办单位"], ["甲", "微博", "乙局"]]


def test_a_cell_covered_from_above_moves_the_others_on():
    assert rows_of("<table><tr><td rowspan=2>单位<td>甲<tr><td>乙</table>") == [["单位", "甲"], ["单位", "乙"]]
    assert rows_of("<table><tr><td rowspan=3>a<td>b<tr><td>c</table>", columns=1)[0] == ["a"]


def test_hostile_spans_stay_within_the_limits():
    (row,) = rows_of("<table><tr><td colspan=99999999 rowspan=99999999>x<td colspan=999999999>y</table>")
    assert len(row) <= 201


def test_spaces_alone_hold_nothing():
    with pytest.raises(UnusableInput, match="没有内容"):
        read_workbook("x.csv", b" \n ,\n")
