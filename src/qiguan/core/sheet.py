"""Any spreadsheet an office sends, as rows of plain values with their cell addresses. Everything in it is hostile.

The kind is told by the bytes, not by the name: xlsx, xls, ods, csv (UTF-8 with and without BOM, UTF-16, GB18030), and the
HTML table that some systems call .xls.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from qiguan.core.errors import UnusableInput

Cell = str | float | int | bool | datetime | date | None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may hold at most."""

    file_bytes: int = 64 * 1024 * 1024
    unpacked_bytes: int = 1024 * 1024 * 1024
    rows: int = 300_000
    columns: int = 200
    sheets: int = 60
    cell_chars: int = 4000


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: rows of values from row 1, column A on; merged cells hold their value everywhere."""

    name: str
    rows: Sequence[Sequence[Cell]]

    def text(self, row: int, column: int) -> str:
        """Return a cell as text, stripped; row and column count from 0."""
        return as_text(self.rows[row][column]) if column < len(self.rows[row]) else ""


def column_letters(column: int) -> str:
    """Return A for 0, Z for 25, AA for 26."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """Return A1 for (0, 0)."""
    return f"{column_letters(column)}{row + 1}"


def as_text(value: Cell) -> str:
    """Return a cell's text as a person reads it: 43591.0 is 43591, a midnight is a day."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d") if value.time() == time(0) else value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def read_workbook(name: str, data: bytes, *, limits: Limits | None = None) -> list[Sheet]:
    """Read every sheet that holds anything. Raises UnusableInput with a remedy where the file cannot be read at all."""
    limits = limits or Limits()
    if not data:
        raise UnusableInput("文件是空的", place=name, remedy="请重新导出后再传")
    if len(data) > limits.file_bytes:
        raise UnusableInput(
            f"文件有{len(data) // 1048576}MB，超过{limits.file_bytes // 1048576}MB",
            place=name,
            remedy="请按单位或按年份拆成几个文件",
        )
    if data[:4] == b"PK\x03\x04":
        _inspect_zip(name, data, limits)
        sheets = _calamine(name, data, limits)
    elif data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        if b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e" in data:
            raise UnusableInput("文件加了打开密码", place=name, remedy="请去掉密码另存后再传")
        sheets = _calamine(name, data, limits)
    else:
        sheets = _text(name, data, limits)
    sheets = [s for s in sheets if any(any(as_text(c) for c in row) for row in s.rows)]
    if not sheets:
        raise UnusableInput("文件里没有内容", place=name, remedy="请确认传的是登记表")
    return sheets


def _inspect_zip(name: str, data: bytes, limits: Limits) -> None:
    """Refuse what would unpack into more than the limit, and archives that are no spreadsheet."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnusableInput("文件不完整或已损坏", place=name, remedy="请重新导出后再传") from error
    if sum(i.file_size for i in infos) > limits.unpacked_bytes or len(infos) > 5000:
        raise UnusableInput("文件解压后太大", place=name, remedy="请另存为新的xlsx后再传")
    names = {i.filename for i in infos}
    if not any(n.startswith("xl/") for n in names) and "content.xml" not in names:
        what = "是Word文档" if any(n.startswith("word/") for n in names) else "是压缩包，不是表格"
        raise UnusableInput(f"文件{what}", place=name, remedy="请传xlsx、xls、ods或csv表格")


def _calamine(name: str, data: bytes, limits: Limits) -> list[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        if len(book.sheet_names) > limits.sheets:
            raise UnusableInput(f"有{len(book.sheet_names)}张工作表，超过{limits.sheets}张", place=name, remedy="请拆成几个文件")
        sheets = []
        for title in book.sheet_names:
            sheet = book.get_sheet_by_name(title)
            if sheet.total_height > limits.rows or sheet.total_width > limits.columns:
                raise UnusableInput(
                    f"有{sheet.total_height}行{sheet.total_width}列，超过{limits.rows}行{limits.columns}列",
                    place=f"{name} {title}",
                    remedy="请删去空行空列或拆成几个文件",
                )
            rows: list[list[Cell]] = [[_plain(c, limits) for c in row] for row in sheet.to_python(skip_empty_area=False)]
            for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
                _spread(rows, (top, left), (bottom, right))
            sheets.append(Sheet(title, rows))
    except PasswordError as error:
        raise UnusableInput("文件加了打开密码", place=name, remedy="请去掉密码另存后再传") from error
    except UnusableInput:
        raise
    except (CalamineError, OSError, ValueError, KeyError, IndexError) as error:
        raise UnusableInput("文件不完整或已损坏", place=name, remedy="请用Excel或WPS打开另存为xlsx后再传") from error
    return sheets


def _plain(value: Any, limits: Limits) -> Cell:
    if isinstance(value, str):
        return value[: limits.cell_chars]
    if isinstance(value, timedelta | time):
        return str(value)
    return value  # type: ignore[no-any-return]


def _spread(rows: list[list[Cell]], first: tuple[int, int], last: tuple[int, int]) -> None:
    """Write a merged region's value into each of its cells (a region as large as the sheet is a title, and harmless)."""
    (top, left), (bottom, right) = first, last
    if top >= len(rows) or left >= len(rows[top]) or (bottom - top + 1) * (right - left + 1) > 200_000:
        return
    value = rows[top][left]
    for row in rows[top : bottom + 1]:
        for column in range(left, min(right + 1, len(row))):
            row[column] = value


def _text(name: str, data: bytes, limits: Limits) -> list[Sheet]:
    head = data[:2048].lstrip()
    if head[:5] == b"%PDF-":
        raise UnusableInput("这是PDF，不是表格", place=name, remedy="请传xlsx、xls、ods或csv表格")
    text = _decode(name, data)
    if head[:1] == b"<" and b"<table" in data[:200_000].lower():
        return _html(text, limits)
    if text.count("\x00") or (head[:1] == b"<" and b">" in head):
        raise UnusableInput("这不是表格文件", place=name, remedy="请传xlsx、xls、ods或csv表格")
    sample = "\n".join(text.splitlines()[:50])
    delimiter = max(",\t;", key=sample.count)
    csv.field_size_limit(1_000_000)
    rows: list[list[Cell]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if len(rows) >= limits.rows:
                raise UnusableInput(f"超过{limits.rows}行", place=name, remedy="请拆成几个文件")
            rows.append([c[: limits.cell_chars] for c in row[: limits.columns]])
    except csv.Error as error:
        raise UnusableInput(
            "逗号分隔的内容有一格过长或引号不成对", place=f"{name} 第{len(rows) + 1}行", remedy="请用Excel或WPS另存为xlsx后再传"
        ) from error
    return [Sheet("", rows)]


def _decode(name: str, data: bytes) -> str:
    """UTF-8 before GB18030: valid UTF-8 is never GB18030 by chance, the other way round it may be."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise UnusableInput("文字编码有错", place=name, remedy="请另存为UTF-8的csv或xlsx后再传") from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnusableInput("文字编码不是UTF-8也不是GB18030", place=name, remedy="请用Excel或WPS另存为xlsx后再传")


def _html(text: str, limits: Limits) -> list[Sheet]:
    from selectolax.lexbor import LexborHTMLParser

    sheets = []
    for nth, table in enumerate(LexborHTMLParser(text).css("table")[: limits.sheets]):
        rows: list[list[Cell]] = [
            [cell.text(strip=True)[: limits.cell_chars] for cell in row.css("td, th")[: limits.columns]]
            for row in table.css("tr")[: limits.rows]
        ]
        sheets.append(Sheet(f"表{nth + 1}", rows))
    return sheets
