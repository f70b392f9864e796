"""Old workbooks: how far their cells reach, and chains that lead in circles."""

from __future__ import annotations

import contextlib
import io
import struct

import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.cells import Limits
from qiguan.core.errors import UnusableInput
from qiguan.core.sheet import read_workbook
from qiguan.core.sheet_xls import Broken, largest_sheet

SMALL = Limits(cells=100)


def xls(*sheets: list[tuple[int, int, object]]) -> bytes:
    book = xlwt.Workbook()
    for number, cells in enumerate(sheets):
        page = book.add_sheet(f"表{number}")
        for row, column, value in cells:
            page.write(row, column, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("value", ["文字", 1, 1.5, True, xlwt.Formula("1+1")])
def test_one_far_cell_of_any_kind_is_found(value):
    assert largest_sheet(xls([(0, 0, "a"), (49, 1, value)]), SMALL) is None
    assert largest_sheet(xls([(0, 0, "a"), (50, 1, value)]), SMALL) == (51, 2)


def test_numbers_side_by_side_are_counted_to_the_last():
    assert largest_sheet(xls([(0, c, c) for c in range(101)]), SMALL) == (1, 101)


def test_all_sheets_together_have_one_limit():
    page = [(9, 3, "x")]
    assert largest_sheet(xls(page, page), SMALL) is None
    assert largest_sheet(xls(page, page, page), SMALL) == (10, 4)


def test_sixty_sparse_sheets_are_refused_before_they_are_unpacked():
    with pytest.raises(UnusableInput, match="65536行256列"):
        read_workbook("x.xls", xls(*[[(0, 0, "账号名称"), (65535, 255, "x")]] * 60))


def test_a_long_workbook_is_read_through_its_chain():
    data = xls([(r, c, f"第{r}行第{c}列") for r in range(3000) for c in range(5)])
    assert largest_sheet(data, Limits()) is None
    assert largest_sheet(data, Limits(rows=2999)) == (3000, 5)


def mini(stream: bytes, *, more: int = 0xFFFFFFFE, mini_start: int = 0) -> bytes:
    """A compound file whose workbook is short enough to lie in the small sectors: header, table, directory, mini table, mini."""
    end, free = 0xFFFFFFFE, 0xFFFFFFFF
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<9I", 0, 1, 1, 0, 4096, 2, 1, more, 0) + struct.pack("<109I", 0, *[free] * 108)
    table = struct.pack("<128I", 0xFFFFFFFD, end, end, end, *[free] * 124)

    def entry(name: str, kind: int, start: int, size: int) -> bytes:
        word = name.encode("utf-16-le") + b"\0\0"
        return word.ljust(64, b"\0") + struct.pack("<HBB", len(word), kind, 1) + bytes(48) + struct.pack("<IQ", start, size)

    directory = (entry("Root Entry", 5, 3, 512) + entry("Workbook", 2, mini_start, len(stream))).ljust(512, b"\0")
    chain = struct.pack("<128I", *range(1, 8), end, *[free] * 120)
    return head[:512].ljust(512, b"\0") + table + directory + chain + stream.ljust(512, b"\0")


def cell(row: int, column: int) -> bytes:
    return struct.pack("<HHHHHd", 0x0203, 14, row, column, 0, 1.0)


def test_a_short_workbook_lies_in_the_small_sectors():
    span = struct.pack("<HHHHHIH", 0x00BD, 12, 0, 0, 0, 0, 120)
    assert largest_sheet(mini(cell(0, 0) + b"\x03\x02\x02\x00\x00\x00"), SMALL) is None
    assert largest_sheet(mini(cell(5, 0) + cell(200, 0)), SMALL) == (201, 1)
    assert largest_sheet(mini(span), SMALL) == (1, 121)


@pytest.mark.parametrize(
    "data",
    [
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        mini(cell(0, 0)).replace("Workbook".encode("utf-16-le"), "Notebook".encode("utf-16-le")),
        mini(cell(0, 0), mini_start=500),
        mini(cell(0, 0).ljust(508, b"\0") + struct.pack("<I", 3), more=3),
        mini(cell(0, 0)).replace(struct.pack("<II", 0xFFFFFFFD, 0xFFFFFFFE), struct.pack("<II", 0xFFFFFFFD, 1), 1),
    ],
    ids=["short", "zeros", "no workbook", "beyond the table", "endless list", "circle"],
)
def test_chains_that_lead_nowhere_are_damage(data):
    with pytest.raises(Broken):
        largest_sheet(data, SMALL)


@given(st.integers(0, 2500), st.binary(min_size=1, max_size=8))
def test_no_damage_brings_anything_but_words(at, bytes_):
    data = bytearray(mini(cell(0, 0) + cell(1, 1)))
    data[at : at + len(bytes_)] = bytes_
    with contextlib.suppress(Broken):
        largest_sheet(bytes(data), SMALL)
