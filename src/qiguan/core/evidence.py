"""Several hands, one statement: what is vouched for, by whom, and where the hands contradict each other.

A complete source vouches for its span; a human check vouches from the post it saw to the moment of looking, or to the
start of the day where only the day of the look is known: the hours after it nobody may have watched (ADR 0009). A check
made after a check point may say two things: the newest post of all, and the newest one up to the point. A post that any hand shows is proof of life and outweighs every claim of silence. A hand that missed it is set aside: a source
that did not show what a person saw is not complete, a check that did not see what a source shows looked elsewhere.
Between two people neither is set aside, but nobody is called silent while they disagree. A later look with a screenshot
settles it, so that one wrong date or one false sighting cannot blind an account for good.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from qiguan.core.days import day_of, end_of, say, say_at, start_of
from qiguan.core.facts import AccountFacts, CheckFact, PostFact, Said, Span

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # "from the account's first day"
_FAR = datetime.max.replace(tzinfo=UTC)
_DAY = timedelta(days=1)  # people read dates off words such as 昨天: a day either way is no contradiction


class Vouched(NamedTuple):
    """[start, until]: within it, every post is known."""

    start: datetime
    until: datetime
    hand: str
    assumed: bool = False

    @property
    def words(self) -> str:
        """The statement of evidence shown to users."""
        since = "从开通" if self.start == BEGINNING else f"从{say_at(self.start)}"
        return f"{self.hand}：{since}到{say_at(self.until)}的内容全部看清" + ("（按假定完整）" if self.assumed else "")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two hands that cannot both be right, in words; `at` is when it came up. It is kept and shown for good.

    `settled`: a later look decided it. `set_aside`: the word of the hand that missed a post counts for nothing.
    """

    said: str
    at: datetime
    settled: bool = False
    set_aside: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known at `at`: posts in order, merged coverage, who vouched, and the contradictions.

    A post known to the day counts to the end of its day, so the newest may lie up to a day after `at`.
    """

    at: datetime
    posts: Sequence[datetime]
    cover: Sequence[tuple[datetime, datetime]]  # merged, in order
    hands: Sequence[Vouched]
    contradictions: Sequence[Contradiction]
    last_check: CheckFact | None
    last_post_day_precise: bool
    backdated: bool = False  # a post of the last year was first seen well after its stated date

    @property
    def last_post_at(self) -> datetime | None:
        """The newest known post's moment."""
        return self.posts[-1] if self.posts else None

    @property
    def as_of(self) -> datetime | None:
        """The latest covered moment."""
        return self.cover[-1][1] if self.cover else None

    @property
    def doubt(self) -> Contradiction | None:
        """The newest dispute between people that nobody has settled: while it lasts, nobody is called silent."""
        return next((c for c in reversed(self.contradictions) if not c.settled and not c.set_aside), None)

    @property
    def dispute(self) -> Contradiction | None:
        """The newest contradiction that nobody has settled: it explains why nobody vouches."""
        return next((c for c in reversed(self.contradictions) if not c.settled), None)

    def covered_from(self, moment: datetime) -> datetime | None:
        """Return since when everything is known without a break up to `moment`; None where `moment` itself is not covered."""
        nth = bisect_right(self.cover, (moment, _FAR)) - 1
        if nth < 0 or self.cover[nth][1] < moment:
            return None
        return self.cover[nth][0]


class _Claim(NamedTuple):
    """A post that a person saw. `known_at` is when the person said so."""

    moment: datetime
    day_precise: bool
    known_at: datetime
    hand: str


