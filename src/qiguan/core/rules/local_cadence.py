"""Stricter local lines: within every n days, once a week, n a week. They bind only where a pack names them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from qiguan.core.cadence import Window, at_least, find_line, last_week
from qiguan.core.facts import AccountFacts, PostFact, Span
from qiguan.core.pack import Pack
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

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
    line = find_line(pack, "days", facts, moment.at)
    if isinstance(line, NotLooked):
        return line
    return at_least(1, line, Window(moment.at - timedelta(days=line.days), moment.at), facts=facts, pack=pack, moment=moment)


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
    line = find_line(pack, "weekly", facts, moment.at)
    if isinstance(line, NotLooked):
        return line
    return at_least(1, line, last_week(moment.at), facts=facts, pack=pack, moment=moment)


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
    line = find_line(pack, "per_week", facts, moment.at)
    if isinstance(line, NotLooked):
        return line
    return at_least(line.times, line, last_week(moment.at), facts=facts, pack=pack, moment=moment)
