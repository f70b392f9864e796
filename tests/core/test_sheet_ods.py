"""OpenDocument: merged and repeated cells, typed values, and what is too much."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import pytest

from qiguan.core.cells import Limits
from qiguan.core.errors import UnusableInput
from qiguan.core.sheet import read_workbook

HEAD = (
    '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
    "<office:body><office:spreadsheet>"
)


def ods(*tables: str, head: str = HEAD) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        body = "".join(f'<table:table table:name="表">{t}</table:table>' for t in tables)
        archive.writestr("content.xml", head + body + "</office:spreadsheet></office:body></office:document-content>")
    return out.getvalue()


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def cell(inside: str = "", more: str = "") -> str:
    return f"<table:table-cell {more}>{inside}</table:table-cell>"


def text(words: str, more: str = "") -> str:
    return cell(f"<text:p>{words}</text:p>", f'office:value-type="string" {more}')


COVERED = "<table:covered-table-cell/>"


def rows_of(data: bytes, **limits: int):
    return [list(r) for r in read_workbook("a.ods", data, limits=Limits(**limits))[0].rows]


def test_merged_cells_hold_their_value_everywhere():
    table = row(text("单位", 'table:number-rows-spanned="2"'), text("甲")) + row(COVERED, text("乙"))
    assert rows_of(ods(table)) == [["单位", "甲"], ["单位", "乙"]]
    wide = row(text("标题", 'table:number-columns-spanned="2"'), COVERED) + row(text("a"), text("b"))
    assert rows_of(ods(wide)) == [["标题", "标题"], ["a", "b"]]


def test_repeated_cells_and_rows_are_written_out_and_empty_ones_only_between():
    table = (
        row(text("a", 'table:number-columns-repeated="2"'), cell(more='table:number-columns-repeated="2"'), text("b"))
        + row(cell(), more='table:number-rows-repeated="2"')
        + row(text("c"), cell(more='table:number-columns-repeated="16000"'), more='table:number-rows-repeated="2"')
        + row(cell(more='table:number-columns-repeated="16384"'), more='table:number-rows-repeated="1048000"')
    )
    assert rows_of(ods(table)) == [["a", "a", None, None, "b"], [], [], ["c"], ["c"]]


@pytest.mark.parametrize(
    ("xml", "value"),
    [
        (cell(more='office:value-type="float" office:value="43591"'), 43591.0),
        (cell(more='office:value-type="date" office:date-value="2019-05-06"'), date(2019, 5, 6)),
        (cell(more='office:value-type="date" office:date-value="2019-05-06T09:30:00"'), datetime(2019, 5, 6, 9, 30)),
        (cell(more='office:value-type="boolean" office:boolean-value="true"'), True),
        (cell("<text:p>去年</text:p>", 'office:value-type="date" office:date-value="x"'), "去年"),
        (text("a<text:s/>b<!-- no --><text:span>c</text:span>d"), "a bcd"),
        (
            cell("<office:annotation><text:p>批注</text:p></office:annotation><text:p>正文</text:p><text:p>二</text:p>"),
            "正文\n二",
        ),
    ],
)
def test_values_keep_their_kind(xml, value):
    assert rows_of(ods(row(xml, text("x")))) == [[value, "x"]]


@pytest.mark.parametrize(
    "table",
    [
        row(text("x", 'table:number-columns-repeated="16384"'), more='table:number-rows-repeated="1048576"'),
        row(text("x"), more='table:number-rows-repeated="1048576"'),
        row(cell(more='table:number-columns-repeated="16383"'), text("x")),
        row(cell(), more='table:number-rows-repeated="1048575"') + row(text("x")),
    ],
)
def test_what_repeats_beyond_the_limits_is_refused(table):
    with pytest.raises(UnusableInput, match="超过300000行200列"):
        rows_of(ods(table))


def test_too_many_tables_are_refused_and_broken_content_is_damage():
    with pytest.raises(UnusableInput, match="超过1张"):
        rows_of(ods(row(text("a")), row(text("b"))), sheets=1)
    with pytest.raises(UnusableInput, match="损坏"):
        rows_of(ods("<table:table-row>"))


def test_entities_are_not_resolved():
    evil = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname"><!ENTITY b "bbbb">]>'
    try:
        rows = rows_of(ods(row(text("&e;&b;"), text("x")), head=HEAD.replace("<office:document", evil + "<office:document", 1)))
    except UnusableInput:
        return
    assert rows in ([["", "x"]], [[None, "x"]])


def test_a_column_count_that_is_no_number_counts_as_one():
    assert rows_of(ods(row(text("a", 'table:number-columns-repeated="many"'), "<table:other/>"))) == [["a"]]


def test_a_file_inspected_before_is_read_again_to_the_same_sheets():
    data = ods(row(text("单位"), text("甲")))
    assert read_workbook("a.ods", data, inspected=True) == read_workbook("a.ods", data)
