"""The year of an account, told once: what stood on which day, which silences were watched, which stretches nobody saw.

The account page and the report of `qiguan check` draw it; every number beside the picture is counted from the same values.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from qiguan.core.activity import Reason, Standing
from qiguan.core.days import day_of, start_of
from qiguan.core.evidence import BEGINNING, Evidence
from qiguan.core.facts import AccountFacts, State
from qiguan.core.life import USABILITY
from qiguan.core.pack import Pack
from qiguan.core.rhythm import DAYS, Gap

_ONE = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)
_UNTOLD = {
    Reason.NO_SOURCE,
    Reason.PARTIAL_ONLY,
    Reason.BLIND,
    Reason.STALE,
    Reason.CONTRADICTED,
    Reason.NOT_FOUND,
    Reason.SHORT,
}


class Silence(NamedTuple):
    """One watched silence over the line, in Shanghai days.

    `last`: day on which it begins (None: it never posted); `until`: day of the next post, or the last day watched where
    `open`; `line`: the first day over the line; `days`: whole 24-hour periods, None where the beginning is not known.
    """

    last: date | None
    until: date
    line: date
    days: int | None
    open: bool


@dataclass(frozen=True, slots=True)
class Year:
    """365 Shanghai days that end with `day`. `unseen`: first and last days of stretches in which a silence may hide."""

    day: date
    posts: Mapping[date, int]
    silences: Sequence[Silence]
    unseen: Sequence[tuple[date, date]]
    checks: Sequence[date]
    line_days: int

    @property
    def total(self) -> int:
        """Posts of the year, by any hand."""
        return sum(self.posts.values())


def year_of(facts: AccountFacts, evidence: Evidence, judged: Standing, pack: Pack) -> Year:
    """Tell the year that ends at the moment of the evidence; `judged` was judged from the same evidence and pack."""
    today = day_of(evidence.at)
    first = today - (DAYS - 1) * _ONE
    posts = Counter(day for day in map(day_of, evidence.posts) if first <= day <= today)
    checks = sorted({day for day in (day_of(check.at) for check in facts.checks) if first <= day <= today})
    silences = [_silence(gap, pack) for gap in judged.rhythm.gaps_over]
    if judged.state is State.NEVER_POSTED:
        opened = facts.opened_on
        until = day_of(judged.as_of or evidence.at)
        line = max(first, min(opened + pack.line, until)) if opened is not None else first
        silences = [Silence(None, until, line, None, True)]
    return Year(today, posts, silences, _unseen(facts, evidence, judged, pack), checks, pack.days)


def _silence(gap: Gap, pack: Pack) -> Silence:
    last, until = day_of(gap.start), day_of(gap.end)
    crossed = day_of(gap.start + pack.line + _INSTANT)
    # a silence may end on the very day on which it crossed the line: it is over it all the same
    return Silence(last, until, min(crossed, until if gap.open else until - _ONE), gap.days, gap.open)


def _unseen(facts: AccountFacts, evidence: Evidence, judged: Standing, pack: Pack) -> list[tuple[date, date]]:
    """Return the stretches of whole days that nobody vouches for, where known posts lie further apart than the line."""
    today = day_of(evidence.at)
    first = today - (DAYS - 1) * _ONE
    if facts.opened_on is not None:
        first = max(first, facts.opened_on)
    last = today if facts.closed_on is None else min(today, facts.closed_on)
    spans = (
        [] if facts.platform in USABILITY else [s for a, b in _far_apart(facts, evidence, pack) for s in _holes(evidence, a, b)]
    )
    if judged.reason in _UNTOLD:
        known = [day_of(m) for m in (evidence.last_post_at, evidence.as_of) if m is not None]
        spans.append((max(known) + _ONE if known else first, today))
    joined: list[tuple[date, date]] = []
    for begin, end in sorted((max(begin, first), min(end, last)) for begin, end in spans):
        if begin > end:
            continue
        if joined and begin <= joined[-1][1] + _ONE:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return joined


def _far_apart(facts: AccountFacts, evidence: Evidence, pack: Pack) -> Iterator[tuple[datetime, datetime | None]]:
    """Yield posts of the year that lie further apart than the line, with what stands before the first; None: `at`."""
    begin = start_of(day_of(evidence.at) - (DAYS - 1) * _ONE)
    nth = bisect_right(evidence.posts, begin)
    opened = start_of(facts.opened_on) if facts.opened_on is not None else BEGINNING
    edge = evidence.posts[nth - 1] if nth else opened
    for post in [*evidence.posts[nth:], None]:
        if pack.is_over((post or evidence.at) - edge):
            yield edge, post
        edge = post or edge


def _holes(evidence: Evidence, start: datetime, post: datetime | None) -> Iterator[tuple[date, date]]:
    """Yield the whole days between two posts that no hand covers; the day of a post and of a look are seen in part."""
    end = post or evidence.at
    for begin, until in evidence.cover:
        if until <= start:
            continue
        if begin >= end:
            break
        yield day_of(start) + _ONE, day_of(begin + _INSTANT) - _ONE
        start = until
    if start < end:
        yield day_of(start) + _ONE, day_of(end) - _ONE if post is not None else day_of(end)
