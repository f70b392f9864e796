"""Rates by integers: half up, and never a rounding that hides an exception."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.rate import NO_RATE, percent, tenths


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (149, 166, "89.8%"),
        (120, 149, "80.5%"),
        (1, 2000, "0.1%"),
        (1, 5000, "0.1%"),
        (4999, 5000, "99.9%"),
        (5000, 5000, "100.0%"),
        (0, 9, "0.0%"),
        (0, 0, NO_RATE),
        (1, 3, "33.3%"),
        (1, 800, "0.1%"),
        (3, 16, "18.8%"),
    ],
)
def test_a_rate_is_rounded_half_up_and_hides_nobody(part, whole, words):
    assert percent(part, whole) == words


@given(st.integers(1, 10_000), st.data())
def test_a_rate_is_what_decimals_say_except_at_its_ends(whole, data):
    part = data.draw(st.integers(0, whole))
    exact = (Decimal(part) * 100 / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
    shown = tenths(part, whole)
    if exact not in {Decimal(0), Decimal(100)}:
        assert Decimal(shown) / 10 == exact
    assert (shown == 1000) == (part == whole)
    assert (shown == 0) == (part == 0)


@pytest.mark.parametrize(("part", "whole"), [(3, 2), (-1, 2)])
def test_more_than_the_whole_is_no_share(part, whole):
    with pytest.raises(ValueError, match="no share"):
        percent(part, whole)
