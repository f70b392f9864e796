"""Rates in percent with one decimal, by integers alone. A rate never hides an exception: 4,999 of 5,000 are not 100.0 %."""

from __future__ import annotations

from typing import Final

ROUNDING: Final = "合格率保留一位小数，四舍五入；不是全部合格的不写100.0%，有合格的不写0.0%"
NO_RATE: Final = "—"


def tenths(part: int, whole: int) -> int | None:
    """Return the rate in 1/1,000, half up; between 1 and 999 unless it is none or all. None where `whole` is 0."""
    if whole <= 0:
        return None
    if not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole} is no share")
    if part in {0, whole}:
        return 1000 if part else 0
    return min(999, max(1, (part * 2000 + whole) // (2 * whole)))


def percent(part: int, whole: int) -> str:
    """Write the rate: 89.8%; an em dash where there is nothing to divide by."""
    share = tenths(part, whole)
    return NO_RATE if share is None else f"{share // 10}.{share % 10}%"
