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

from qiguan.core.evidence import BEGINNING, Contradiction, Evidence, Vouched, weigh
from qiguan.core.facts import AccountFacts, Said, State
from qiguan.core.pack import Pack
from qiguan.core.rhythm import Rhythm, rhythm_of
from qiguan.core.steps import STEPS, blind_words
from qiguan.core.written_dates import SHANGHAI

USABILITY = frozenset({"app", "mini_program", "quick_app"})  # judged on whether they can be used, not on posts


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


def judge(facts: AccountFacts, pack: Pack, at: datetime, *, known_at: datetime | None = None) -> Standing:
    """Judge the state at `at` by what is known at `known_at` (default `at`; later for a check point of the past).

    1. Weigh the evidence. 2. A life that ended, is ending or is blocked comes first. 3. What was posted inside the line
    is alive. 4. Silence needs a witness whose word reaches close to `at`; without one the state is unknown.
    """
    evidence = weigh(facts, at=at, counts=pack.counts, known_at=known_at)
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
    today, last = _day(evidence.at), evidence.last_post_at
    if facts.closed_on is not None and facts.closed_on <= today:
        if last is not None and _day(last) > facts.closed_on:
            return _Found(State.CLOSED, Reason.REOPENED, f"登记册上{facts.closed_on:%Y-%m-%d}已关停，但{_say(last)}又有内容")
        return _Found(State.CLOSED, Reason.CLOSED, f"{facts.closed_on:%Y-%m-%d}已关停")
    check = evidence.last_check
    newer_post = check is not None and last is not None and last > check.at
    if check is not None and not newer_post:
        if check.said is Said.CANCELLED:
            return _Found(
                State.UNKNOWN, Reason.CANCELLED_UNFILED, f"{_say(check.at)}人工核查时已注销，登记册上仍在用，没有注销备案"
            )
        if check.said is Said.FROZEN:
            return _Found(State.BLOCKED, Reason.BLOCKED, f"{_say(check.at)}人工核查时已被平台冻结", until=check.at)
    if facts.blocked_on is not None and facts.blocked_on <= today and not (last is not None and _day(last) > facts.blocked_on):
        return _Found(
            State.BLOCKED,
            Reason.BLOCKED,
            f"{facts.blocked_on:%Y-%m-%d}起平台受限" + (f"：{facts.blocked_why}" if facts.blocked_why else ""),
        )
    filed, told, ends = facts.closing_filed_on, facts.closing_notice_on, facts.closes_on
    if filed is not None and told is not None and ends is not None and filed <= today and told <= today:
        if today < ends:
            return _Found(State.CLOSING, Reason.CLOSING, f"已备案停更并公告，{ends:%Y-%m-%d}前注销")
        return _Found(State.CLOSING, Reason.CLOSING_LATE, f"公告的注销日期{ends:%Y-%m-%d}已过，还没有完成注销")
    if check is not None and check.said is Said.NOT_FOUND and not newer_post and facts.platform not in USABILITY:
        return _Found(State.UNKNOWN, Reason.NOT_FOUND, f"{_say(check.at)}人工核查时在平台上找不到这个账号")
    return None


def _by_use(facts: AccountFacts, evidence: Evidence, pack: Pack) -> _Found | None:
    """Apps and mini-programs: can it be found and used? The last look holds for the pack's usability days."""
    if facts.platform not in USABILITY:
        return None
    check = evidence.last_check
    if check is None:
        return _Found(State.UNKNOWN, Reason.NO_SOURCE, "移动客户端和小程序看能不能用，还没有人核查过")
    if evidence.at - check.at > timedelta(days=pack.usability_days):
        return _Found(State.UNKNOWN, Reason.STALE, f"上次核查是{_say(check.at)}，已超过{pack.usability_days}天")
    if check.said is Said.NOT_FOUND or check.menu is False:
        return _Found(State.UNKNOWN, Reason.UNUSABLE, f"{_say(check.at)}核查时无法下载或使用，待研判", until=check.at)
    return _Found(State.ACTIVE, Reason.USABLE, f"{_say(check.at)}核查时可以打开使用", until=check.at)


