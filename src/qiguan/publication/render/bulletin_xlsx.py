"""The annexes of a bulletin as a workbook: one sheet a table, ready to print, text that no spreadsheet runs. Values, no models."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from qiguan.core.bulletin import Bulletin
from qiguan.core.bulletin_tables import Table, tables
from qiguan.core.days import say_at
from qiguan.core.rate import ROUNDING
from qiguan.core.register_rows import safe_cell
from qiguan.publication.render.word_xml import safe_text

_OPTIONS: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}
_MOST_TEXT: Final = 32_000  # characters of one cell; a spreadsheet refuses more than 32,767
_NOT_IN_NAMES: Final = re.compile(r"[\[\]:*?/\\']")


def bulletin_xlsx(bulletin: Bulletin) -> bytes:
    """Return the workbook: the annexes in the order of the document, then 检查范围 in full and how to read it."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {**_OPTIONS, "default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"title": safe_text(bulletin.title)[:200], "author": "", "created": _noon(bulletin.issued_on)})
        formats = _formats(book)
        for table in tables(bulletin):
            _sheet(book, table, formats)
        _about(book, bulletin, formats)
    return out.getvalue()


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001  a workbook's properties have no zone


def _formats(book: Any) -> dict[str, Any]:
    ruled = {"border": 1, "valign": "vcenter", "text_wrap": True, "font_name": "宋体", "font_size": 10}
    return {
        "title": book.add_format({"bold": True, "font_name": "黑体", "font_size": 16}),
        "head": book.add_format({**ruled, "bold": True, "align": "center", "bg_color": "#EDEDED"}),
        "text": book.add_format(ruled),
        "day": book.add_format({**ruled, "num_format": "yyyy-mm-dd", "align": "center"}),
        "note": book.add_format({"font_name": "宋体", "font_size": 9, "font_color": "#595959"}),
    }


def _sheet(book: Any, table: Table, formats: dict[str, Any]) -> None:
    """Row 1 the title, row 2 the note, row 3 the header (frozen, repeated in print), then the rows."""
    sheet = book.add_worksheet(_NOT_IN_NAMES.sub("", table.title)[:31])
    sheet.write_string(0, 0, table.title, formats["title"])
    sheet.write_string(1, 0, table.note, formats["note"])
    for column, width in enumerate(table.widths):
        sheet.set_column(column, column, width * 2 + 2)  # a Chinese character is two columns of digits wide
    sheet.write_row(2, 0, [_text(word) for word in table.header], formats["head"])
    for nth, row in enumerate(table.rows, start=3):
        _row(sheet, nth, row, formats)
    last = max(2, len(table.rows) + 2)
    sheet.freeze_panes(3, 2)
    sheet.autofilter(2, 0, last, len(table.header) - 1)
    sheet.repeat_rows(2)
    sheet.set_paper(9)  # A4
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.6, right=0.6, top=0.8, bottom=0.8)
    sheet.set_footer("&C— &P —")


def _row(sheet: Any, nth: int, row: Sequence[str | int | date | None], formats: dict[str, Any]) -> None:
    for column, value in enumerate(row):
        if isinstance(value, date):
            sheet.write_datetime(nth, column, value, formats["day"])
        elif isinstance(value, int):
            sheet.write_number(nth, column, value, formats["text"])
        elif value:
            sheet.write_string(nth, column, _text(value), formats["text"])
        else:
            sheet.write_blank(nth, column, None, formats["text"])


def _text(value: str) -> str:
    return safe_cell(safe_text(value)[:_MOST_TEXT])


def _about(book: Any, bulletin: Bulletin, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet("说明")
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 90)
    lines = [
        ("通报", bulletin.title),
        ("发文字号", bulletin.number),
        ("发文机关", bulletin.issuer),
        ("监测时间点", say_at(bulletin.check_point)),
        ("检查的规则", "、".join(bulletin.rules)),
        ("未检查的规则", "；".join(f"{title}（{why}）" for title, why in bulletin.not_looked)),
        ("规则设定", bulletin.settings),
        ("合格率", f"合格÷（合格＋不合格），未能判定不在其中。{ROUNDING}。"),
    ]
    for nth, (word, value) in enumerate(lines):
        sheet.write_string(nth, 0, word, formats["head"])
        sheet.write_string(nth, 1, _text(value), formats["text"])
