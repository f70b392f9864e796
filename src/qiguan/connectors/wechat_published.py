"""WeChat's list of published posts: un-pushed ones only (发布 without 群发), to the minute and including today.

`POST /cgi-bin/freepublish/batchget` {offset, count ≤ 20, no_content} → {total_count, item_count, item: [{article_id,
update_time, content: {news_item: [{title, url, is_deleted, …}]}}]}, newest first. It sees no pushed post: it proves life,
never silence.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from qiguan.connectors.wechat_answers import answer_of, asked
from qiguan.core.post_key import post_key
from qiguan.core.source import Conversation, Item, Outcome, Reading, Response, SourceSpec
from qiguan.core.written_dates import PostedAt

code = "wechat_published"
title = "微信公众号已发布列表（不含群发）"
official = False  # the platform's own, yet it vouches for nothing: pushed posts are missing from it

PAGE = 20
MOST_PAGES = 25
OVERLAP = timedelta(days=3)  # looked at again, for edits and deletions
_PATH = "/cgi-bin/freepublish/batchget"


def read(spec: SourceSpec, *, at: datetime) -> Conversation:
    """Page from the newest back to what was read before. What the pages before a refusal told is kept."""
    items: dict[str, Item] = {}
    dropped = 0
    enough = spec.since - OVERLAP if spec.since is not None else None
    for page in range(MOST_PAGES):
        response: Response = yield asked(spec.url, _PATH, spec.token, {"offset": page * PAGE, "count": PAGE, "no_content": 1})
        answer = answer_of(response, at=at)
        if isinstance(answer, Reading):
            return Reading(
                answer.outcome, tuple(items.values()), retry_after=answer.retry_after, detail=answer.detail, dropped=dropped
            )
        rows = answer.get("item")
        messages = rows if isinstance(rows, list) else []
        for message in messages:
            found = _items(message) if isinstance(message, dict) else []
            dropped += not found
            for item in found:
                items.setdefault(item.key, item)
        oldest = min((i.posted.at for i in items.values() if i.posted), default=at)
        total = answer.get("total_count")
        last = not messages or not isinstance(total, int) or (page + 1) * PAGE >= total
        if last or (enough is not None and oldest < enough):
            break
    return Reading(Outcome.OK, tuple(items.values()), dropped=dropped, detail="只含未群发的内容")


def _items(message: dict[str, Any]) -> list[Item]:
    """One message is one to eight posts."""
    content = message.get("content")
    news = content.get("news_item") if isinstance(content, dict) else None
    posted = _moment(message.get("update_time"))
    found = []
    for nth, row in enumerate(news if isinstance(news, list) else [], start=1):
        if not isinstance(row, dict):
            continue
        url = str(row.get("url") or "").strip()
        heading = " ".join(str(row.get("title") or "").split())
        ident = _msgid(url) or f"{message.get('article_id') or ''}_{nth}"
        key = post_key(url=url, official_id=ident, title=heading, at=posted.at if posted else None)
        link = url[:1000] if url.startswith(("http://", "https://")) else ""
        found.append(Item(key, heading[:300], link, posted, ident[:300], False, deleted=row.get("is_deleted") is True))
    return found


def _msgid(url: str) -> str:
    """Return <mid>_<idx> of a link, by which the statistics name the same post; "" where it has none."""
    try:
        query = parse_qs(urlsplit(url.replace("&amp;", "&")).query, max_num_fields=50)
    except ValueError:
        return ""
    mid, idx = query.get("mid", [""])[0], query.get("idx", [""])[0]
    return f"{mid}_{idx}" if mid.isdecimal() and idx.isdecimal() else ""


def _moment(value: Any) -> PostedAt | None:
    """Return an epoch in seconds as a moment; None for anything else."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 4_102_444_800:
        return None
    return PostedAt(datetime.fromtimestamp(value, UTC), "second", str(value))
