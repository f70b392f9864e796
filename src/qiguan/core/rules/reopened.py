"""QG-R-REOPEN 注销后私自重开: content after the account was closed, and no opening approved since."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from qiguan.core.days import day_of, say, say_day
from qiguan.core.facts import AccountFacts, CheckFact, PostFact, RegisterFacts, Said, Scope, SightingFact
from qiguan.core.pack import Pack
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

_AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
_CLOSED = date(2026, 6, 30)


def _closed(
    *, posts: tuple[PostFact, ...] = (), checks: tuple[CheckFact, ...] = (), sightings: tuple[SightingFact, ...] = (), on: date = _CLOSED
) -> AccountFacts:  # fmt: skip
    return AccountFacts(closed_on=on, posts=posts, checks=checks, sightings=sightings)


def _look(said: Said, newest: float | None = None, *, proof: bool = True) -> CheckFact:
    newest_at = None if newest is None else _AT - timedelta(days=newest)
    return CheckFact(_AT - timedelta(days=1), said, "核查员", newest_at=newest_at, proof=proof)


_NEW = PostFact(_AT - timedelta(days=5))
EXAMPLES = (
    Example("gone, as a person saw", _closed(checks=(_look(Said.CANCELLED),)), _AT, Clear),
    Example("a source shows new content", _closed(posts=(_NEW,)), _AT, Breach),
    Example("a person saw new content, with a screenshot", _closed(checks=(_look(Said.NEWEST, 5),)), _AT, Breach),
    Example("a person saw it, without proof", _closed(checks=(_look(Said.NEWEST, 5, proof=False),)), _AT, Unknown),
    Example("a citizen alone saw it", _closed(sightings=(SightingFact(_AT, _AT - timedelta(days=5)),)), _AT, Unknown),
    Example("still there, nothing new", _closed(checks=(_look(Said.NEWEST, 200),)), _AT, Clear),
    Example("its content carries a date that was written later", _closed(posts=(_NEW._replace(backdated=True),)), _AT, Unknown),
    Example("the day of closing is not known", _closed(posts=(_NEW,), on=date.min), _AT, Unknown),
    Example(
        "an opening was approved since",
        AccountFacts(closed_on=_CLOSED, posts=(_NEW,), register=RegisterFacts(opening_approved_on=date(2026, 8, 1))),
        _AT,
        Clear,
    ),
    Example("closed, and nobody looked since", _closed(), _AT, NotLooked),
    Example("not closed", AccountFacts(posts=(_NEW,)), _AT, NotLooked),
    Example("registered only", AccountFacts(scope=Scope.LISTED, closed_on=_CLOSED, posts=(_NEW,)), _AT, NotLooked),
)


@rule(
    "QG-R-REOPEN",
    title_zh="注销后私自重开",
    title_en="Re-opened after closing without a filing",
    basis="国办发〔2018〕123号：开设应向主管单位备案；各地通报：注销后私自重开",
    confidence="A",
    weight=Weight.REGISTRY,
    examples=EXAMPLES,
)
def reopened(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """Look for content after the closing day: a source's post or a person's with proof is a breach, anything less asks."""
    closed = facts.closed_on
    if facts.scope is Scope.LISTED or closed is None or closed > day_of(moment.at):
        return NotLooked("只登记，不在检查范围" if facts.scope is Scope.LISTED else "没有关停注销")
    approved = facts.register.opening_approved_on if facts.register is not None else None
    if approved is not None and closed <= approved:
        return Clear(f"{say_day(approved)}已批准重开")
    if closed == date.min:
        return Unknown("登记册没有写关停日期，分不清先后")
    posts = [
        p for p in facts.posts
        if day_of(p.at) > closed and day_of(p.at) <= day_of(moment.at) and (p.first_seen_at or p.at) <= moment.known_at
    ]  # fmt: skip
    sure = next((p for p in posts if not p.backdated), None)
    if sure is not None:
        return Breach(f"{say_day(closed)}已关停，{say(sure.at)}又有内容，没有重开备案")
    looks = [c for c in facts.checks if c.at <= moment.known_at and day_of(c.at) > closed]
    seen = [(c.newest_at, c.proof, c.hand) for c in looks if c.newest_at is not None and day_of(c.newest_at) > closed]
    for newest, proof, hand in seen:
        if proof:
            return Breach(f"{say_day(closed)}已关停，{hand}看到{say(newest)}有内容，有截图，没有重开备案")
    met = any(day_of(s.posted_at) > closed and s.at <= moment.known_at for s in facts.sightings)
    if posts or seen or met:
        return Unknown("有人或来源说关停后又有内容，证据还不够，请派人核查并截图")
    return Clear(f"{say(looks[-1].at)}{looks[-1].hand}核查，关停后没有新内容") if looks else NotLooked("关停后没有人看过")
