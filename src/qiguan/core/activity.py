"""Facts → the present state of an account, with evidence.

The one law: our silence is never their silence. A state of silence needs a complete source, or a person who looked,
up to a moment not older than the pack's grace; everything else is `unknown`, with its reason and the next step.
A post seen by any hand is proof of life and needs no witness beside it (ADR 0002).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from qiguan.core.days import add_months, day_of, say, say_at, start_of
from qiguan.core.evidence import BEGINNING, Contradiction, Evidence, Vouched, weigh
from qiguan.core.facts import AccountFacts, Said, State
from qiguan.core.life import USABILITY, is_closing, is_filed_to_close, why_blocked, why_not_bound, why_not_there
from qiguan.core.pack import Pack
from qiguan.core.rhythm import Rhythm, rhythm_of
from qiguan.core.steps import blind_words, step_of

_INSTANT = timedelta(microseconds=1)  # a moment later than a limit that is still within it


class Reason(StrEnum):
    """Why this state: a closed set; `core/steps.py` has the next step for each."""

    POSTED = "posted"
    POSTED_PARTIAL = "posted_partial"  # inside the line by what we can see; the source is not complete
    NEW = "new"  # opened less than the line ago
    SILENT = "silent"
    NEVER = "never"
    USABLE = "usable"
    UNUSABLE = "unusable"
    CLOSED = "closed"
    REOPENED = "reopened"
    CLOSING = "closing"
    CLOSING_LATE = "closing_late"
    BLOCKED = "blocked"
    NO_SOURCE = "no_source"
    PARTIAL_ONLY = "partial_only"
    BLIND = "blind"  # sources exist and could not be read
    STALE = "stale"  # last covered moment older than the grace
    SHORT = "short"  # coverage began too late to know the whole window
    CONTRADICTED = "contradicted"
    NOT_FOUND = "not_found"
    CANCELLED_UNFILED = "cancelled_unfiled"


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of an account at `at`, as of the latest covered moment, and why."""

    at: datetime
    state: State
    reason: Reason
    because: str
    as_of: datetime | None
    last_post_at: datetime | None
    last_post_day_precise: bool
    days_silent: int | None
    next_line_at: datetime | None
    look_again_at: datetime | None
    next_step: str
    next_who: str
    rhythm: Rhythm
    hands: Sequence[Vouched] = ()
    contradictions: Sequence[Contradiction] = ()
    flags: Sequence[str] = field(default_factory=tuple)
    pack: str = ""
    whose: str = ""

    @property
    def statements(self) -> tuple[str, ...]:
        """The evidence in Chinese, a line a hand; contradictions last."""
        return (*dict.fromkeys(hand.words for hand in self.hands), *(c.said for c in self.contradictions))


def judge(
    facts: AccountFacts, pack: Pack, at: datetime, *, known_at: datetime | None = None, evidence: Evidence | None = None
) -> Standing:
    """Judge the state at `at` by what is known at `known_at` (default `at`; later for a check point of the past).

    1. Weigh the evidence. 2. A life that ended, is ending or is blocked comes first. 3. What was posted inside the line
    is alive. 4. Silence needs a witness whose word reaches close to `at`; without one the state is unknown.
    `evidence`: already weighed for the same `at`, `known_at` and pack.
    """
    evidence = evidence or weigh(facts, at=at, counts=pack.counts, known_at=known_at)
    found = _lifecycle(facts, evidence, pack) or _by_use(facts, evidence, pack) or _by_posts(facts, evidence, pack)
    return _standing(facts, evidence, pack, found)


@dataclass(frozen=True, slots=True)
class _Found:
    state: State
    reason: Reason
    because: str
    silent_from: datetime | None = None  # where the proven silence begins
    until: datetime | None = None  # the moment for which the state is said


