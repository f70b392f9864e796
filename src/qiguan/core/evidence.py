"""Several hands, one statement: what is vouched for, by whom, and where the hands contradict each other.

A complete source vouches for its span; a human check vouches from the post it saw to the moment of looking. A post
that any hand shows is proof of life and outweighs every claim of silence; the hand that missed it is kept and named.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from qiguan.core.facts import AccountFacts, CheckFact, Said
from qiguan.core.written_dates import SHANGHAI

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # "from the account's first day"


class Vouched(NamedTuple):
    """[start, until]: within it, every post is known."""

    start: datetime
    until: datetime
    hand: str
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two hands that cannot both be right, in words."""

    said: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known at `at`: posts in order, merged coverage, who vouched, and the contradictions."""

    at: datetime
    posts: Sequence[datetime]
    cover: Sequence[tuple[datetime, datetime]]  # merged, in order
    hands: Sequence[Vouched]
    contradictions: Sequence[Contradiction]
    last_check: CheckFact | None
    last_post_day_precise: bool

    @property
    def last_post_at(self) -> datetime | None:
        """The newest known post's moment."""
        return self.posts[-1] if self.posts else None

    @property
    def as_of(self) -> datetime | None:
        """The latest covered moment."""
        return self.cover[-1][1] if self.cover else None

    def covered_from(self, moment: datetime) -> datetime | None:
        """Return since when everything is known without a break up to `moment`; None where `moment` itself is not covered."""
        nth = bisect_right(self.cover, (moment, datetime.max.replace(tzinfo=UTC))) - 1
        if nth < 0 or self.cover[nth][1] < moment:
            return None
        return self.cover[nth][0]


def weigh(facts: AccountFacts, *, at: datetime, counts: str = "all", known_at: datetime | None = None) -> Evidence:
    """Weigh what is known at `known_at` (default `at`) about the time up to `at`.

    A check made after `at` may speak about `at`; posts after `at` are out of sight. `counts` is the pack's: all | push.
    """
    known = known_at or at
    posts, last_day_precise = _known_posts(facts, at, counts)
    checks = [c for c in facts.checks if c.at <= known]
    vouched: list[Vouched] = []
    contradictions: list[Contradiction] = []
    seen_days = {_day(m) for m in posts}
    suspects = _missed(facts, checks, seen_days=_source_days(facts), at=known)
    for span in facts.spans:
        if span.read_at > known:
            continue
        missed = [m for m in suspects if (span.start or BEGINNING) < m <= span.until]
        if missed:
            contradictions.append(
                Contradiction(f"{span.hand}没有显示{_say(missed[-1])}的内容，而有人看到了：这个来源可能不完整", missed[-1])
            )
            continue
        if span.start is None or span.start <= span.until:
            vouched.append(Vouched(span.start or BEGINNING, min(span.until, at), span.hand, span.assumed))
    hidden = _hidden_days(facts)
    for check in checks:
        verdict = _of_check(check, posts, seen_days, hidden)
        if isinstance(verdict, Contradiction):
            contradictions.append(verdict)
        elif verdict is not None:
            vouched.append(verdict._replace(until=min(verdict.until, at)))
    vouched = [v for v in vouched if v.start <= v.until]
    return Evidence(at, posts, _merged(vouched), vouched, contradictions, checks[-1] if checks else None, last_day_precise)


def _known_posts(facts: AccountFacts, at: datetime, counts: str) -> tuple[list[datetime], bool]:
    """Return the moments of posts up to `at` by any hand, in order, and whether the newest is known to the day only."""
    day_end = _day_end(at)
    times: list[tuple[datetime, bool]] = []
    for post in facts.posts:
        if counts == "push" and post.pushed is False:
            continue
        if post.at <= at:
            times.append((post.at, post.day_precise))
        elif post.day_precise and post.at <= day_end:  # stated for today: it has happened, its end of day has not come
            times.append((at, True))
    for check in facts.checks:
        if check.newest_at is not None and check.said in {Said.NEWEST, Said.RENAMED}:
            moment = min(check.newest_at, check.at)
            if moment <= at:
                times.append((moment, check.newest_day_precise))
    times += [(s.posted_at, False) for s in facts.sightings if s.posted_at <= at]
    times.sort()
    return [t for t, _ in times], bool(times) and times[-1][1]


def _of_check(
    check: CheckFact, posts: Sequence[datetime], seen_days: set[date], hidden: set[date]
) -> Vouched | Contradiction | None:
    """Return what a check vouches for; a Contradiction where a post that it should have seen is known."""
    if check.said is Said.NEVER:
        start = BEGINNING
    elif check.said in {Said.NEWEST, Said.RENAMED} and check.newest_at is not None:
        start = min(check.newest_at, check.at)
    else:
        return None
    missed = [
        m
        for m in posts[bisect_right(posts, start) : bisect_left(posts, check.at)]
        if _day(m) > _day(start) or check.said is Said.NEVER
    ]
    open_ones = [m for m in missed if _day(m) not in hidden]
    if open_ones:
        what = "从未发布" if check.said is Said.NEVER else f"最新一篇是{_say(start)}"
        return Contradiction(f"{check.hand}说{what}，而{_say(open_ones[-1])}有内容", check.at)
    return Vouched(missed[-1] if missed else start, check.at, check.hand)


def _missed(facts: AccountFacts, checks: Sequence[CheckFact], *, seen_days: set[date], at: datetime) -> list[datetime]:
    """Return posts that people saw on days on which no source showed any."""
    people = [min(c.newest_at, c.at) for c in checks if c.newest_at is not None and c.said in {Said.NEWEST, Said.RENAMED}]
    people += [s.posted_at for s in facts.sightings if s.posted_at <= at]
    day = timedelta(days=1)
    # a day either way: people read dates off relative words such as 昨天
    return [m for m in people if not {_day(m), _day(m - day), _day(m + day)} & seen_days]


def _source_days(facts: AccountFacts) -> set[date]:
    return {_day(p.at - timedelta(seconds=1) if p.day_precise else p.at) for p in facts.posts}


def _hidden_days(facts: AccountFacts) -> set[date]:
    """Days whose posts a visitor need not see: deleted since, or published without push."""
    return {_day(p.at) for p in facts.posts if p.deleted or p.pushed is False}


def _merged(vouched: Sequence[Vouched]) -> list[tuple[datetime, datetime]]:
    merged: list[tuple[datetime, datetime]] = []
    for start, until, _, _ in sorted(vouched):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], until))
        else:
            merged.append((start, until))
    return merged


def _day(moment: datetime) -> date:
    return (moment - timedelta(microseconds=1)).astimezone(SHANGHAI).date()


def _day_end(moment: datetime) -> datetime:
    local = moment.astimezone(SHANGHAI)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _say(moment: datetime) -> str:
    local = (moment - timedelta(microseconds=1)).astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日"
