"""RSS, Atom and RDF: lxml for what is well formed, feedparser for the rest. Dates are read here, from the raw words.

Both common feed parsers read a date without a zone as UTC, where Chinese sites mean +08:00 (ADR 0004).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from lxml import etree

from qiguan.connectors.pages import outcome_of_page, outcome_of_status
from qiguan.core.post_key import post_key
from qiguan.core.source import Conversation, Item, Outcome, Reading, Request, Response, SourceSpec
from qiguan.core.written_dates import parse_posted

code = "rss"
title = "RSS、Atom"
official = False

_PARSER_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "load_dtd": False,
}
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_ENTRY = {"item", "entry"}
_DATES = ("pubDate", "published", "issued", "date", "updated", "modified", "created")
_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|RDF)\s*>\s*(?:<!--.*?-->\s*)*\Z", re.DOTALL)
_ROOT = re.compile(rb"<(?:\w+:)?(rss|feed|RDF)[\s>]")
_TAG = re.compile(r"<[^>]{0,500}>")
_MOST = 2000  # items read of one feed


def read(spec: SourceSpec, *, at: datetime) -> Conversation:
    """Fetch the feed once and read it."""
    response = yield Request(
        spec.url,
        headers={"Accept": "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5"},
        conditional=True,
    )
    return read_response(response, at=at)


def read_response(response: Response, *, at: datetime) -> Reading:
    """Turn one answer into a Reading."""
    failed = outcome_of_status(response)
    return (
        failed if failed is not None else read_bytes(response.body, at=at, cut=bool(response.headers.get("x-qiguan-truncated")))
    )


def read_bytes(body: bytes, *, at: datetime, cut: bool = False) -> Reading:
    """Read a feed's bytes, as fetched or as saved.

    1. Well-formed XML: lxml. 2. Control characters: dropped, and said. 3. Broken XML: whatever feedparser can read; a
    feed without its closing tag is TRUNCATED, never OK. 4. No feed at all: a log-in page, or another page.
    """
    detail = ""
    if not body.strip():
        return Reading(Outcome.TRUNCATED if cut else Outcome.NOT_A_FEED, detail="空白")
    rooted = _ROOT.search(body, 0, 4096) is not None
    root = _parsed(body)
    if root is None and rooted and _CONTROL.search(body):
        root = _parsed(_CONTROL.sub(b"", body))
        detail = "含控制字符，已略去"
    if root is not None and not cut and _local(root.tag) in {"rss", "feed", "RDF"}:
        name, raws = _channel(root)
        return _reading(Outcome.OK, name, raws, detail, at)
    if not rooted and b"\x00" not in body[:64]:
        return outcome_of_page(body)
    truncated = cut or (rooted and not _END.search(body[-400:]) and root is None)
    name, loose = _by_feedparser(body)
    outcome = Outcome.TRUNCATED if truncated else Outcome.OK if loose else Outcome.MALFORMED
    return _reading(outcome, name, loose, "不完整" if truncated else "格式有错，已尽量读出", at)


def _parsed(body: bytes) -> Any:
    try:
        return etree.fromstring(body, etree.XMLParser(**_PARSER_OPTIONS))
    except (etree.XMLSyntaxError, ValueError):
        return None


def _local(tag: Any) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


Raw = tuple[str, str, str, str]  # title, link, id, date as written


def _channel(root: Any) -> tuple[str, list[Raw]]:
    """Return the feed's own title and its entries."""
    name = ""
    entries: list[Raw] = []
    stack = [root]
    while stack:
        for child in stack.pop():
            local = _local(child.tag)
            if local in _ENTRY:
                if len(entries) < _MOST:
                    entries.append(_entry(child))
            elif local == "channel":
                stack.append(child)
            elif local == "title" and not name:
                name = _text(child)
    return name[:120], entries


def _entry(element: Any) -> Raw:
    heading = link = ident = href = ""
    dates: dict[str, str] = {}
    for child in element:
        tag = child.tag
        if not isinstance(tag, str):
            continue
        local = tag.rpartition("}")[2]
        if local == "title":
            heading = heading or _text(child)
        elif local == "link":
            if child.text and child.text.strip():
                link = link or child.text.strip()
            elif child.get("rel", "alternate") == "alternate":
                href = href or child.get("href", "")
        elif local in {"guid", "id"}:
            ident = ident or (child.text or "").strip()
            if local == "guid" and child.get("isPermaLink") != "false" and ident.startswith("http"):
                href = href or ident
        elif local in _DATES:
            dates.setdefault(local, (child.text or "").strip())
    when = next((dates[d] for d in _DATES if dates.get(d)), "")
    return heading, link or href, ident, when


def _text(element: Any) -> str:
    text = element.text or ""
    if len(element):
        text = "".join(element.itertext())
    return " ".join(text.split())


def _by_feedparser(body: bytes) -> tuple[str, list[Raw]]:
    """Read what is broken; feedparser keeps the raw date beside its own reading."""
    import feedparser

    parsed = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    raws = [
        (e.get("title", ""), e.get("link", ""), e.get("id", ""), e.get("published") or e.get("updated") or e.get("created") or "")
        for e in parsed.entries[:_MOST]
    ]
    return str(parsed.feed.get("title", ""))[:120], raws


def _reading(outcome: Outcome, name: str, raws: Iterable[Raw], detail: str, at: datetime) -> Reading:
    items: dict[str, Item] = {}
    dropped = 0
    for item in _items(raws, at):
        if item is None:
            dropped += 1
        else:
            items.setdefault(item.key, item)
    found = tuple(items.values())
    if any(i.posted is not None and i.posted.at > at + timedelta(days=1) for i in found):
        detail = "；".join(filter(None, [detail, "有日期在将来的内容"]))
    if outcome is Outcome.OK and not found:
        outcome = Outcome.MALFORMED if dropped else Outcome.EMPTY
    return Reading(outcome, found, name=name, detail=detail, dropped=dropped)


def _items(raws: Iterable[Raw], at: datetime) -> Iterator[Item | None]:
    for heading, link, ident, when in raws:
        posted = parse_posted(when, at=at) if when else None
        words = heading if "<" not in heading else _TAG.sub("", heading)
        key = post_key(url=link, official_id=ident, title=words, at=posted.at if posted else None)
        yield (
            Item(key, words[:300], link[:1000] if link.startswith(("http://", "https://")) else "", posted, ident[:300])
            if key
            else None
        )