def _lifecycle(facts: AccountFacts, evidence: Evidence, pack: Pack) -> _Found | None:
    at, today, last, check = evidence.at, day_of(evidence.at), evidence.last_post_at, evidence.last_check
    if facts.closed_on is not None and facts.closed_on <= today:
        # without its day nobody can say what came after
        if last is not None and date.min < facts.closed_on < day_of(last):
            return _Found(State.CLOSED, Reason.REOPENED, f"登记册上{_closed(facts)}已关停，但{say(last)}又有内容")
        return _Found(State.CLOSED, Reason.CLOSED, f"{_closed(facts)}已关停")
    away = why_not_there(evidence)
    if away and check is not None and check.said is Said.CANCELLED:
        if is_filed_to_close(facts, at):
            return _Found(State.CLOSED, Reason.CLOSED, f"已备案并公告，{away}")
        return _Found(State.UNKNOWN, Reason.CANCELLED_UNFILED, f"{away}，登记册上仍在用，没有注销备案")
    blocked = why_blocked(facts, evidence)
    if blocked:
        return _Found(State.BLOCKED, Reason.BLOCKED, blocked)
    if is_filed_to_close(facts, at):
        if is_closing(facts, at):
            return _Found(State.CLOSING, Reason.CLOSING, f"已备案停更并公告，{facts.closes_on:%Y-%m-%d}前注销")
        return _Found(State.CLOSING, Reason.CLOSING_LATE, f"公告的注销日期{facts.closes_on:%Y-%m-%d}已过，还没有完成注销")
    if away and facts.platform not in USABILITY:
        return _Found(State.UNKNOWN, Reason.NOT_FOUND, away)
    return None


def _closed(facts: AccountFacts) -> str:
    # a register may say 已关停 without a day
    return f"{facts.closed_on:%Y-%m-%d}" if facts.closed_on is not None and facts.closed_on > date.min else ""


def _by_use(facts: AccountFacts, evidence: Evidence, pack: Pack) -> _Found | None:
    """Apps and mini-programs: can it be found and used? The last look holds for the pack's usability days."""
    if facts.platform not in USABILITY:
        return None
    check = evidence.last_check
    if check is None:
        return _Found(State.UNKNOWN, Reason.NO_SOURCE, "移动客户端和小程序看能不能用，还没有人核查过")
    if evidence.at - check.at > timedelta(days=pack.usability_days):
        return _Found(State.UNKNOWN, Reason.STALE, f"上次核查是{say(check.at)}，已超过{pack.usability_days}天")
    if check.said is Said.NOT_FOUND or check.menu is False:
        return _Found(State.UNKNOWN, Reason.UNUSABLE, f"{say(check.at)}核查时无法下载或使用，待研判", until=check.at)
    return _Found(State.ACTIVE, Reason.USABLE, f"{say(check.at)}核查时可以打开使用", until=check.at)


def _by_posts(facts: AccountFacts, evidence: Evidence, pack: Pack) -> _Found:
    at, last, as_of = evidence.at, evidence.last_post_at, evidence.as_of
    if last is not None and not pack.is_over(at - last):
        return _alive(evidence, pack, last, at)
    opened = start_of(facts.opened_on) if facts.opened_on is not None else None
    if last is None and opened is not None and not pack.is_over(at - opened):
        state = State.DUE if at - opened >= timedelta(days=pack.due_days) else State.ACTIVE
        words = f"{say(opened + _INSTANT)}开通，还没有发布第一篇" if opened < at else "还没有到开通的日子"
        return _Found(state, Reason.NEW, words, silent_from=opened)
    if as_of is None or at - as_of > timedelta(hours=pack.grace_hours):
        return _unseen(facts, evidence, pack)
    found = _by_witness(evidence, pack, as_of, opened)
    if found.state.is_silence and evidence.doubt is not None:  # nobody is called silent while hands disagree
        return _Found(State.UNKNOWN, Reason.CONTRADICTED, evidence.doubt.said + _newest(evidence))
    return found


