"""How an account posts over a year: counts, gaps that are really known, days out of compliance, trend."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from qiguan.core.evidence import Evidence

YEAR = timedelta(days=365)
WEEKS = 52


class Gap(NamedTuple):
    """A silence between two posts, or from the last post to the latest covered moment (`open`)."""

    start: datetime
    end: datetime
    open: bool

    @property
    def days(self) -> int:
        """Whole 24-hour periods."""
        return (self.end - self.start).days


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Facts of the last 365 days. A gap counts only where its whole length was watched.

    `longest_gap_days` is None where no gap was watched; `weeks` has one digit a week, oldest first, 9 for nine or more.
    """

    posts_30: int
    posts_365: int
    longest_gap_days: int | None
    gaps_over: Sequence[Gap]
    days_out: int
    trend: str
    weeks: str


def rhythm_of(evidence: Evidence, *, line: timedelta, over: Callable[[timedelta], bool]) -> Rhythm:
    """Count the year that ends at the moment of the evidence."""
    at, posts = evidence.at, evidence.posts
    year_ago = at - YEAR
    first = bisect_left(posts, year_ago)
    recent = posts[first:]
    gaps = _watched_gaps(evidence, max(first - 1, 0))
    over_line = [g for g in gaps if over(g.end - g.start)]
    out = sum(((min(g.end, at) - max(g.start + line, year_ago)) for g in over_line if g.end > year_ago), timedelta(0))
    quarter, half = at - timedelta(days=90), at - timedelta(days=180)
    new, old = len(posts) - bisect_left(posts, quarter), bisect_left(posts, quarter) - bisect_left(posts, half)
    return Rhythm(
        posts_30=len(posts) - bisect_left(posts, at - timedelta(days=30)),
        posts_365=len(recent),
        longest_gap_days=max((g.days for g in gaps), default=None),
        gaps_over=over_line,
        days_out=max(out.days, 0),
        trend="变密" if new > 1.5 * old + 1 else "变疏" if old > 1.5 * new + 1 else "平稳",
        weeks=weeks_of(recent, at),
    )


def weeks_of(posts: Sequence[datetime], at: datetime) -> str:
    """Return 52 digits: posts a week, the last week ending at `at`."""
    counts = [0] * WEEKS
    for moment in posts:
        back = (at - moment).days // 7
        if 0 <= back < WEEKS:
            counts[WEEKS - 1 - back] += 1
    return "".join(str(min(n, 9)) for n in counts)


def _watched_gaps(evidence: Evidence, first: int) -> list[Gap]:
    """Return the gaps from the post at `first` on whose whole length some hand vouches for."""
    posts, cover, at = evidence.posts, evidence.cover, evidence.at
    gaps: list[Gap] = []
    nth = 0
    for i in range(first, len(posts)):
        start = posts[i]
        last = i + 1 == len(posts)
        while nth < len(cover) and cover[nth][1] < start:
            nth += 1
        if nth == len(cover):
            break
        begins, ends = cover[nth]
        if begins > start:
            continue
        end = min(ends, at) if last else posts[i + 1]
        if ends >= end > start:
            gaps.append(Gap(start, end, last))
    return gaps
