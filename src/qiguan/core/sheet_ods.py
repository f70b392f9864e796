"""OpenDocument spreadsheets, in a stream: repeated and merged cells are written out, within limits."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime

from lxml import etree

from qiguan.core.cells import Cell, Limits, Sheet, spread
from qiguan.core.errors import UnusableInput

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_NUMBERS = frozenset({"float", "currency", "percentage"})
_Regions = list[tuple[tuple[int, int], tuple[int, int]]]


class _TooMuch(Exception):
    """A table beyond the limits."""


def read_ods(name: str, data: bytes, limits: Limits) -> list[Sheet]:
    """Read every table. Raises UnusableInput where the content is broken or too large."""
    sheets: list[Sheet] = []
    rows: list[list[Cell]] = []
    regions: _Regions = []
    blank = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("content.xml") as stream:
            for _, element in etree.iterparse(
                stream, events=("end",), tag=(_TABLE + "table-row", _TABLE + "table"), no_network=True, resolve_entities=False
            ):
                if element.tag == _TABLE + "table":
                    spread(rows, regions, most=limits.cells)
                    sheets.append(Sheet(element.get(_TABLE + "name") or "", rows))
                    rows, regions, blank = [], [], 0
                    if len(sheets) > limits.sheets:
                        raise UnusableInput(f"工作表超过{limits.sheets}张", place=name, remedy="请拆成几个文件")
                    continue
                times = _count(element, "number-rows-repeated")
                cells = _row(element, len(rows) + blank, regions, limits)
                _forget(element)
                if not cells:
                    blank += times
                    continue
                if len(rows) + blank + times > limits.rows or (len(rows) + blank + times) * len(cells) > limits.cells:
                    raise _TooMuch
                rows.extend([] for _ in range(blank))
                rows.extend(list(cells) for _ in range(times))
                blank = 0
    except _TooMuch as error:
        raise UnusableInput(
            f"超过{limits.rows}行{limits.columns}列（或{limits.cells}格）", place=name, remedy="请删去多余的行列，或拆成几个文件"
        ) from error
    except (etree.XMLSyntaxError, zipfile.BadZipFile, OSError, EOFError) as error:
        raise UnusableInput("文件不完整或已损坏", place=name, remedy="请用LibreOffice或WPS打开，另存为xlsx后再传") from error
    return sheets


def _forget(element: etree._Element) -> None:
    """Free a row that was read, and those before it."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _count(element: etree._Element, word: str) -> int:
    text = element.get(_TABLE + word) or "1"
    return max(int(text), 1) if text.isdecimal() and len(text) < 9 else 1


def _row(element: etree._Element, number: int, regions: _Regions, limits: Limits) -> list[Cell]:
    cells: list[Cell] = []
    blank = 0
    for child in element:
        if child.tag not in {_TABLE + "table-cell", _TABLE + "covered-table-cell"}:
            continue
        times = _count(child, "number-columns-repeated")
        value = _value(child, limits)
        if value in (None, ""):
            blank += times
            continue
        if len(cells) + blank + times > limits.columns:
            raise _TooMuch
        cells.extend([None] * blank)
        high, wide = _count(child, "number-rows-spanned"), _count(child, "number-columns-spanned")
        if high > 1 or wide > 1:
            left = len(cells)
            regions.append(((number, left), (number + high - 1, min(left + wide, limits.columns) - 1)))
        cells.extend([value] * times)
        blank = 0
    return cells


def _value(cell: etree._Element, limits: Limits) -> Cell:
    kind = cell.get(_OFFICE + "value-type") or ""
    try:
        if kind in _NUMBERS:
            return float(cell.get(_OFFICE + "value") or "")
        if kind == "date":
            stated = cell.get(_OFFICE + "date-value") or ""
            return datetime.fromisoformat(stated).replace(tzinfo=None) if "T" in stated else date.fromisoformat(stated)
        if kind == "boolean":
            return bool(cell.get(_OFFICE + "boolean-value") == "true")
    except ValueError:
        pass  # what it shows is still there
    return "\n".join("".join(_words(p)) for p in cell.iterchildren(_TEXT + "p"))[: limits.cell_chars]


def _words(paragraph: etree._Element) -> Iterator[str]:
    """Yield a paragraph's text; a space of its own kind is a space, a note is no part of it."""
    for part in paragraph.iter():
        if part.tag in {_TEXT + "s", _TEXT + "tab"}:
            yield " "
        if part.text and isinstance(part.tag, str):
            yield part.text
        if part is not paragraph and part.tail:
            yield part.tail
