"""The annexes as a workbook, opened again by another library."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime

import openpyxl
from tests.core.bulletins import town

from qiguan.core.bulletin_tables import tables
from qiguan.publication.render.bulletin_xlsx import bulletin_xlsx


def opened(bulletin):
    return openpyxl.load_workbook(io.BytesIO(bulletin_xlsx(bulletin)))


def test_every_table_is_a_sheet_and_every_cell_its_own():
    book = opened(town())
    assert book.sheetnames == [*(t.title for t in tables(town())), "说明"]
    for table in tables(town()):
        sheet = book[table.title]
        rows = list(sheet.iter_rows(min_row=3, values_only=True))
        assert list(rows[0]) == list(table.header)
        assert len(rows) == len(table.rows) + 1
        for got, wanted in zip(rows[1:], table.rows, strict=True):
            for cell, value in zip(got, wanted, strict=True):
                cell = cell.date() if isinstance(cell, datetime) else cell
                assert cell == (value or None if not isinstance(value, int) else value) or str(cell).lstrip("'") == value


def test_no_cell_is_run_as_a_formula():
    rows = [replace(town().rows[6], account="=HYPERLINK(1)", owner="+1", reply="@SUM(A1)", level="-2")]
    book = opened(replace(town(), rows=rows))
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row if isinstance(c.value, str)]
    assert "f" not in {c.data_type for c in cells}
    assert {"'=HYPERLINK(1)", "'+1", "'@SUM(A1)", "'-2"} <= {c.value for c in cells}


def test_sheets_are_ready_to_read_and_to_print():
    sheet = opened(town())["不合格账号清单"]
    assert sheet.freeze_panes == "C4"
    assert sheet.page_setup.paperSize == 9
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.column_dimensions["B"].width > 12
    assert sheet.auto_filter.ref == "A3:J7"


def test_an_overlong_or_uncarriable_text_costs_nothing_else():
    rows = [replace(town().rows[6], reply="长" * 40_000 + "\x00"), town().rows[0]]
    sheet = opened(replace(town(), rows=rows))["不合格账号清单"]
    assert len(sheet["J4"].value) == 32_000


def test_how_to_read_it_is_written_beside_it():
    sheet = opened(town())["说明"]
    text = "\n".join(str(row[1]) for row in sheet.iter_rows(values_only=True))
    assert "2026年6月30日24:00" in text
    assert "严重表述错误（没有人看过）" in text
    assert "未能判定不在其中" in text
