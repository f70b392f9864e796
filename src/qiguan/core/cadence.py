"""How often an account posted in a window, and who vouches for that: what the stricter local lines are asked with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from qiguan.core.days import day_of, start_of
from qiguan.core.evidence import Evidence, weigh
from qiguan.core.facts import AccountFacts, Kind, PostFact
from qiguan.core.life import is_closing, why_blocked, why_not_bound, why_not_there
from qiguan.core.pack import LocalLine, Pack
from qiguan.core.rule import Breach, Clear, Moment, NotLooked, Outcome, Unknown
from qiguan.core.written_dates import SHANGHAI

_SECOND = timedelta(seconds=1)


class Window(NamedTuple):
    """(start, end]: the time in which updates are counted."""

    start: datetime
    end: datetime

    @property
    def words(self) -> str:
        """8月7日至8月13日."""
        return f"{_short(self.start + _SECOND)}至{_short(self.end)}"


def find_line(pack: Pack, kind: str, facts: AccountFacts, at: datetime) -> LocalLine | NotLooked:
    """Return the pack's line of this kind in force at `at`, or why it does not bind the account."""
    away = why_not_bound(facts, pack, at)
    if away:
        return NotLooked(away)
    line = next((line for line in pack.local if line.kind == kind and line.in_force(day_of(at))), None)
    if line is None:
        return NotLooked("规则包没有这条地方要求")
    if line.binds == "publishing" and facts.kind is Kind.SERVICE:
        return NotLooked("这条地方要求只约束发布类账号")
    return line


def evidence_for(line: LocalLine, facts: AccountFacts, pack: Pack, moment: Moment) -> Evidence:
    """Weigh the evidence by what the line counts."""
    if line.counts == pack.counts:
        return moment.weigh(facts, pack)
    return weigh(facts, at=moment.at, counts=line.counts, known_at=moment.known_at)


def at_least(times: int, line: LocalLine, window: Window, *, facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """Say whether the window has so many updates; too few are a breach only where it was watched from end to end."""
    evidence = evidence_for(line, facts, pack, moment)
    seen = _updates(facts, evidence, line, moment, window)
    if seen >= times:
        return Clear(f"{window.words}更新{seen}次")
    if is_closing(facts, moment.at):
        return NotLooked("已备案停更并公告，注销日期未到")
    away = why_untold(facts, evidence, window, lambda: f"{window.words}看得到{seen}次")
    return away or Breach(f"{window.words}更新{seen}次，{line.title_zh}（{line.source}）")


def why_untold(facts: AccountFacts, evidence: Evidence, window: Window, seen: Callable[[], str]) -> NotLooked | Unknown | None:
    """Say why too little in the window is no breach; None where somebody watched the whole of it. `seen`: what was seen, in words."""
    if facts.opened_on is not None and start_of(facts.opened_on) > window.start:
        return NotLooked(f"{facts.opened_on:%Y-%m-%d}才开通，不满一期")
    stopped = why_blocked(facts, evidence) or why_not_there(evidence)
    if stopped:
        return Unknown(stopped)
    since = evidence.covered_from(window.end)
    if since is None or since > window.start:
        return Unknown(f"{seen()}，没有完整看清")
    if evidence.doubt is not None:
        return Unknown(f"{seen()}，几方说法不一：{evidence.doubt.said}")
    return None


def posts_in(facts: AccountFacts, moment: Moment, window: Window) -> list[PostFact]:
    """Return the posts of sources in the window, known at this moment."""
    return [
        p
        for p in facts.posts
        if window.start < p.at <= window.end and (p.first_seen_at is None or p.first_seen_at <= moment.known_at)
    ]


def last_week(at: datetime) -> Window:
    """The last calendar week, Monday to Sunday, that is over: the sources say 每周, and weekly notices look back so."""
    local = at.astimezone(SHANGHAI)
    monday = (local - timedelta(days=local.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    return Window(monday - timedelta(days=7), monday)


def last_month(at: datetime) -> Window:
    """The last calendar month that is over."""
    first = at.astimezone(SHANGHAI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Window((first - timedelta(days=1)).replace(day=1), first)


def _updates(facts: AccountFacts, evidence: Evidence, line: LocalLine, moment: Moment, window: Window) -> int:
    """Count the posts in the window; what people saw counts by days, so that a post seen twice is not two."""
    shown = sum(not (line.counts == "push" and p.pushed is False) for p in posts_in(facts, moment, window))
    return max(shown, len({day_of(m) for m in evidence.posts if window.start < m <= window.end}))


def _short(moment: datetime) -> str:
    day = day_of(moment)
    return f"{day.month}月{day.day}日"
