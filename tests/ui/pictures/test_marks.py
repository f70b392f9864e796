"""The marks: coordinates are short, words are escaped."""

from __future__ import annotations

import pytest

from qiguan.ui.pictures import marks
from tests.ui.markup import svg, title

HOSTILE = "\"'><script>alert(1)</script>&amp;\u202e"


@pytest.mark.parametrize(("value", "said"), [(0, "0"), (-0.001, "0"), (12.3456, "12.35"), (50.0, "50"), (100, "100")])
def test_coordinates_have_two_decimals_at_most(value, said):
    assert marks.number(value) == said


def test_hostile_words_stay_words():
    text = marks.picture(HOSTILE, 10, marks.label(5, 5, HOSTILE, css="k", anchor="end"))
    assert title(text) == HOSTILE
    assert svg(text).findtext("text") == HOSTILE
    assert "<script" not in text


def test_a_bar_is_never_of_negative_width():
    assert svg(marks.rect(5, 0, -3, 4)).get("width") == "0%"


def test_nothing_to_draw_draws_nothing():
    assert marks.stretched(10, 0, 5, "t", "") == ""