def _by_witness(evidence: Evidence, pack: Pack, as_of: datetime, opened: datetime | None) -> _Found:
    """Some hand vouches up to `as_of`, close to `at`, and nothing is known inside the line: since when was it watched?"""
    last, since = evidence.last_post_at, evidence.covered_from(as_of)
    if since is None:  # pragma: no cover  as_of is the end of a covered stretch
        raise ValueError(as_of)
    if last is None:
        if since <= (opened or BEGINNING):
            return _Found(State.NEVER_POSTED, Reason.NEVER, f"开通至{say(as_of)}从未发布", silent_from=opened, until=as_of)
    elif since <= last:
        if not pack.is_over(as_of - last):  # it crossed the line after the last look, within the grace
            return _alive(evidence, pack, last, as_of)
        words = f"最近一篇是{say_at(last, day_precise=evidence.last_post_day_precise)}，至{say(as_of)}静默{(as_of - last).days}天"
        return _silent(pack, last, as_of, words)
    if pack.is_over(as_of - since):
        words = f"{say(since)}起没有新内容，至{say(as_of)}至少{(as_of - since).days}天；此前没有看清"
        return _silent(pack, since, as_of, words)
    return _Found(State.UNKNOWN, Reason.SHORT, f"从{say(since)}才开始看清，还不满{pack.days}天", until=as_of)


def _alive(evidence: Evidence, pack: Pack, last: datetime, moment: datetime) -> _Found:
    """Inside the line. With coverage to `moment` the silence is known; without, it is what we can see."""
    vouched = evidence.as_of is not None and moment - evidence.as_of <= timedelta(hours=pack.grace_hours)
    since = evidence.covered_from(evidence.as_of) if vouched and evidence.as_of else None
    known = since is not None and since <= last
    state = State.DUE if moment - last >= timedelta(days=pack.due_days) else State.ACTIVE
    seen = f"最近一篇是{say_at(last, day_precise=evidence.last_post_day_precise)}"
    if known or state is State.ACTIVE:
        days = max((moment - last).days, 0)
        words = f"{seen}，{days}天前" if days else f"{seen}，一天之内"
    else:
        words = f"看得到的{seen}；来源不完整，也许还有我们没看到的"
    return _Found(state, Reason.POSTED if known else Reason.POSTED_PARTIAL, words, silent_from=last, until=moment)


def _silent(pack: Pack, start: datetime, until: datetime, words: str) -> _Found:
    """Name the silence by its length: overdue, sleeping (ours), zombie (calendar months, whose number the pack says)."""
    if until > add_months(start, pack.zombie_months):
        state = State.ZOMBIE
    elif until - start > timedelta(days=pack.sleeping_days):
        state = State.SLEEPING
    else:
        state = State.OVERDUE
    return _Found(state, Reason.SILENT, words, silent_from=start, until=until)


def _unseen(facts: AccountFacts, evidence: Evidence, pack: Pack) -> _Found:
    """Nobody vouches up to now: say why, in the order of what helps most."""
    tail = _newest(evidence)
    if evidence.dispute is not None:
        return _Found(State.UNKNOWN, Reason.CONTRADICTED, evidence.dispute.said + tail)
    if facts.blind:
        blind = facts.blind[-1]
        return _Found(State.UNKNOWN, Reason.BLIND, f"{blind_words(blind.outcome)}，自{say(blind.since)}起{blind.times}次{tail}")
    if evidence.as_of is not None:
        return _Found(
            State.UNKNOWN, Reason.STALE, f"最后看清的时间是{say_at(evidence.as_of)}，已超过{pack.grace_hours}小时{tail}"
        )
    if facts.has_partial_source:
        return _Found(State.UNKNOWN, Reason.PARTIAL_ONLY, f"只有不完整的来源，它没有新内容不等于停更{tail}")
    looked = "核查过，没有看清这一刻以前的内容" if evidence.last_check is not None else "也没有人核查过"
    return _Found(State.UNKNOWN, Reason.NO_SOURCE, f"还没有来源，{looked}{tail}")


