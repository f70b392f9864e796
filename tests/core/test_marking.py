"""Marks and intervals: integers in, integers out, and bounds that another hand has worked out."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.marking import (
    GRADES,
    WHOLE,
    Interval,
    Mark,
    Missed,
    Tally,
    differs,
    interval,
    is_rejected,
    lies_above,
    missed,
    read,
    say,
    tally,
    written,
)


def test_marks_are_written_and_read_back():
    marks = (Mark(1, 3), Mark(), Mark(5, 1))
    assert written(marks) == "130051"
    assert read("130051") == marks
    assert read("") == ()


@pytest.mark.parametrize("text", ["1", "1x", "99", "14", "６１", "-1"])
def test_a_row_that_stands_for_nothing_is_refused(text):
    with pytest.raises(ValueError):
        read(text)


# Newcombe 1998 (Stat. Med. 17, 857–872), table I, method 3: 81/263 → .2553–.3662, 15/148 → .0624–.1605, 0/20 → 0–.1611, 1/29 → .0061–.1718
@pytest.mark.parametrize(
    ("hits", "n", "low", "high"), [(81, 263, 2553, 3662), (15, 148, 624, 1605), (0, 20, 0, 1611), (1, 29, 61, 1718)]
)
def test_the_interval_is_the_published_one(hits, n, low, high):
    found = interval(hits, n)
    assert low - 1 <= found.low <= low
    assert high <= found.high <= high + 1


@given(st.integers(1, 3000), st.data())
def test_the_interval_agrees_with_the_textbook_formula_and_holds_the_share(n, data):
    hits = data.draw(st.integers(0, n))
    frame = data.draw(st.integers(n + 1, 10**6))
    z, p, size = 1.959964, hits / n, n * (frame - 1) / (frame - n)
    middle, reach = (p + z * z / (2 * size)), z * sqrt(p * (1 - p) / size + z * z / (4 * size * size))
    found = interval(hits, n, frame=frame)
    assert abs(found.low - max(0, (middle - reach) / (1 + z * z / size)) * WHOLE) <= 1.01
    assert abs(found.high - min(1, (middle + reach) / (1 + z * z / size)) * WHOLE) <= 1.01
    assert 0 <= found.low <= found.share <= found.high <= WHOLE
    wide = interval(hits, n)
    assert wide.low <= found.low
    assert found.high <= wide.high


def test_where_all_have_answered_there_is_nothing_left_to_guess():
    assert interval(30, 100, frame=100) == Interval(3000, 3000, 3000)
    assert interval(0, 5).low == 0
    assert interval(5, 5).high == WHOLE


@pytest.mark.parametrize(("hits", "n"), [(1, 0), (0, 0), (3, 2), (-1, 5)])
def test_no_share_of_nothing(hits, n):
    with pytest.raises(ValueError):
        interval(hits, n)


def test_shares_are_said_without_hiding_an_exception():
    assert [say(n) for n in (0, 1, 2430, 2435, 9999, WHOLE)] == ["0.0%", "0.1%", "24.3%", "24.4%", "99.9%", "100.0%"]


def test_a_tally_adds_up_what_was_given_and_leaves_out_what_was_not():
    found = tally([(Mark(1, 1), 3), (Mark(4, 0), 2), (Mark(5, 3), 1), (Mark(0, 2), 7)])
    assert found == Tally((3, 0, 0, 2, 1), (3, 7, 1))
    assert (found.n, found.satisfied, found.dissatisfied) == (6, 3, 3)
    assert len(GRADES) == len(found.grades)


def test_only_the_lower_bound_opens_a_ticket_and_only_over_the_least_sample():
    forty = Tally((60, 0, 0, 40, 0))
    assert interval(40, 100).low > 3000
    assert lies_above(forty, limit=3000, least=30)
    assert not lies_above(forty, limit=3500, least=30), "the share lies above, its lower bound does not"
    assert not lies_above(forty, limit=3000, least=101)
    assert not lies_above(Tally(), limit=0, least=0)
    assert lies_above(Tally((0, 0, 0, 0, 9)), limit=3000, least=9, frame=9)


def test_a_question_is_weighed_down_only_beyond_doubt():
    assert is_rejected(10, 40, least=30)
    assert not is_rejected(22, 28, least=30)
    assert not is_rejected(0, 20, least=30)
    assert not is_rejected(0, 0, least=0)


def test_a_difference_is_told_only_where_intervals_do_not_meet():
    assert differs(Interval(5, 1, 10), Interval(15, 11, 20))
    assert differs(Interval(15, 11, 20), Interval(5, 1, 10))
    assert not differs(Interval(5, 1, 11), Interval(15, 11, 20))


def test_whom_the_answers_miss():
    groups = [("60岁以上", 2300, 11), ("18至59岁", 7700, 89)]
    assert missed(groups, least=30) == [Missed("60岁以上", 1100, 2300)]
    assert missed([("60岁以上", 2300, 20), ("18至59岁", 7700, 80)], least=30) == []
    assert missed(groups, least=101) == missed([], least=0) == []