def weigh(facts: AccountFacts, *, at: datetime, counts: str = "all", known_at: datetime | None = None) -> Evidence:
    """Weigh what is known at `known_at` (default `at`) about the time up to `at`.

    A check made after `at` may speak about `at`; posts after `at` are out of sight. `counts` is the pack's: all | push.
    """
    known = known_at or at
    posts = [p for p in facts.posts if p.first_seen_at is None or p.first_seen_at <= known]
    moments = [p.at for p in posts]
    checks = [c for c in facts.checks if c.at <= known]
    claims = _claims(facts, checks, known)
    vouched: list[Vouched] = []
    contradictions: list[Contradiction] = []
    settlers: list[datetime] = []
    unshown = [c for c in claims if not _is_shown(c, moments)]
    spans = [s for s in facts.spans if s.read_at <= known]
    for span in spans:
        start = span.start or BEGINNING
        missed = [c for c in unshown if start <= _begin(c) and c.moment <= span.until]
        refuted = [c for c in missed if _is_refuted(c, checks, moments)]
        if missed:
            last = missed[-1]
            said = f"{last.hand}看到{say(last.moment)}有内容，{span.hand}没有显示：这个来源可能不完整"
            is_right = len(refuted) == len(missed)
            contradictions.append(Contradiction(said, last.known_at, settled=is_right, set_aside=not is_right))
        if len(refuted) == len(missed):
            start = max([start, *(c.moment for c in missed)])
            vouched.append(Vouched(start, min(span.until, at), span.hand, span.assumed))
    for check in checks:
        word, against = _of_check(check, posts, moments, claims)
        if word is not None:
            vouched.append(word._replace(until=min(word.until, at)))
            if against is None or against.settled:
                settlers.append(check.sure_until)
        if against is not None:
            contradictions.append(against)
        if (then := check.at_point) is not None:
            word, against = _of_check(then, posts, moments, claims, when=f"{say(then.at)}以前")
            if word is not None:
                vouched.append(word._replace(until=min(word.until, at)))
            if against is not None:  # it came up when the person said so, and their own look settles nothing here
                contradictions.append(replace(against, at=max(against.at, check.at)))
    if settlers:
        contradictions = [c if c.settled or max(settlers) <= c.at else replace(c, settled=True) for c in contradictions]
    vouched = [v for v in vouched if v.start <= v.until]
    contradictions.sort(key=lambda c: c.at)
    # a source that shows the post and watched its whole day knows the hour better than a person who read the day
    people = [c for c in claims if c in unshown or not (c.day_precise and any(_holds_day(v, c) for v in spans))]
    seen, day_precise = _seen(posts, people, at, counts)
    backdated = any(p.backdated for p in posts[bisect_right(moments, at - timedelta(days=365)) :])
    return Evidence(
        at, seen, _merged(vouched), vouched, contradictions, checks[-1] if checks else None, day_precise, backdated=backdated
    )


def is_backdated(posted_at: datetime, *, read_before: datetime | None) -> bool:
    """Say whether a post first seen now was stated for a time that a complete source had already shown without it (倒填).

    `read_before` is the moment up to which that source had vouched before this reading; a day is allowed for clocks and zones.
    """
    return read_before is not None and read_before - posted_at > _DAY


def _claims(facts: AccountFacts, checks: Sequence[CheckFact], known: datetime) -> list[_Claim]:
    """Return what people saw, in order. Nobody can have seen what was posted after they looked."""
    found = [
        _Claim(min(c.newest_at, c.at), c.newest_day_precise, c.at, c.hand)
        for c in checks
        if c.newest_at is not None and c.said in {Said.NEWEST, Said.RENAMED}
    ]
    found += [
        _Claim(min(then.newest_at, then.at), then.newest_day_precise, c.at, c.hand)
        for c in checks
        if (then := c.at_point) is not None and then.newest_at is not None and then.said is Said.NEWEST
    ]
    found += [_Claim(s.posted_at, s.day_precise, s.at, "网民") for s in facts.sightings if s.posted_at <= s.at <= known]
    found.sort()
    return found