def _standing(facts: AccountFacts, evidence: Evidence, pack: Pack, found: _Found) -> Standing:
    last, at = evidence.last_post_at, evidence.at
    until = found.until or at
    silent_from = last if found.reason is not Reason.SILENT else found.silent_from
    knows = found.reason in {Reason.POSTED, Reason.SILENT} or (
        found.reason is Reason.POSTED_PARTIAL and found.state is State.ACTIVE
    )
    days = max((until - silent_from).days, 0) if knows and silent_from is not None else None
    thresholds = _thresholds(pack, found.silent_from)
    step, who = step_of("due" if found.state is State.DUE else found.reason, facts.blind)
    opened = start_of(facts.opened_on) if facts.opened_on is not None else None
    return Standing(
        at=at,
        state=found.state,
        reason=found.reason,
        because=found.because,
        as_of=evidence.as_of,
        last_post_at=last,
        last_post_day_precise=evidence.last_post_day_precise,
        days_silent=days,
        next_line_at=next((t for t in thresholds[1:] if t > at), None)
        if found.state not in {State.CLOSED, State.CLOSING}
        else None,
        look_again_at=_look_again(facts, evidence, pack, thresholds),
        next_step=step,
        next_who=who,
        rhythm=rhythm_of(evidence, line=pack.line, over=pack.is_over, opened=opened),
        hands=evidence.hands,
        contradictions=evidence.contradictions,
        flags=_flags(facts, evidence, pack, found),
        pack=pack.id,
        whose=pack.whose,
    )


def _thresholds(pack: Pack, start: datetime | None) -> list[datetime]:
    """Return due, line, sleeping, zombie: the moments at which a silence that began at `start` changes its name."""
    if start is None or start == BEGINNING:
        return []
    return [
        *_first_two(pack, start),
        start + timedelta(days=pack.sleeping_days) + _INSTANT,
        add_months(start, pack.zombie_months) + _INSTANT,
    ]


def _first_two(pack: Pack, start: datetime) -> tuple[datetime, datetime]:
    """Return due and line."""
    return start + timedelta(days=pack.due_days), start + pack.line + (timedelta(0) if pack.inclusive else _INSTANT)


def _look_again(facts: AccountFacts, evidence: Evidence, pack: Pack, thresholds: Sequence[datetime]) -> datetime | None:
    """The first moment after `at` at which the state could change with no new fact."""
    moments = list(thresholds)
    if evidence.as_of is not None:
        moments.append(evidence.as_of + timedelta(hours=pack.grace_hours) + _INSTANT)
    if facts.platform in USABILITY and evidence.last_check is not None:
        moments.append(evidence.last_check.at + timedelta(days=pack.usability_days) + _INSTANT)
    if facts.opened_on is not None:
        moments += _first_two(pack, start_of(facts.opened_on))
    moments += [
        start_of(day) + _INSTANT
        for day in (
            facts.opened_on,
            facts.owner_ended_on,
            facts.blocked_on,
            facts.closing_filed_on,
            facts.closing_notice_on,
            facts.closes_on,
            facts.closed_on,
        )
        if day is not None and day > date.min
    ]
    return min((m for m in moments if m > evidence.at), default=None)


def _flags(facts: AccountFacts, evidence: Evidence, pack: Pack, found: _Found) -> tuple[str, ...]:
    """What a page must say beside the state; `core/steps.py` has the words."""
    today, check = day_of(evidence.at), evidence.last_check
    said = {
        "owner_ended": facts.owner_ended_on is not None and facts.owner_ended_on <= today,
        "reopened": found.reason is Reason.REOPENED,
        "contradicted": bool(evidence.contradictions),
        "closing_without_notice": facts.closing_filed_on is not None
        and facts.closing_notice_on is None
        and facts.closed_on is None,
        "renamed": check is not None and check.said is Said.RENAMED,
        "backdated": evidence.backdated,
        "not_bound": found.state is not State.CLOSED and bool(why_not_bound(facts, pack, evidence.at)),
        "assumed_complete": any(hand.assumed for hand in evidence.hands),
    }
    return tuple(flag for flag, holds in said.items() if holds)


def _newest(evidence: Evidence) -> str:
    last = evidence.last_post_at
    return f"；看得到的最近一篇是{say_at(last, day_precise=evidence.last_post_day_precise)}" if last else ""