def _by_posts(facts: AccountFacts, evidence: Evidence, pack: Pack) -> _Found:
    at, last, as_of = evidence.at, evidence.last_post_at, evidence.as_of
    if last is not None and not pack.is_over(at - last):
        return _alive(evidence, pack, last, at)
    opened = _opened(facts)
    if last is None and opened is not None and not pack.is_over(at - opened):
        state = State.DUE if at - opened >= timedelta(days=pack.due_days) else State.ACTIVE
        return _Found(state, Reason.NEW, f"{_say(opened)}开通，还没有发布第一篇", silent_from=opened)
    if as_of is None or at - as_of > timedelta(hours=pack.grace_hours):
        return _unseen(facts, evidence, pack)
    since = evidence.covered_from(as_of)
    if last is None:
        if since is not None and since <= (opened or BEGINNING):
            return _Found(State.NEVER_POSTED, Reason.NEVER, f"开通至{_say(as_of)}从未发布", silent_from=opened, until=as_of)
    elif since is not None and since <= last:
        if not pack.is_over(as_of - last):  # it crossed the line after the last look, within the grace
            return _alive(evidence, pack, last, as_of)
        return _silent(
            pack,
            last,
            as_of,
            f"最近一篇是{_say_at(last, evidence.last_post_day_precise)}，至{_say(as_of)}静默{(as_of - last).days}天",
        )
    if since is not None and pack.is_over(as_of - since):
        words = f"{_say(since)}起没有新内容，至{_say(as_of)}至少{(as_of - since).days}天；此前没有看清"
        return _silent(pack, since, as_of, words)
    return _Found(State.UNKNOWN, Reason.SHORT, f"从{_say(since or as_of)}才开始看清，还不满{pack.days}天", until=as_of)


def _alive(evidence: Evidence, pack: Pack, last: datetime, moment: datetime) -> _Found:
    """Inside the line. With coverage to `moment` the silence is known; without, it is what we can see."""
    vouched = evidence.as_of is not None and moment - evidence.as_of <= timedelta(hours=pack.grace_hours)
    since = evidence.covered_from(evidence.as_of) if vouched and evidence.as_of else None
    known = since is not None and since <= last
    state = State.DUE if moment - last >= timedelta(days=pack.due_days) else State.ACTIVE
    seen = f"最近一篇是{_say_at(last, evidence.last_post_day_precise)}"
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
    last = evidence.last_post_at
    tail = f"；看得到的最近一篇是{_say(last)}" if last else ""
    if evidence.contradictions:
        return _Found(State.UNKNOWN, Reason.CONTRADICTED, evidence.contradictions[-1].said + tail)
    if facts.blind:
        blind = facts.blind[-1]
        return _Found(State.UNKNOWN, Reason.BLIND, f"{blind_words(blind.outcome)}，自{_say(blind.since)}起{blind.times}次{tail}")
    if evidence.as_of is not None:
        return _Found(
            State.UNKNOWN, Reason.STALE, f"最后看清的时间是{_say_at(evidence.as_of, False)}，已超过{pack.grace_hours}小时{tail}"
        )
    if facts.has_partial_source:
        return _Found(State.UNKNOWN, Reason.PARTIAL_ONLY, f"只有不完整的来源，它没有新内容不等于停更{tail}")
    return _Found(State.UNKNOWN, Reason.NO_SOURCE, f"还没有来源，也没有人核查过{tail}")


