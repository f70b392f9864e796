"""How an account posts over a year: counts, silences that are really known, days out of compliance, trend."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from qiguan.core.days import day_of, start_of
from qiguan.core.evidence import BEGINNING, Evidence

DAYS = 365
WEEKS = 52
UNSEEN = "未看清"
_NINE = ord("9")


class Gap(NamedTuple):
    """A silence that was watched from `start` to `end`; the true one may be longer. `open`: it lasts."""

    start: datetime
    end: datetime
    open: bool

    @property
    def days(self) -> int:
        """Whole 24-hour periods."""
        return (self.end - self.start).days


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Facts of the last 365 Shanghai days, today among them.

    A silence counts only as far as it was watched. `longest_gap_days` is None where none was; it may reach back before
    the year. `gaps_over` leaves out a silence since an unknown opening. `trend` compares two quarters and is 未看清 where they were not watched. `weeks` has one digit a week, oldest
    first, 9 for nine or more.
    """

    posts_30: int
    posts_365: int
    longest_gap_days: int | None
    gaps_over: Sequence[Gap]
    days_out: int
    trend: str
    weeks: str


def rhythm_of(
    evidence: Evidence, *, line: timedelta, over: Callable[[timedelta], bool], opened: datetime | None = None
) -> Rhythm:
    """Count the year that ends at the moment of the evidence. `opened`: no silence begins before it."""
    at, posts = evidence.at, evidence.posts
    begin = _begin_of_year(day_of(at))
    first = bisect_right(posts, begin)
    gaps = watched_gaps(evidence, since=begin, opened=opened)
    over_line = [g for g in gaps if g.end - g.start >= line and over(g.end - g.start)]  # the cheap half first
    longest = max((end - start for start, end, _ in gaps if start > BEGINNING), default=None)
    out = sum(((g.end - max(g.start + line, at - timedelta(days=DAYS))) for g in over_line), timedelta(0))
    return Rhythm(
        posts_30=len(posts) - bisect_left(posts, at - timedelta(days=30)),
        posts_365=len(posts) - first,
        longest_gap_days=longest.days if longest is not None else None,
        gaps_over=[g for g in over_line if g.start > BEGINNING],
        days_out=max(out.days, 0),
        trend=_trend(evidence),
        weeks=weeks_of(posts[first:], at),
    )


@lru_cache(maxsize=64)  # a night asks it for every account
def _begin_of_year(today: date) -> datetime:
    """The year is 365 whole Shanghai days, as it is drawn: the numbers beside the picture are those in it."""
    return start_of(today - timedelta(days=DAYS - 1)).astimezone(UTC)


def weeks_of(posts: Sequence[datetime], at: datetime) -> str:
    """Return 52 digits: posts a week, the last week ending at `at`."""
    digits = bytearray(b"0" * WEEKS)
    for moment in posts:
        back = max((at - moment).days, 0) // 7
        if back < WEEKS and digits[WEEKS - 1 - back] < _NINE:
            digits[WEEKS - 1 - back] += 1
    return digits.decode()


def watched_gaps(evidence: Evidence, *, since: datetime, opened: datetime | None = None) -> list[Gap]:
    """Return the watched parts of every silence that reaches into [since, at], in order.

    A silence lies between two posts, before the first (from `opened`) or after the last. Where coverage begins or breaks
    inside it, each watched part stands alone: what nobody saw is not called silence.
    """
    posts, at = evidence.posts, evidence.at
    gaps: list[Gap] = []
    nth = bisect_left(posts, since)
    edge = posts[nth - 1] if nth else (opened or BEGINNING)
    cover = [c for c in evidence.cover if c[1] > edge]
    for post in [*posts[nth:], None]:
        end = min(post, at) if post is not None else at
        while cover and cover[0][0] < end:
            start, until = max(cover[0][0], edge), min(cover[0][1], end)
            # before the first known post only a known opening gives a silence its beginning
            if until > start and until > since and not (start == BEGINNING and post is not None):
                gaps.append(Gap(start, until, post is None and until == evidence.as_of))
            if cover[0][1] > end:
                break
            cover.pop(0)
        edge = end
    return gaps


def _trend(evidence: Evidence) -> str:
    at, posts, as_of = evidence.at, evidence.posts, evidence.as_of
    quarter, half = at - timedelta(days=90), at - timedelta(days=180)
    since = evidence.covered_from(as_of) if as_of is not None and at - as_of < timedelta(days=14) else None
    if since is None or since > half:
        return UNSEEN
    before, middle = bisect_left(posts, half), bisect_left(posts, quarter)
    new, old = len(posts) - middle, middle - before
    return "变密" if new > 1.5 * old + 1 else "变疏" if old > 1.5 * new + 1 else "平稳"
