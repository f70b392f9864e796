"""Any spreadsheet an office sends, as rows of plain values with their cell addresses. Everything in it is hostile.

The kind is told by the bytes, not by the name: xlsx, xls, ods, csv (UTF-8 with and without BOM, UTF-16, GB18030), and the
HTML table that some systems call .xls.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import time, timedelta
from typing import Any

from qiguan.core.cells import Cell, Limits, Sheet, address, as_text, column_letters, spread
from qiguan.core.errors import UnusableInput
from qiguan.core.sheet_ods import read_ods
from qiguan.core.sheet_text import read_text
from qiguan.core.sheet_xls import Broken, largest_sheet
from qiguan.core.sheet_zip import inspect_zip, recall_zip

__all__ = ["HIDDEN", "Cell", "Limits", "Sheet", "Workbook", "address", "as_text", "column_letters", "read_workbook"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_FILE_PASS = re.compile(  # a workbook's first record, perhaps "write-protected", then the one that says "encrypted"
    rb"\x09\x08.\x00\x00[\x05\x06]\x05\x00.{4,12}?(?:\x86\x00\x00\x00)?\x2f\x00.\x00", re.DOTALL
)
_WORD = "WordDocument".encode("utf-16-le")
_RESAVE = "请用Excel或WPS打开，另存为xlsx后再传"


class Workbook(list[Sheet]):
    """The sheets that were read, in order; `hidden`: names of those that hold something and were passed over."""

    def __init__(self, sheets: Iterable[Sheet] = (), hidden: Sequence[str] = ()) -> None:
        super().__init__(sheets)
        self.hidden = tuple(hidden)

    @property
    def notes(self) -> list[str]:
        """What the user must be told of each hidden sheet."""
        return [f"工作表“{name}”{HIDDEN}" for name in self.hidden]


HIDDEN = "是隐藏的，没有读；要用它，请取消隐藏后再传"


def read_workbook(name: str, data: bytes, *, limits: Limits | None = None, inspected: bool = False) -> Workbook:
    """Read every sheet that holds anything. Raises UnusableInput with a remedy where the file cannot be read at all.

    Hidden sheets are left out unless nothing else holds anything: nobody who looked at the file saw them. They are named.
    `inspected`: these very bytes have been read before, so that an archive need not be unpacked once more to be measured.
    """
    limits = limits or Limits()
    hidden: list[Sheet] = []
    if not data:
        raise UnusableInput("文件是空的", place=name, remedy="请重新导出后再传")
    if len(data) > limits.file_bytes:
        raise UnusableInput(
            f"文件有{len(data) // 1048576}MB，超过{limits.file_bytes // 1048576}MB",
            place=name,
            remedy="请按单位或按年份拆成几个文件",
        )
    if data[:4] == b"PK\x03\x04":
        archive = recall_zip(data) if inspected else inspect_zip(name, data, limits)
        if archive.is_ods:
            sheets = read_ods(name, data, limits)
        else:
            sheets, hidden = _calamine(name, data, limits, date1904=archive.date1904)
    elif data[:8] == _OLE:
        if _LOCKED in data or _FILE_PASS.search(data):
            raise UnusableInput("文件加了打开密码", place=name, remedy="请去掉密码另存后再传")
        if _WORD in data:
            raise UnusableInput("文件是Word文档", place=name, remedy="请传xlsx、xls、ods或csv表格")
        _demand_small(name, data, limits)
        sheets, hidden = _calamine(name, data, limits)
    else:
        sheets = read_text(name, data, limits)
    sheets, hidden = [s for s in sheets if _holds_anything(s)], [s for s in hidden if _holds_anything(s)]
    if not sheets and not hidden:
        raise UnusableInput("文件里没有内容", place=name, remedy="请确认传的是登记表")
    return Workbook(sheets, [s.name for s in hidden]) if sheets else Workbook(hidden)


def _holds_anything(sheet: Sheet) -> bool:
    return any(c not in (None, "") and as_text(c) for row in sheet.rows for c in row)


def _calamine(name: str, data: bytes, limits: Limits, *, date1904: bool = False) -> tuple[list[Sheet], list[Sheet]]:
    """Return the sheets that are shown and those that are hidden."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        pages = [m for m in book.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
        if len(pages) > limits.sheets:
            raise UnusableInput(f"有{len(pages)}张工作表，超过{limits.sheets}张", place=name, remedy="请拆成几个文件")
        shown: list[Sheet] = []
        hidden: list[Sheet] = []
        for page in pages:
            sheet = book.get_sheet_by_name(page.name)
            height, width = sheet.end or (-1, -1)
            demand_size(f"{name} {page.name}", height + 1, width + 1, limits)
            rows = [_plain(row, limits.cell_chars) for row in sheet.to_python(skip_empty_area=False)]
            spread(rows, sheet.merged_cell_ranges or (), most=limits.cells)
            (shown if page.visible == SheetVisibleEnum.Visible else hidden).append(Sheet(page.name, rows, date1904))
    except (CalamineError, OSError, ValueError, LookupError, OverflowError) as error:
        raise UnusableInput("文件不完整或已损坏", place=name, remedy=_RESAVE) from error
    return shown, hidden


def _demand_small(name: str, data: bytes, limits: Limits) -> None:
    """Refuse an old workbook that would fill the memory; the reader unpacks all sheets at once."""
    try:
        size = largest_sheet(data, limits)
    except Broken as error:
        raise UnusableInput("文件不完整或已损坏", place=name, remedy=_RESAVE) from error
    if size is not None:
        raise UnusableInput(
            f"工作表太大（有一张{size[0]}行{size[1]}列）",
            place=name,
            remedy="常见原因是很远的地方误填了一格：请删去多余的行列和工作表，另存为xlsx后再传",
        )


def demand_size(place: str, height: int, width: int, limits: Limits) -> None:
    """Refuse a sheet that is too high or too wide."""
    if height > limits.rows or width > limits.columns or height * width > limits.cells:
        raise UnusableInput(
            f"有{height}行{width}列，超过{limits.rows}行{limits.columns}列（或{limits.cells}格）",
            place=place,
            remedy="请删去多余的行列，或拆成几个文件",
        )


def _plain(row: Sequence[Any], most: int) -> list[Cell]:
    return [
        c[:most] if isinstance(c, str) else str(c) if isinstance(c, timedelta | time) else c  # no date: a length or a clock time
        for c in row
    ]
