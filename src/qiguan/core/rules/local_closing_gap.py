"""LOC-CLOSEGAP: an account being closed keeps posting until it is cancelled. Binds only where a pack names it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from qiguan.core.cadence import Window, evidence_for, find_line, why_untold
from qiguan.core.days import day_of, say
from qiguan.core.facts import AccountFacts, PostFact, Span
from qiguan.core.pack import Pack
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

_AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
_PACK = "yangling"


def _closing(last: float, *, complete: bool = True) -> AccountFacts:
    span = Span(_AT - timedelta(days=60), _AT, "完整来源", _AT)
    return AccountFacts(
        closing_filed_on=date(2026, 8, 1),
        closing_notice_on=date(2026, 8, 1),
        closes_on=date(2026, 10, 1),
        posts=(PostFact(_AT - timedelta(days=last)),),
        spans=(span,) if complete else (),
    )


EXAMPLES = (
    Example("closing, a post a week ago", _closing(7), _AT, Clear, pack=_PACK),
    Example("closing, silent for twenty days, under a complete source", _closing(20), _AT, Breach, pack=_PACK),
    Example("closing, silent by what a partial source shows", _closing(20, complete=False), _AT, Unknown, pack=_PACK),
    Example("not being closed", AccountFacts(), _AT, NotLooked, pack=_PACK),
    Example("the national pack has no such line", _closing(20), _AT, NotLooked),
)


@rule(
    "LOC-CLOSEGAP",
    title_zh="地方要求：拟关停的账号注销前更新间隔不超过若干天",
    title_en="Local: accounts being closed post within n days until cancelled",
    basis="见规则包所列地方文件",
    confidence="A",
    weight=Weight.LOCAL,
    examples=EXAMPLES,
)
def local_closing_gap(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """From the filing to the cancellation, the newest post is at most n days old."""
    line = find_line(pack, "closing_gap", facts, moment.at)
    if isinstance(line, NotLooked):
        return line
    if facts.closing_filed_on is None or facts.closing_filed_on > day_of(moment.at):
        return NotLooked("没有停更备案")
    evidence = evidence_for(line, facts, pack, moment)
    window = Window(moment.at - timedelta(days=line.days), moment.at)
    last = evidence.last_post_at
    if last is not None and last > window.start:
        return Clear(f"停更待注销，{say(last)}有更新")
    away = why_untold(facts, evidence, window, lambda: f"{window.words}看不到更新")
    return away or Breach(f"停更待注销，{window.words}没有更新，{line.title_zh}（{line.source}）")