def _seen(posts: Sequence[PostFact], claims: Sequence[_Claim], at: datetime, counts: str) -> tuple[list[datetime], bool]:
    """Return the moments of posts up to `at` by any hand, in order, and whether the newest is known to the day only."""
    today = end_of(day_of(at))  # a post stated for today has happened, though the end of its day has not come
    found = [
        (p.at, p.day_precise)
        for p in posts
        if (p.at <= at or (p.day_precise and p.at <= today)) and not (counts == "push" and p.pushed is False)
    ]
    # two people who saw the same post did not see two
    found += {(c.moment, c.day_precise) for c in claims if c.moment <= at or (c.day_precise and c.moment <= today)}
    found.sort()
    return [m for m, _ in found], bool(found) and found[-1][1]


def _of_check(
    check: CheckFact, posts: Sequence[PostFact], moments: Sequence[datetime], claims: Sequence[_Claim], *, when: str = ""
) -> tuple[Vouched | None, Contradiction | None]:
    """Return what a check vouches for, and what contradicts it. `when`: words for the time it speaks of, where that is not now.

    A post that a source shows and the checker should have seen: the checker looked elsewhere, the check is void. One that
    only another person saw: the check vouches from that post on; a screenshot settles it.
    """
    if check.said is Said.NEVER:
        start, near, what = BEGINNING, BEGINNING, f"{when}从未发布"
    elif check.said in {Said.NEWEST, Said.RENAMED} and check.newest_at is not None:
        start = min(check.newest_at, check.at)
        near, what = end_of(day_of(start)) + _DAY, f"{when}最新一篇是{say(start)}"
    else:
        return None, None
    looked = check.sure_until  # what came later, a look of that day need not have seen
    between = posts[bisect_right(moments, start) : bisect_left(moments, looked)]
    # deleted since, or published without push: a visitor need not see it
    missed = [p for p in between if p.at > near and not p.deleted and p.pushed is not False]
    if missed:
        return None, Contradiction(f"{check.hand}说{what}，而{say(missed[-1].at)}有内容", check.at, set_aside=True)
    others = [c for c in claims if near < c.moment < looked]
    begin = max([start, *(p.at for p in between[-1:]), *(c.moment for c in others)])
    word = Vouched(begin, looked, check.hand)
    if not others:
        return word, None
    last = others[-1]
    said = f"{check.hand}说{what}，而{last.hand}看到{say(last.moment)}有内容"
    return word, Contradiction(said, max(check.at, min(c.known_at for c in others)), settled=check.proof)


def _is_refuted(claim: _Claim, checks: Sequence[CheckFact], moments: Sequence[datetime]) -> bool:
    """Say whether a later check with a screenshot shows that there was no such post, and no source speaks against that check."""
    for check in checks:
        if not check.proof or check.sure_until <= claim.known_at:
            continue
        newest = BEGINNING if check.said is Said.NEVER else check.newest_at
        if (
            newest is not None
            and newest < _begin(claim)
            and bisect_right(moments, newest) == bisect_left(moments, check.sure_until)
        ):
            return True
    return False


def _is_shown(claim: _Claim, moments: Sequence[datetime]) -> bool:
    """Say whether any source shows a post on the claim's day, or a day either way."""
    day = day_of(claim.moment)
    nth = bisect_left(moments, start_of(day) - _DAY)
    return nth < len(moments) and moments[nth] <= end_of(day) + _DAY


def _holds_day(span: Span, claim: _Claim) -> bool:
    """Say whether a complete source watched the whole day of the claim, and so knows the hour better."""
    day = day_of(claim.moment)
    return (span.start or BEGINNING) <= start_of(day) and span.until >= end_of(day)


def _begin(claim: _Claim) -> datetime:
    """The earliest moment that the claim can mean."""
    return start_of(day_of(claim.moment)) if claim.day_precise else claim.moment


def _merged(vouched: Sequence[Vouched]) -> list[tuple[datetime, datetime]]:
    merged: list[tuple[datetime, datetime]] = []
    for start, until, _, _ in sorted(vouched):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], until))
        else:
            merged.append((start, until))
    return merged
