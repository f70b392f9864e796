"""JSON Feed 1.1."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from qiguan.connectors.pages import decoded, outcome_of_page, outcome_of_status
from qiguan.core.post_key import post_key
from qiguan.core.source import Conversation, Item, Outcome, Reading, Request, Response, SourceSpec
from qiguan.core.written_dates import parse_posted

code = "jsonfeed"
title = "JSON Feed"
official = False
_MOST = 2000


def read(spec: SourceSpec, *, at: datetime) -> Conversation:
    """Fetch the feed once and read it."""
    response: Response = yield Request(spec.url, headers={"Accept": "application/feed+json, application/json"}, conditional=True)
    failed = outcome_of_status(response)
    return (
        failed if failed is not None else read_bytes(response.body, at=at, cut=bool(response.headers.get("x-qiguan-truncated")))
    )


def read_bytes(body: bytes, *, at: datetime, cut: bool = False) -> Reading:
    """Read a JSON Feed's bytes; one bad item costs only itself."""
    try:
        feed = json.loads(decoded(body).lstrip("\ufeff"))
    except (ValueError, RecursionError):
        if body.lstrip()[:1] == b"<":
            return outcome_of_page(body)
        return Reading(
            Outcome.TRUNCATED if cut or body.lstrip()[:1] in {b"{", b"["} else Outcome.NOT_A_FEED, detail="不是完整的JSON"
        )
    entries = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(entries, list):
        return Reading(Outcome.NOT_A_FEED, detail="JSON里没有items")
    items: dict[str, Item] = {}
    dropped = 0
    for entry in entries[:_MOST]:
        item = _item(entry, at) if isinstance(entry, dict) else None
        if item is None:
            dropped += 1
        else:
            items.setdefault(item.key, item)
    outcome = Outcome.OK if items else Outcome.MALFORMED if dropped else Outcome.EMPTY
    return Reading(outcome, tuple(items.values()), name=_word(feed.get("title"))[:120], dropped=dropped)


def _item(entry: dict[str, Any], at: datetime) -> Item | None:
    url, ident = _word(entry.get("url") or entry.get("external_url")), _word(entry.get("id"))
    heading = _word(entry.get("title")) or _word(entry.get("content_text"))[:60]
    posted = parse_posted(_word(entry.get("date_published") or entry.get("date_modified")), at=at)
    key = post_key(url=url, official_id=ident, title=heading, at=posted.at if posted else None)
    if not key:
        return None
    return Item(key, heading[:300], url[:1000] if url.startswith(("http://", "https://")) else "", posted, ident[:300])


def _word(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else str(value) if isinstance(value, int) else ""
