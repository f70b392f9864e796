"""Stricter local lines: within every n days, once a week, n a week. They bind only where a pack names them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from qiguan.core.days import day_of, start_of
from qiguan.core.evidence import Evidence
from qiguan.core.facts import AccountFacts, PostFact, Span
from qiguan.core.life import is_closing, why_blocked, why_not_bound, why_not_there
from qiguan.core.pack import LocalLine, Pack
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule
from qiguan.core.written_dates import SHANGHAI

_SECOND = timedelta(seconds=1)
_AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)  # a Wednesday, 10:00 in Shanghai


def _lived(*days_before: float, complete: bool) -> AccountFacts:
    posts = tuple(PostFact(_AT - timedelta(days=d)) for d in sorted(days_before, reverse=True))
    return AccountFacts(posts=posts, spans=(Span(_AT - timedelta(days=60), _AT, "完整来源", _AT),) if complete else ())


def _examples(pack: str, clear: AccountFacts, breach: AccountFacts, unknown: AccountFacts) -> tuple[Example, ...]:
    return (
        Example("in order", clear, _AT, Clear, pack=pack),
        Example("too rare, under a complete source", breach, _AT, Breach, pack=pack),
        Example("too rare by what a partial source shows", unknown, _AT, Unknown, pack=pack),
        Example("the national pack has no such line", breach, _AT, NotLooked),
    )


@rule(
    "LOC-DAYS",
    title_zh="地方要求：每若干天内更新",
    title_en="Local: an update within every n days",
    basis="见规则包所列地方文件",
    confidence="B",
    weight=Weight.LOCAL,
    examples=_examples("minhou", _lived(5, complete=True), _lived(11, complete=True), _lived(11, complete=False)),
)
def every_n_days(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """The newest post lies within the pack's days before the check point."""
    line = _line(pack, "days", facts, moment.at)
    if isinstance(line, NotLooked):
        return line
    return _at_least(1, line, (moment.at - timedelta(days=line.days), moment.at), facts=facts, pack=pack, moment=moment)


@rule(
    "LOC-WEEKLY",
    title_zh="地方要求：每周更新一次",
    title_en="Local: at least one update a week",
    basis="见规则包所列地方文件",
    confidence="B",
    weight=Weight.LOCAL,
    examples=_examples("gansu", _lived(4, complete=True), _lived(11, complete=True), _lived(11, complete=False)),
)
def weekly(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """The last whole calendar week (Monday to Sunday, Shanghai) before the check point has a post."""
    line = _line(pack, "weekly", facts, moment.at)
    if isinstance(line, NotLooked):
        return line
    return _at_least(1, line, _last_week(moment.at), facts=facts, pack=pack, moment=moment)


@rule(
    "LOC-NWEEK",
    title_zh="地方要求：每周更新不少于若干次",
    title_en="Local: at least n updates a week",
    basis="见规则包所列地方文件",
    confidence="B",
    weight=Weight.LOCAL,
    examples=_examples("xiayi", _lived(4, 5, 6, complete=True), _lived(4, complete=True), _lived(4, complete=False)),
)
def n_a_week(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """The last whole calendar week before the check point has at least n posts."""
    line = _line(pack, "per_week", facts, moment.at)
    if isinstance(line, NotLooked):
        return line
    return _at_least(line.times, line, _last_week(moment.at), facts=facts, pack=pack, moment=moment)


def _line(pack: Pack, kind: str, facts: AccountFacts, at: datetime) -> LocalLine | NotLooked:
    away = why_not_bound(facts, pack, at)
    if away:
        return NotLooked(away)
    line = next((line for line in pack.local if line.kind == kind and line.in_force(day_of(at))), None)
    return line or NotLooked("规则包没有这条地方要求")


def _at_least(
    times: int, line: LocalLine, window: tuple[datetime, datetime], *, facts: AccountFacts, pack: Pack, moment: Moment
) -> Outcome:
    start, end = window
    evidence = moment.weigh(facts, pack)
    seen = _updates(facts, evidence, pack, moment, window)
    words = f"{_short(start + _SECOND)}至{_short(end)}"
    if seen >= times:
        return Clear(f"{words}更新{seen}次")
    if facts.opened_on is not None and start_of(facts.opened_on) > start:
        return NotLooked(f"{facts.opened_on:%Y-%m-%d}才开通，不满一期")
    if is_closing(facts, moment.at):
        return NotLooked("已备案停更并公告，注销日期未到")
    stopped = why_blocked(facts, evidence) or why_not_there(evidence)
    if stopped:
        return Unknown(stopped)
    since = evidence.covered_from(end)
    if since is None or since > start:
        return Unknown(f"{words}看得到{seen}次，没有完整看清")
    if evidence.doubt is not None:
        return Unknown(f"{words}看得到{seen}次，几方说法不一：{evidence.doubt.said}")
    return Breach(f"{words}更新{seen}次，{line.title_zh}（{line.source}）")


def _updates(facts: AccountFacts, evidence: Evidence, pack: Pack, moment: Moment, window: tuple[datetime, datetime]) -> int:
    """Count the posts in the window; what people saw counts by days, so that a post seen twice is not two."""
    start, end = window
    shown = sum(
        start < p.at <= end
        and (p.first_seen_at is None or p.first_seen_at <= moment.known_at)
        and not (pack.counts == "push" and p.pushed is False)
        for p in facts.posts
    )
    return max(shown, len({day_of(m) for m in evidence.posts if start < m <= end}))


def _last_week(at: datetime) -> tuple[datetime, datetime]:
    """The last calendar week, Monday to Sunday, that is over: the sources say 每周, and weekly notices look back so."""
    local = at.astimezone(SHANGHAI)
    monday = (local - timedelta(days=local.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    return monday - timedelta(days=7), monday


def _short(moment: datetime) -> str:
    day = day_of(moment)
    return f"{day.month}月{day.day}日"
