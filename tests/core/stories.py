"""A small cast for the tests of the heart: one moment, and facts in a few words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from qiguan.core.facts import AccountFacts, Blindness, CheckFact, PostFact, Said, SightingFact, Span

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)  # a Wednesday, 10:00 in Shanghai
COMPLETE = "官方统计"


def ago(days: float) -> datetime:
    return AT - timedelta(days=days)


def posts(*days: float) -> tuple[PostFact, ...]:
    return tuple(PostFact(ago(d)) for d in sorted(days, reverse=True))


def span(since: float | None = None, until: float = 0, *, assumed: bool = False) -> Span:
    return Span(None if since is None else ago(since), ago(until), COMPLETE, ago(until), assumed)


def check(
    days: float, said: Said = Said.NEWEST, newest: float | None = None, *, day_precise: bool = False, proof: bool = False
) -> CheckFact:
    newest_at = None if newest is None else ago(newest)
    return CheckFact(ago(days), said, "核查员", newest_at=newest_at, newest_day_precise=day_precise, proof=proof)


def sighting(seen: float, posted: float) -> SightingFact:
    return SightingFact(ago(seen), ago(posted))


def blind(outcome: str, *, times: int = 3) -> Blindness:
    return Blindness("网站列表", outcome, ago(5), ago(0.1), times)


def account(**facts: object) -> AccountFacts:
    return AccountFacts(owner="示例市审计局", **facts)  # type: ignore[arg-type]
