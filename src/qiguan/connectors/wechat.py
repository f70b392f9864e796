"""WeChat official statistics: every post of each day up to yesterday, pushed and un-pushed alike.

`POST /datacube/getarticletotaldetail` {begin_date, end_date} → {list: [{ref_date, msgid, publish_type, title,
content_url, detail_list}], is_delay}. The page says begin to end; in practice it takes one day at a time and answers
"date range error" to more. Its data begin with 2025-11-01 and end with yesterday; `is_delay` says that a day is not
complete yet. `msgid` is <mid>_<idx>, the numbers of the post's link. Permission set 7, also for a third party.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from qiguan.connectors.wechat_answers import answer_of, asked
from qiguan.core.post_key import post_key
from qiguan.core.source import Conversation, Item, Outcome, Reading, Response, SourceSpec
from qiguan.core.written_dates import SHANGHAI, parse_posted

code = "wechat"
title = "微信公众号统计接口"
official = True  # vouches for every post to the end of yesterday

FIRST_DAY = date(2025, 11, 1)
DAYS_BACK = 100  # of a first look: past three months, so that 僵尸 can be told
DAYS_AT_ONCE = 50  # of one conversation; the next goes on from there
_PATH = "/datacube/getarticletotaldetail"
_MOST = 200  # posts of a day


def read(spec: SourceSpec, *, at: datetime) -> Conversation:
    """Ask day by day from the first uncovered day to yesterday; the Reading covers what was told and no more.

    1. A refusal on the first day is the outcome. 2. A later one ends the reading with the days already told, except a
    void token: then the caller refreshes it and asks again. 3. A delayed day is not covered. Never EMPTY: a window
    without posts says nothing about the time before it.
    """
    first, yesterday = _first_day(spec, at), at.astimezone(SHANGHAI).date() - timedelta(days=1)
    if first > yesterday:
        return Reading(Outcome.NOT_MODIFIED, covers_until=_midnight(first), detail="昨天的已经读过")
    last = min(yesterday, first + timedelta(days=DAYS_AT_ONCE - 1))
    items: dict[str, Item] = {}
    dropped, day, said = 0, first, ""
    retry_after: float | None = None
    while day <= last:
        response: Response = yield asked(
            spec.url, _PATH, spec.token, {"begin_date": day.isoformat(), "end_date": day.isoformat()}
        )
        answer = answer_of(response, at=at)
        if isinstance(answer, Reading):
            if day == first or answer.outcome is Outcome.TOKEN_INVALID:
                return answer
            said, retry_after = f"读到{day - timedelta(days=1)}为止：{answer.detail}", answer.retry_after
            break
        found, bad = _items(answer, day)
        items.update({i.key: i for i in found if i.key not in items})
        dropped += bad
        if answer.get("is_delay") is True or not isinstance(answer.get("list"), list):
            said = f"{day}的统计还没有出齐"
            break
        if bad:  # what cannot be read may be a post: the day is not vouched for
            said = f"{day}有读不出的条目"
            break
        day += timedelta(days=1)
    return Reading(
        Outcome.OK,
        tuple(items.values()),
        covers_from=_midnight(first),
        covers_until=_midnight(day),
        retry_after=retry_after,
        detail=said,
        dropped=dropped,
    )


def _first_day(spec: SourceSpec, at: datetime) -> date:
    """The day after the last covered one; on a first look some days back, never before the data begin."""
    if spec.since is not None:
        return max(spec.since.astimezone(SHANGHAI).date(), FIRST_DAY)
    back = spec.settings.get("days_back", DAYS_BACK)
    days = min(max(back, 1), 400) if isinstance(back, int) else DAYS_BACK
    return max(at.astimezone(SHANGHAI).date() - timedelta(days=days), FIRST_DAY)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), SHANGHAI).astimezone(UTC)


def _items(answer: dict[str, Any], day: date) -> tuple[list[Item], int]:
    rows = answer.get("list")
    found = [_item(row, day) if isinstance(row, dict) else None for row in (rows if isinstance(rows, list) else [])[:_MOST]]
    good = [item for item in found if item is not None]
    return good, len(found) - len(good)


def _item(row: dict[str, Any], day: date) -> Item | None:
    """A row without a readable date is of the day that was asked for."""
    ident, url, heading = (" ".join(str(row.get(k) or "").split()) for k in ("msgid", "content_url", "title"))
    asked_at = _midnight(day + timedelta(days=1))
    posted = parse_posted(str(row.get("ref_date") or ""), at=asked_at) or parse_posted(day.isoformat(), at=asked_at)
    key = post_key(url=url, official_id=ident, title=heading, at=posted.at if posted else None)
    if not key:
        return None
    kind = row.get("publish_type")
    pushed = {0: True, 1: False}.get(kind) if isinstance(kind, int) else None
    return Item(key, heading[:300], url[:1000] if url.startswith(("http://", "https://")) else "", posted, ident[:300], pushed)
