"""Spreadsheets of every kind, and everything hostile that calls itself one."""

from __future__ import annotations

import contextlib
import io
import zipfile
from datetime import date, time, timedelta

import openpyxl
import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from qiguan.core.errors import UnusableInput
from qiguan.core.sheet import Limits, as_text, read_workbook

ROWS = [["账号名称", "平台"], ["南例商务", "微信公众号"], ["示例交警", "抖音"]]


def xlsx(rows, merge="") -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls(rows) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            sheet.write(r, c, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods(rows) -> bytes:
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    book = OpenDocumentSpreadsheet()
    table = Table(name="表")
    for row in rows:
        line = TableRow()
        for value in row:
            cell = TableCell(valuetype="string")
            cell.addElement(P(text=value))
            line.addElement(cell)
        table.addElement(line)
    book.spreadsheet.addElement(table)
    out = io.BytesIO()
    book.write(out)
    return out.getvalue()


def as_csv(rows, encoding, delimiter=",") -> bytes:
    return "\r\n".join(delimiter.join(r) for r in rows).encode(encoding)


@pytest.mark.parametrize(
    "data",
    [
        xlsx(ROWS),
        xls(ROWS),
        ods(ROWS),
        as_csv(ROWS, "utf-8"),
        as_csv(ROWS, "utf-8-sig"),
        as_csv(ROWS, "gb18030"),
        as_csv(ROWS, "utf-16"),
        as_csv(ROWS, "utf-8", "\t"),
        as_csv(ROWS, "utf-8", ";"),
    ],
    ids=["xlsx", "xls", "ods", "utf-8", "utf-8-bom", "gb18030", "utf-16", "tab", "semicolon"],
)
def test_every_kind_is_read_by_its_bytes_whatever_its_name(data):
    (sheet,) = read_workbook("登记表.dat", data)
    assert [[as_text(c) for c in row] for row in sheet.rows] == ROWS


def test_an_html_table_called_xls_is_read():
    html = "<html><table><tr><th>账号名称</th></tr><tr><td>南例商务</td></tr></table></html>".encode()
    assert read_workbook("导出.xls", html)[0].text(1, 0) == "南例商务"


def test_a_merged_region_holds_its_value_everywhere():
    (sheet,) = read_workbook("a.xlsx", xlsx([["单位", "账号"], ["南例县商务局", "甲"], [None, "乙"]], merge="A2:A3"))
    assert sheet.text(2, 0) == "南例县商务局"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "空的"),
        (b"%PDF-1.7 x", "PDF"),
        (b"PK\x03\x04broken", "损坏"),
        (xlsx(ROWS)[:900], "损坏"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "损坏"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "密码"),
        (b"<html><body>login</body></html>", "不是表格"),
        (b"a\x00b", "不是表格"),
        (b"\xff\xfe\x00", "编码"),
        (b"\x81\xff\xff\xff", "编码"),
        (b" \n ,\n", "没有内容"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_with_a_remedy(data, words):
    with pytest.raises(UnusableInput) as caught:
        read_workbook("x.xlsx", data)
    assert words in caught.value.message
    assert caught.value.remedy


def test_a_word_document_and_a_bomb_are_refused():
    for inside, words in (({"word/document.xml": b"x"}, "Word"), ({"readme.txt": b"x"}, "压缩包")):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, body in inside.items():
                archive.writestr(name, body)
        with pytest.raises(UnusableInput, match=words):
            read_workbook("x.xlsx", out.getvalue())
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 5_000_000)
    with pytest.raises(UnusableInput, match="太大"):
        read_workbook("x.xlsx", bomb.getvalue(), limits=Limits(unpacked_bytes=1_000_000))


def test_sizes_have_limits():
    with pytest.raises(UnusableInput, match="超过"):
        read_workbook("x.csv", b"a,b\n" * 100, limits=Limits(file_bytes=10))
    with pytest.raises(UnusableInput, match="超过50行"):
        read_workbook("x.csv", b"a,b\n" * 100, limits=Limits(rows=50))
    with pytest.raises(UnusableInput, match="超过1行"):
        read_workbook("x.xlsx", xlsx(ROWS), limits=Limits(rows=1))
    with pytest.raises(UnusableInput, match="超过0张"):
        read_workbook("x.xlsx", xlsx(ROWS), limits=Limits(sheets=0))


def test_a_hidden_sheet_is_left_out_unless_it_is_all_there_is():
    book = openpyxl.load_workbook(io.BytesIO(xlsx(ROWS)))
    book.create_chartsheet("图")
    book.create_sheet("旧名单")["A1"] = "账号名称"
    book["旧名单"].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    found = read_workbook("x", out.getvalue())
    assert [s.name for s in found] == ["Sheet"]
    assert found.notes == ["工作表“旧名单”是隐藏的，没有读；要用它，请取消隐藏后再传"], "it is named, never dropped in silence"
    for line in book["Sheet"]:
        for cell in line:
            cell.value = None
    out = io.BytesIO()
    book.save(out)
    found = read_workbook("x", out.getvalue())
    assert ([s.name for s in found], found.notes) == (["旧名单"], [])


def test_clock_times_lengths_and_the_1904_calendar_come_through():
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append([date(2019, 5, 6), 42129, time(9, 30), timedelta(hours=30), "长" * 5000])
    out = io.BytesIO()
    book.save(out)
    (sheet,) = read_workbook("x", out.getvalue())
    assert sheet.date1904
    assert sheet.rows[0][:2] == [date(2019, 5, 6), 42129]
    assert sheet.text(0, 2).startswith("09:30")
    assert isinstance(sheet.rows[0][3], str)
    assert len(sheet.text(0, 4)) == 4000


def test_an_old_xls_with_a_password_or_a_word_document_is_named():
    data = bytearray(xls(ROWS))
    at = data.find(b"\x09\x08\x10\x00\x00\x06\x05\x00")
    assert at > 0
    data[at + 20 : at + 22] = b"\x2f\x00"  # the record after the first becomes the one of a password
    with pytest.raises(UnusableInput, match="密码"):
        read_workbook("x.xls", bytes(data))
    with pytest.raises(UnusableInput, match="Word"):
        read_workbook("x.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"))


def test_an_old_xls_too_large_is_refused():
    with pytest.raises(UnusableInput, match="超过300000行1列"):
        read_workbook("x.xls", xls(ROWS), limits=Limits(columns=1))
    with pytest.raises(UnusableInput, match="3行2列"):
        read_workbook("x.xls", xls(ROWS), limits=Limits(rows=2))


@given(st.binary(max_size=400))
def test_no_bytes_bring_anything_but_words(data):
    with contextlib.suppress(UnusableInput):
        assert read_workbook("x", data)


def test_a_workbook_inspected_before_is_read_again_to_the_same_sheets():
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["账号名称", date(2019, 5, 6)])
    out = io.BytesIO()
    book.save(out)
    assert read_workbook("x", out.getvalue(), inspected=True) == read_workbook("x", out.getvalue())
    assert read_workbook("x", out.getvalue(), inspected=True)[0].date1904
