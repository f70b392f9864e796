"""LOC-ORIGINAL: kept accounts publish at least n original items a month. Binds only where a pack names it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from qiguan.core.cadence import evidence_for, find_line, last_month, posts_in, why_untold
from qiguan.core.facts import AccountFacts, PostFact, Span
from qiguan.core.life import is_filed_to_close
from qiguan.core.pack import Pack
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

_AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
_PACK = "yangling"
_FULL = Span(_AT - timedelta(days=90), _AT, "完整来源", _AT)


def _august(*originals: bool | None, complete: bool = True) -> AccountFacts:
    posts = tuple(PostFact(_AT - timedelta(days=30 - n), original=told) for n, told in enumerate(originals))
    return AccountFacts(posts=posts, spans=(_FULL,) if complete else ())


EXAMPLES = (
    Example("one original item last month", _august(False, True), _AT, Clear, pack=_PACK),
    Example("reposts alone, under a complete source", _august(False, False), _AT, Breach, pack=_PACK),
    Example("nothing at all last month, under a complete source", _august(), _AT, Breach, pack=_PACK),
    Example("the source does not say which are original", _august(False, None), _AT, Unknown, pack=_PACK),
    Example("reposts alone by what a partial source shows", _august(False, complete=False), _AT, Unknown, pack=_PACK),
    Example("opened last month", AccountFacts(opened_on=date(2026, 8, 20)), _AT, NotLooked, pack=_PACK),
    Example(
        "being closed: the gap counts instead",
        AccountFacts(
            closing_filed_on=date(2026, 9, 1), closing_notice_on=date(2026, 9, 1), closes_on=date(2026, 10, 1), spans=(_FULL,)
        ),
        _AT,
        NotLooked,
        pack=_PACK,
    ),
    Example("the national pack has no such line", _august(False), _AT, NotLooked),
)


@rule(
    "LOC-ORIGINAL",
    title_zh="地方要求：每月原创不少于若干篇",
    title_en="Local: at least n original items a month",
    basis="见规则包所列地方文件",
    confidence="A",
    weight=Weight.LOCAL,
    examples=EXAMPLES,
)
def local_original(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """The last whole calendar month has at least n items that the source calls original."""
    line = find_line(pack, "original", facts, moment.at)
    if isinstance(line, NotLooked):
        return line
    window = last_month(moment.at)
    posts = posts_in(facts, moment, window)
    originals, untold = sum(p.original is True for p in posts), sum(p.original is None for p in posts)
    seen = f"{window.words}看得到原创{originals}篇"
    if originals >= line.times:
        return Clear(seen)
    if is_filed_to_close(facts, moment.at):
        return NotLooked("拟关停的账号看更新间隔")
    away = why_untold(facts, evidence_for(line, facts, pack, moment), window, lambda: seen)
    if away:
        return away
    if originals + untold >= line.times:
        return Unknown(f"{seen}，另有{untold}篇来源没有注明是否原创")
    return Breach(f"{window.words}原创{originals}篇，{line.title_zh}（{line.source}）")
