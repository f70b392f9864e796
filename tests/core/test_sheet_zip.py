"""Archives that are larger, wider or other than they say."""

from __future__ import annotations

import io
import struct
import zipfile

import openpyxl
import pytest

from qiguan.core.cells import Limits
from qiguan.core.errors import UnusableInput
from qiguan.core.sheet import read_workbook
from qiguan.core.sheet_zip import inspect_zip


def book(rows=(("账号名称",), ("甲",))) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def rewritten(data: bytes, changes: dict[str, object]) -> bytes:
    """Replace members: bytes, or a function of the old bytes; new names are added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            change = changes.pop(info.filename, None)
            body = old.read(info)
            new.writestr(info.filename, change(body) if callable(change) else body if change is None else change)
        for name, body in changes.items():
            new.writestr(name, body)
    return out.getvalue()


def with_rows(xml: str) -> bytes:
    return rewritten(book(), {"xl/worksheets/sheet1.xml": lambda b: b.replace(b"</sheetData>", xml.encode() + b"</sheetData>")})


@pytest.mark.parametrize(
    "xml",
    [
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1048576"><c r="A1048576"><v>1</v></c></row>',
        '<row r="3"><c r="XFD3"><v>1</v></c></row>',
        "<row r='3'><c s='1' r='XFD3'><v>1</v></c></row>",
        '<row r="3"><c x="&gt;>" r="XFD3"><v>1</v></c></row>',
        '<row r="3"><c r="XFDXFD3"><v>1</v></c></row>',
        '<row r="3"><c r="xfd3"><v>1</v></c></row>',
        '<row r="1048576"><c><v>1</v></c></row>',
        "<row>" + "<c><v>1</v></c>" * 201 + "</row>",
    ],
)
def test_one_far_cell_is_refused_before_it_is_unpacked(xml):
    with pytest.raises(UnusableInput) as caught:
        read_workbook("x.xlsx", with_rows(xml))
    assert "超过300000行200列" in caught.value.message
    assert "误填" in caught.value.remedy


def test_many_rows_by_few_columns_are_counted_as_cells():
    with pytest.raises(UnusableInput, match="8格"):
        read_workbook("x.xlsx", book([("a", None, "c")] * 3), limits=Limits(cells=8))
    assert read_workbook("x.xlsx", book([("a", None, "c")] * 3), limits=Limits(cells=9))


def test_empty_formatted_cells_far_away_do_no_harm():
    (sheet,) = read_workbook("x.xlsx", with_rows('<row r="1048576" s="1"><c r="XFD1048576" s="0"/><c s="0"/></row>'))
    assert sheet.text(1, 0) == "甲"


def test_rows_and_cells_without_addresses_are_counted_on():
    (sheet,) = read_workbook("x.xlsx", with_rows('<row><c t="inlineStr"><is><t>乙</t></is></c></row>'))
    assert "乙" in [sheet.text(r, 0) for r in range(len(sheet.rows))]


def test_a_size_stated_too_small_is_found_out():
    data = bytearray(rewritten(book(), {"xl/worksheets/sheet1.xml": b"0" * 3_000_000}))
    real = struct.pack("<I", 3_000_000)
    assert data.count(real) == 2
    lied = bytes(data).replace(real, struct.pack("<I", 10))
    with pytest.raises(UnusableInput, match="太大"):
        inspect_zip("x", lied, Limits(unpacked_bytes=1_000_000))


@pytest.mark.parametrize("limits", [Limits(unpacked_bytes=1000), Limits(cells=1)])
def test_what_unpacks_too_large_is_refused(limits):
    with pytest.raises(UnusableInput, match="太大"):
        inspect_zip("x", book(), limits)


def test_a_long_text_used_too_often_is_refused_and_a_short_one_is_not():
    data = rewritten(
        book(),
        {
            "xl/sharedStrings.xml": "<sst><si><t>" + "长" * 2000 + "</t></si><si><t>短</t></si></sst>",
            "xl/worksheets/sheet1.xml": "<worksheet><sheetData>"
            + "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>{{}}</v></c></row>' for n in range(1, 100))
            + "</sheetData></worksheet>",
        },
    )

    def using(index: int) -> bytes:
        return rewritten(data, {"xl/worksheets/sheet1.xml": lambda b: b.replace(b"{}", str(index).encode())})

    with pytest.raises(UnusableInput, match="太大"):
        inspect_zip("x", using(0), Limits(text_bytes=100_000))
    assert not inspect_zip("x", using(1), Limits(text_bytes=100_000)).is_ods
    assert not inspect_zip("x", using(9), Limits(text_bytes=100_000)).is_ods


def test_a_tag_without_end_is_not_kept_forever():
    data = rewritten(book(), {"xl/worksheets/sheet1.xml": b"<" + b"x" * 3_000_000})
    with pytest.raises(UnusableInput):
        read_workbook("x", data)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"word/document.xml": b"x"}, "Word"),
        ({"readme.txt": b"x"}, "压缩包"),
        ({"xl/workbook.bin": b"x"}, "xlsb"),
        ({"content.xml": b"x", "META-INF/manifest.xml": b"<manifest:encryption-data/>"}, "密码"),
    ],
)
def test_other_archives_are_named(members, words):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    with pytest.raises(UnusableInput, match=words) as caught:
        inspect_zip("x.xlsx", out.getvalue(), Limits())
    assert caught.value.remedy


def test_a_locked_archive_is_named():
    data = bytearray(book())
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(sign)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(sign, at + 4)
    with pytest.raises(UnusableInput, match="密码"):
        inspect_zip("x", bytes(data), Limits())


def test_a_damaged_member_is_damage():
    data = bytearray(book())
    at = data.find(b"xl/worksheets/sheet1.xml") + 40
    data[at : at + 20] = b"\xff" * 20
    with pytest.raises(UnusableInput, match="损坏"):
        inspect_zip("x", bytes(data), Limits())
