"""No number below ten can be read off a published table, nor worked out from it."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from qiguan.core.withholding import publish


def tables(columns, shown):
    """Every table of counts that fits what was published: column sums, and all cells and row sums that are shown."""
    width = len(columns)

    def fill(row, left):
        if row == len(shown):
            if not any(left):
                yield []
            return
        ranges = [[shown[row][c]] if shown[row][c] is not None else range(left[c] + 1) for c in range(width)]
        for cells in product(*ranges):
            if any(a > b for a, b in zip(cells, left, strict=True)):
                continue
            if shown[row][width] is not None and sum(cells) != shown[row][width]:
                continue
            for rest in fill(row + 1, [b - a for a, b in zip(cells, left, strict=True)]):
                yield [[*cells, sum(cells)], *rest]

    return list(fill(0, columns))


def worked_out(table, least):
    """Return the withheld cells that a reader can work out although they lie below `least`, in columns that do not tell them."""
    shown = publish(table, least=least)
    fits = tables([sum(row[c] for row in table) for c in range(len(table[0]))], shown)
    assert [[*row, sum(row)] for row in table] in fits
    return [
        (r, c)
        for r, row in enumerate(shown)
        for c, value in enumerate(row)
        if value is None and len({t[r][c] for t in fits}) == 1 and fits[0][r][c] < least
    ]


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 6), min_size=2, max_size=3), min_size=2, max_size=3).filter(
        lambda t: len({len(r) for r in t}) == 1 and sum(map(sum, t)) >= 6
    )
)
def test_what_is_withheld_cannot_be_worked_out(table):
    assert worked_out(table, 3) == []


def test_the_working_out_can_fail(monkeypatch):
    def naive(table, *, least):
        return [[None if v < least else v for v in [*row, sum(row)]] for row in table]

    monkeypatch.setitem(worked_out.__globals__, "publish", naive)
    assert worked_out([[2, 5], [4, 6]], 3) == [(0, 0)]


def test_nothing_below_ten_is_shown_and_plenty_is_shown_whole():
    small = publish([[3, 40], [50, 60]])
    assert small == [[None, None, 43], [None, None, 110]]
    assert publish([[30, 40], [50, 60]]) == [[30, 40, 70], [50, 60, 110]]
    assert publish([]) == []
    assert publish([[0, 40], [0, 60]]) == [[0, 40, 40], [0, 60, 60]], "that nobody at all gave this grade is public"


def test_a_small_group_vanishes_with_its_sum_and_another_with_it():
    shown = publish([[1, 2], [40, 50], [70, 80]])
    assert shown[0] == [None, None, None]
    assert shown[1] == [None, None, None]
    assert shown[2] == [70, 80, 150]


def test_two_small_cells_that_would_add_up_to_less_than_ten_take_a_third():
    shown = publish([[2, 3, 90], [70, 80, 95], [60, 75, 85]])
    assert shown[0] == [None, None, None, 95]
    assert sum(row[2] is None for row in shown) >= 2


def test_where_nothing_can_help_all_is_withheld():
    assert publish([[4]]) == [[None, None]]
