"""A page that lists links with dates. `settings` may name CSS selectors: row, link, date; without them rows are recognised."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from qiguan.connectors.pages import decoded, outcome_of_page, outcome_of_status
from qiguan.core.errors import QiguanError
from qiguan.core.post_key import post_key
from qiguan.core.source import Conversation, Item, Outcome, Reading, Request, Response, SourceSpec
from qiguan.core.written_dates import PostedAt, parse_posted

code = "html_list"
title = "网页列表"
official = False

_DATE = re.compile(
    r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?|(?<!\d)\d{1,2}月\d{1,2}日|(?<!\d)\d{1,2}-\d{1,2}(?!\d)"
)
_ROWS = "li, tr, dd, article, div.item, div.list-item, p"
_MOST = 500
_DEEPEST = 100
_SMALL = 20_000  # characters that no nesting can make slow
_MOST_NESTED = 3000
_BLOCK = re.compile(
    r"<(/?)(div|section|article|ul|ol|dl|main|aside|nav|header|footer|form|fieldset|blockquote|center|details|dialog|dir|figure|figcaption|hgroup|menu|address|pre|search|summary|listing|optgroup|rt|rp|rb|rtc)\b",
    re.IGNORECASE,
)


def read(spec: SourceSpec, *, at: datetime) -> Conversation:
    """Fetch the page once and read it."""
    response: Response = yield Request(spec.url, headers={"Accept": "text/html"}, conditional=True)
    failed = outcome_of_status(response)
    if failed is not None:
        return failed
    selectors = {k: str(v) for k, v in spec.settings.items() if k in {"row", "link", "date"} and v}
    return read_bytes(
        response.body,
        at=at,
        base=response.url or spec.url,
        selectors=selectors,
        cut=bool(response.headers.get("x-qiguan-truncated")),
    )


def read_bytes(
    body: bytes, *, at: datetime, base: str = "", selectors: dict[str, str] | None = None, cut: bool = False
) -> Reading:
    """Read a list page's bytes. A page without rows is a log-in page or no list."""
    chosen = selectors or {}
    text = decoded(body)
    if _nests_too_deep(text):
        return Reading(Outcome.NOT_A_FEED, detail="网页嵌套过深")
    page = LexborHTMLParser(text)
    items: dict[str, Item] = {}
    try:
        for item in _rows(page, chosen, base, at):
            items.setdefault(item.key, item)
    except (ValueError, SelectolaxError) as error:
        raise QiguanError("选择器写得不对", place="采集源设置", remedy="请按CSS选择器的写法修改") from error
    heading = page.css_first("title")
    name = heading.text(strip=True)[:120] if heading else ""
    if len(items) < (1 if chosen else 2):
        failed = outcome_of_page(body)
        return failed if not items else Reading(failed.outcome, tuple(items.values()), name=name)
    closed = b"</html" in body[-2000:].lower() or b"<html" not in body[:2000].lower()
    return Reading(Outcome.OK if closed and not cut else Outcome.TRUNCATED, tuple(items.values()), name=name)


def _nests_too_deep(text: str) -> bool:
    """Say whether block elements nest beyond reason: the time of any HTML parser grows with the square of that."""
    if len(text) < _SMALL:
        return False
    open_now: dict[str, int] = {}
    depth = 0
    for match in _BLOCK.finditer(text):
        name = match[2].lower()
        now = open_now.get(name, 0)
        if not match[1]:
            open_now[name], depth = now + 1, depth + 1
            if depth > _MOST_NESTED:
                return True
        elif now:
            open_now[name], depth = now - 1, depth - 1
    return False


def _rows(page: LexborHTMLParser, chosen: dict[str, str], base: str, at: datetime) -> Iterator[Item]:
    rows = page.css(chosen.get("row", _ROWS))[: _MOST * 10]
    outer = set() if "row" in chosen else _outer(rows)
    for nth, row in enumerate(rows):
        if nth in outer:
            continue
        link = row.css_first(chosen.get("link", "a[href]"))
        if link is None:
            continue
        posted = _posted(row, chosen, at)
        words = " ".join((link.attributes.get("title") or link.text(strip=True) or "").split())
        if not words or (posted is None and "row" not in chosen):
            continue
        url = _absolute(base, link.attributes.get("href") or "")
        key = post_key(url=url, title=_DATE.sub("", words), at=posted.at if posted else None)
        if key:
            yield Item(key, _DATE.sub("", words).strip(" []()（）")[:300] or words[:300], url[:1000], posted)


def _outer(rows: list[LexborNode]) -> set[int]:
    """Return which rows hold another row (the inner one is the row), or lie deeper than any page a person wrote."""
    places = {row.mem_id: nth for nth, row in enumerate(rows)}
    outer = set()
    for nth, row in enumerate(rows):
        above, depth = row.parent, 0
        inner = row.tag in {"li", "tr", "article"}
        while above is not None and depth <= _DEEPEST:
            if inner and above.mem_id in places:
                outer.add(places[above.mem_id])
            above, depth = above.parent, depth + 1
        if depth > _DEEPEST:
            outer.add(nth)
    return outer


def _posted(row: LexborNode, chosen: dict[str, str], at: datetime) -> PostedAt | None:
    if "date" in chosen:
        cell = row.css_first(chosen["date"])
        return parse_posted(cell.text(strip=True), at=at) if cell is not None else None
    stamp = row.css_first("time[datetime]")
    if stamp is not None:
        return parse_posted(stamp.attributes.get("datetime"), at=at)
    found = _DATE.search(row.text(separator=" ", strip=True))
    return parse_posted(found[0], at=at) if found else None


def _absolute(base: str, href: str) -> str:
    try:
        url = urljoin(base, href.strip())
    except ValueError:
        return ""
    return url if url.startswith(("http://", "https://")) else ""
