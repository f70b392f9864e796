"""Tables that are text: csv in any usual encoding and delimiter, and the HTML table that some systems call .xls."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import Final

from qiguan.core.cells import Cell, Limits, Sheet, spread
from qiguan.core.errors import UnusableInput

_TAKEN: Final = "请传xlsx、xls、ods或csv表格"
_KINDS: Final = (
    (b"%PDF-", "这是PDF，不是表格", _TAKEN),
    (b"\x89PNG", "这是图片，不是表格", _TAKEN),
    (b"\xff\xd8\xff", "这是图片，不是表格", _TAKEN),
    (b"Rar!", "这是压缩包，不是表格", "请解压后传里面的表格"),
    (b"7z\xbc\xaf", "这是压缩包，不是表格", "请解压后传里面的表格"),
    (b"\x1f\x8b", "这是压缩包，不是表格", "请解压后传里面的表格"),
    (b"{\\rtf", "这是RTF文档，不是表格", _TAKEN),
    (b"MIME-Version:", "这是单个文件网页，不是表格", "请用Excel打开，另存为xlsx后再传"),
)
_XML_SHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_DELIMITERS: Final = ",\t;|"


def read_text(name: str, data: bytes, limits: Limits) -> list[Sheet]:
    """Read a table written as text. Raises UnusableInput where it is something else."""
    for magic, what, remedy in _KINDS:
        if data[:64].lstrip().startswith(magic):
            raise UnusableInput(what, place=name, remedy=remedy)
    text = _decode(name, data)
    head = text[:200_000].lstrip()
    if head[:1] == "<":
        if _XML_SHEET in head:
            raise UnusableInput("这是XML表格2003", place=name, remedy="请用Excel或WPS打开，另存为xlsx后再传")
        if re.search(r"<table\b", head, re.IGNORECASE):
            return _html(text, limits)
    if "\x00" in text or (head[:1] == "<" and ">" in head[:2048]):
        raise UnusableInput("这不是表格文件", place=name, remedy=_TAKEN)
    return [Sheet("", _csv(name, text, limits))]


def _decode(name: str, data: bytes) -> str:
    """UTF-8 before GB18030: valid UTF-8 is never GB18030 by chance, the other way round it may be."""
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnusableInput(
        "文字编码不是UTF-8、UTF-16或GB18030，或文件不完整", place=name, remedy="请用Excel或WPS打开，另存为xlsx后再传"
    )


def _csv(name: str, text: str, limits: Limits) -> list[list[Cell]]:
    delimiter = _delimiter(text)
    if text[:4].lower() == "sep=":  # a line for Excel, not for us
        text = text[text.find("\n") + 1 :] if "\n" in text else ""
    csv.field_size_limit(1_000_000)
    rows: list[list[Cell]] = []
    cells = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            cells += len(row)
            if len(rows) >= limits.rows or cells > limits.cells:
                raise UnusableInput(f"超过{limits.rows}行（或{limits.cells}格）", place=name, remedy="请拆成几个文件")
            if len(row) > limits.columns and any(row[limits.columns :]):
                raise UnusableInput(f"超过{limits.columns}列", place=f"{name} 第{len(rows) + 1}行", remedy="请删去多余的列")
            rows.append([c[: limits.cell_chars] for c in row[: limits.columns]])
    except csv.Error as error:
        raise UnusableInput(
            "逗号分隔的内容有一格过长或引号不成对", place=f"{name} 第{len(rows) + 1}行", remedy="请用Excel或WPS另存为xlsx后再传"
        ) from error
    return rows


def _delimiter(text: str) -> str:
    """Choose what gives most of the first lines one and the same width above one; a comma where nothing does."""
    if text[:4].lower() == "sep=" and text[4:5] in _DELIMITERS:
        return text[4:5] or ","
    sample = text[:20_000].splitlines(keepends=True)[:50]  # shorter than the longest field csv takes

    def score(delimiter: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(sample, delimiter=delimiter) if len(row) > 1)
        (width, lines) = widths.most_common(1)[0] if widths else (0, 0)
        return lines, width

    return max(_DELIMITERS, key=score)


def _html(text: str, limits: Limits) -> list[Sheet]:
    from selectolax.lexbor import LexborHTMLParser

    sheets = []
    for nth, table in enumerate(LexborHTMLParser(text).css("table")[: limits.sheets]):
        rows: list[list[Cell]] = []
        regions: list[tuple[tuple[int, int], tuple[int, int]]] = []
        covered: dict[int, int] = {}  # column → rows that a cell above still covers
        for number, row in enumerate(table.css("tr")[: limits.rows]):
            cells: list[Cell] = []
            for cell in row.css("td, th")[: limits.columns]:
                while covered.get(len(cells), 0) > 0 and len(cells) < limits.columns:
                    cells.append(None)
                high, wide = _span(cell.attributes.get("rowspan")), _span(cell.attributes.get("colspan"))
                left = len(cells)
                wide = min(wide, max(limits.columns - left, 1))
                if high > 1 or wide > 1:
                    regions.append(((number, left), (number + high - 1, left + wide - 1)))
                cells.extend([cell.text(strip=True)[: limits.cell_chars], *[None] * (wide - 1)])
                covered.update(dict.fromkeys(range(left, left + wide), high))
            covered = {column: left - 1 for column, left in covered.items() if left > 1}
            rows.append(cells)
        spread(rows, regions, most=limits.cells)
        sheets.append(Sheet(f"表{nth + 1}", rows))
    return sheets


def _span(stated: str | None) -> int:
    return min(max(int(stated), 1), 10_000) if stated and stated.isdecimal() and len(stated) < 9 else 1