def _standing(facts: AccountFacts, evidence: Evidence, pack: Pack, found: _Found) -> Standing:
    last, at = evidence.last_post_at, evidence.at
    until = found.until or at
    silent_from = last if found.reason is not Reason.SILENT else found.silent_from
    knows = found.reason in {Reason.POSTED, Reason.SILENT} or (
        found.reason is Reason.POSTED_PARTIAL and found.state is State.ACTIVE
    )
    days = max((until - silent_from).days, 0) if knows and silent_from is not None else None
    thresholds = _thresholds(pack, found.silent_from)
    step, who = STEPS[found.reason if found.state is not State.DUE else "due"]
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
        rhythm=rhythm_of(evidence, line=pack.line, over=pack.is_over),
        hands=evidence.hands,
        contradictions=evidence.contradictions,
        flags=_flags(facts, evidence, found),
        pack=pack.id,
        whose=pack.whose,
    )


def _thresholds(pack: Pack, start: datetime | None) -> list[datetime]:
    """Return due, line, sleeping, zombie: the moments at which a silence that began at `start` changes its name."""
    if start is None or start == BEGINNING:
        return []
    edge = timedelta(0) if pack.inclusive else timedelta(seconds=1)
    after = timedelta(seconds=1)
    return [
        start + timedelta(days=pack.due_days),
        start + pack.line + edge,
        start + timedelta(days=pack.sleeping_days) + after,
        add_months(start, pack.zombie_months) + after,
    ]


def _look_again(facts: AccountFacts, evidence: Evidence, pack: Pack, thresholds: Sequence[datetime]) -> datetime | None:
    """The first moment after `at` at which the state could change with no new fact."""
    moments = list(thresholds)
    if evidence.as_of is not None:
        moments.append(evidence.as_of + timedelta(hours=pack.grace_hours, seconds=1))
    if facts.platform in USABILITY and evidence.last_check is not None:
        moments.append(evidence.last_check.at + timedelta(days=pack.usability_days, seconds=1))
    opened = _opened(facts)
    if opened is not None:
        moments += _thresholds(pack, opened)[:2]
    moments += [
        _start_of(d)
        for d in (facts.closes_on, facts.closed_on, facts.closing_notice_on, facts.closing_filed_on, facts.blocked_on)
        if d is not None
    ]
    return min((m for m in moments if m > evidence.at), default=None)


def _flags(facts: AccountFacts, evidence: Evidence, found: _Found) -> tuple[str, ...]:
    today = _day(evidence.at)
    flags = []
    if facts.owner_ended_on is not None and facts.owner_ended_on <= today:
        flags.append("owner_ended")
    if found.reason is Reason.REOPENED:
        flags.append("reopened")
    if evidence.contradictions:
        flags.append("contradicted")
    if facts.closing_filed_on is not None and facts.closing_notice_on is None and facts.closed_on is None:
        flags.append("closing_without_notice")
    check = evidence.last_check
    if check is not None and check.said is Said.RENAMED:
        flags.append("renamed")
    if any(hand.assumed for hand in evidence.hands):
        flags.append("assumed_complete")
    return tuple(flags)


def add_months(moment: datetime, months: int) -> datetime:
    """Return the same clock time so many calendar months later in Shanghai; the last day where the month is shorter."""
    local = moment.astimezone(SHANGHAI)
    index = local.month - 1 + months
    year, month = local.year + index // 12, index % 12 + 1
    for day in (local.day, 30, 29, 28):
        try:
            return local.replace(year=year, month=month, day=day).astimezone(moment.tzinfo)
        except ValueError:
            continue
    raise ValueError(months)  # pragma: no cover  day 28 exists in every month


def _opened(facts: AccountFacts) -> datetime | None:
    return _start_of(facts.opened_on) if facts.opened_on is not None else None


def _start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def _day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


def _say(moment: datetime) -> str:
    local = (moment - timedelta(microseconds=1)).astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日"


def _say_at(moment: datetime, day_precise: bool) -> str:
    return _say(moment) if day_precise else f"{_say(moment)}{moment.astimezone(SHANGHAI):%H:%M}"
