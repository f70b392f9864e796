"""Addresses, texts and merged regions."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.cells import Sheet, address, as_text, column_letters, spread


def test_addresses_read_as_in_the_office():
    assert [column_letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert address(2, 4) == "E3"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (43591.0, "43591"),
        (1.5, "1.5"),
        (True, "是"),
        (False, "否"),
        (datetime(2019, 5, 6), "2019-05-06"),
        (datetime(2019, 5, 6, 9, 30), "2019-05-06 09:30:00"),
        (date(2019, 5, 6), "2019-05-06"),
        (" x ", "x"),
        (7, "7"),
        (1.234567890123457e18, "1.234567890123457e+18"),
    ],
)
def test_a_cell_reads_as_a_person_reads_it(value, text):
    assert as_text(value) == text


def test_a_row_shorter_than_the_others_is_empty_there():
    assert Sheet("", [["a"]]).text(0, 3) == ""


def test_a_merged_region_holds_its_value_everywhere():
    rows = [["a", "b", None], [None], ["c", None, None]]
    spread(rows, [((0, 0), (1, 1))], most=100)
    assert rows == [["a", "a", None], ["a", "a"], ["c", None, None]]


def test_a_short_title_row_is_filled_as_wide_as_the_sheet():
    rows = [["标题"], ["a", "b"]]
    spread(rows, [((0, 0), (0, 9))], most=100)
    assert rows == [["标题", "标题"], ["a", "b"]]


def test_regions_outside_the_sheet_or_beyond_the_limit_do_nothing():
    rows = [["a", None], [None, None]]
    spread(rows, [((9, 0), (10, 1)), ((0, 9), (0, 10))], most=100)
    spread(rows, [((0, 0), (10**9, 10**9))], most=3)
    assert rows == [["a", None], [None, None]]
    spread(rows, [((0, 0), (10**9, 10**9))], most=4)
    assert rows == [["a", "a"], ["a", "a"]]


@given(st.lists(st.tuples(*[st.integers(0, 6)] * 4), max_size=5))
def test_no_region_changes_a_sheets_first_cell_or_height(corners):
    rows = [[f"{r}{c}" for c in range(r + 1)] for r in range(4)]
    spread(rows, [((t, left), (t + h, left + w)) for t, left, h, w in corners], most=50)
    assert rows[0][0] == "00"
    assert len(rows) == 4
