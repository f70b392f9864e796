"""RSS, Atom and RDF: entries by `feed_xml`; dates are read here, from the raw words.

Both common feed parsers read a date without a zone as UTC, where Chinese sites mean +08:00.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from qiguan.connectors.feed_xml import Entry, parse_feed
from qiguan.connectors.pages import outcome_of_page, outcome_of_status
from qiguan.core.post_key import post_key
from qiguan.core.source import Conversation, Item, Outcome, Reading, Request, Response, SourceSpec
from qiguan.core.written_dates import parse_posted

code = "rss"
title = "RSS、Atom"
official = False

_ACCEPT = "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5"


def read(spec: SourceSpec, *, at: datetime) -> Conversation:
    """Fetch the feed once and read it."""
    response = yield Request(spec.url, headers={"Accept": _ACCEPT}, conditional=True)
    return read_response(response, at=at, base=spec.url)


def read_response(response: Response, *, at: datetime, base: str = "") -> Reading:
    """Turn one answer into a Reading."""
    failed = outcome_of_status(response)
    if failed is not None:
        return failed
    cut = bool(response.headers.get("x-qiguan-truncated"))
    return read_bytes(response.body, at=at, cut=cut, base=response.url or base)


def read_bytes(body: bytes, *, at: datetime, cut: bool = False, base: str = "") -> Reading:
    """Read a feed's bytes, as fetched or as saved. `cut`: the transfer broke off; `base`: the address for relative links.

    A feed without its closing tag is TRUNCATED, never OK, and keeps what can be read of it: posts prove life. What is
    no feed is a page: one that asks to log in, or another.
    """
    if not body.strip():
        return Reading(Outcome.TRUNCATED if cut else Outcome.NOT_A_FEED, detail="空白")
    feed = parse_feed(body, base=base)
    if feed is None:
        return outcome_of_page(body)
    items, dropped = _items(feed.entries, at)
    outcome = Outcome.OK
    if cut or not feed.whole:
        outcome = Outcome.TRUNCATED
    elif not items:
        outcome = Outcome.MALFORMED if dropped or "格式有错" in feed.mended else Outcome.EMPTY
    ahead = any(i.posted is not None and i.posted.at > at + timedelta(days=1) for i in items)
    detail = "；".join(filter(None, [feed.mended, "有日期在将来的内容" if ahead else ""]))
    return Reading(outcome, items, name=feed.name[:120], detail=detail, dropped=dropped)


def _items(entries: Sequence[Entry], at: datetime) -> tuple[tuple[Item, ...], int]:
    """Return the posts, each once, and how many entries name nothing that would tell them from another."""
    items: dict[str, Item] = {}
    dropped = 0
    for heading, link, ident, when in entries:
        posted = parse_posted(when, at=at) if when else None
        key = post_key(url=link, official_id=ident, title=heading, at=posted.at if posted else None)
        if not key:
            dropped += 1
        elif key not in items:
            url = link[:1000] if link.startswith(("http://", "https://")) else ""
            items[key] = Item(key, heading[:300], url, posted, ident[:300])
    return tuple(items.values()), dropped
