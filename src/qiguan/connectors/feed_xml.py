"""From a feed's bytes to its raw entries: lxml for what is well formed, then mended, then whatever can be rescued.

Nothing here judges dates or identities; a raw entry holds the words as they stand in the feed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from html.entities import html5
from typing import Any, NamedTuple
from urllib.parse import urljoin

from lxml import etree

from qiguan.connectors.pages import decode_as

code = ""  # no connector of its own

MOST = 2000  # entries read of one feed
_MOST_LOOSE = 512 * 1024  # bytes given to feedparser, whose time grows faster than its input
_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "load_dtd": False,
}
_DATES = ("pubDate", "published", "issued", "date", "updated", "modified", "created")
_BODIES = {"description", "summary", "content", "encoded"}
_CORE_SPACES = (
    "{http://www.w3.org/2005/Atom}",
    "{http://purl.org/rss/1.0/}",
    "{http://purl.org/atom/",
    "{http://my.netscape.com/rdf/",
)
_ROOTS = {"rss", "feed", "RDF"}
_ROOT = re.compile(r"<(?:\w{1,20}:)?(?:rss|feed|RDF)[\s>]")
_END = re.compile(r"</(?:\w{1,20}:)?(?:rss|feed|RDF)\s*>\s*(?:<!--[^>]{0,300}-->\s*)*\Z")
_PAGE = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_CLOSED = re.compile(r"</(?:\w{1,20}:)?(?:item|entry)\s*>")
_OPENED = re.compile(r"<(?:\w{1,20}:)?(?:item|entry)[\s>]")
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,30})")
_CONTROL = re.compile(  # characters that XML forbids, bare or as a reference
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]"
    "|&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]|[dD][89a-fA-F][0-9a-fA-F]{2}));"
)
_AMPERSAND = re.compile(r"&(?:(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});)?")
_MARKUP = re.compile(r"</?[A-Za-z!][^>]{0,500}>")
_XML_NAMES = {"amp", "lt", "gt", "quot", "apos"}


class Entry(NamedTuple):
    """One entry as written; "" where the feed says nothing. `link` is absolute where a base is known."""

    title: str
    link: str
    ident: str
    when: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's own title and its entries. `whole`: its closing tag was there; `mended` names what had to be passed over."""

    name: str
    entries: Sequence[Entry]
    whole: bool = True
    mended: str = ""


def parse_feed(body: bytes, *, base: str = "") -> Feed | None:
    """Return the feed; None where the bytes are no feed at all. Never raises.

    1. Well formed: lxml. 2. Control characters, bare ampersands, HTML entities, a wrong encoding, words before the
    feed: mended, then lxml. 3. Otherwise lxml as far as it goes, or feedparser where that finds more.
    """
    if not _disguised_utf8(body):
        root = _strict(body)
        if root is not None:
            return _feed(root, base) if _local(root.tag) in _ROOTS else None
    text, encoding = text_of(body)
    start = _ROOT.search(text, 0, 65536)
    page = _PAGE.search(text, 0, 65536)
    if start is None or (page is not None and page.start() < start.start()):
        return None
    clean = _CONTROL.sub("", text[start.start() :])
    said = ["含控制字符，已略去"] if len(clean) + start.start() != len(text) else []
    said += ["编码与声明不符"] if encoding else []
    mended = _with_ampersands(clean).encode("utf-8", "replace")
    root = _strict(mended)
    if root is not None:
        return _feed(root, base, mended="；".join(said))
    whole = _END.search(clean[-400:]) is not None
    return _rescued(mended, body, clean, whole, said, base)


def text_of(body: bytes) -> tuple[str, str]:
    """Return the text, and the encoding where it is another than declared ("" where it is the declared one).

    Valid UTF-8 is never another encoding by chance, so it is tried before what is declared; GB18030 comes last.
    """
    match = _DECLARED.search(body[:400])
    declared = match[1].decode("ascii").lower() if match else "utf-8"
    names = [n for n in ("utf-8", declared, "gb18030") if "16" not in n and "32" not in n]
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        names.insert(0, "utf-16")
    elif body[:64].count(b"\x00") >= 8:
        names.insert(0, "utf-16-le" if body[1:2] == b"\x00" else "utf-16-be")
    for name in names:
        text = decode_as(body, name)
        if text is not None:
            return text, name if not text.isascii() and name[:2] != declared[:2] else ""
    return body.decode("utf-8", "replace"), "utf-8"


def _disguised_utf8(body: bytes) -> bool:
    """UTF-8 declared as a Chinese encoding decodes without an error into other characters: told before parsing."""
    match = _DECLARED.search(body[:400])
    if match is None or match[1][:2].lower() not in {b"gb", b"bi"}:
        return False
    text = decode_as(body, "utf-8")
    return text is not None and not text.isascii()


def _strict(body: bytes) -> Any:
    try:
        return etree.fromstring(body, etree.XMLParser(**_OPTIONS))
    except (etree.XMLSyntaxError, ValueError):
        return None


def _with_ampersands(text: str) -> str:
    """Mend the ampersands outside of CDATA. Sections are found one after the other: an unclosed one ends the search."""
    parts: list[str] = []
    done = 0
    while (start := text.find("<![CDATA[", done)) >= 0 and (end := text.find("]]>", start)) >= 0:
        parts += [_AMPERSAND.sub(_ampersand, text[done:start]), text[start : end + 3]]
        done = end + 3
    return "".join([*parts, _AMPERSAND.sub(_ampersand, text[done:])])


def _ampersand(match: re.Match[str]) -> str:
    """Escape a bare ampersand, and write an HTML entity as its characters."""
    name = match[1]
    if not name:
        return "&amp;"
    if name in _XML_NAMES or name[0] == "#":
        return match[0]
    return html5.get(f"{name};", f"&amp;{name};").replace("<", "&lt;")


def _rescued(mended: bytes, body: bytes, clean: str, whole: bool, said: list[str], base: str) -> Feed:
    said = [*said, "格式有错，已尽量读出"] if whole else [*said, "不完整"]
    try:
        root = etree.fromstring(mended, etree.XMLParser(recover=True, **_OPTIONS))
    except (etree.XMLSyntaxError, ValueError):
        root = None
    best = _feed(root, base) if root is not None else Feed("", ())
    opened = sum(1 for _ in _OPENED.finditer(clean))
    if len(best.entries) < min(opened, MOST) and len(body) <= _MOST_LOOSE:
        loose = _by_feedparser(mended, base)
        best = loose if len(loose.entries) > len(best.entries) else best
    entries = best.entries
    if not whole:  # an entry cut in the middle may end in half a link, and half a link is another post
        entries = entries[: sum(1 for _ in _CLOSED.finditer(clean))]
    return Feed("", entries, whole, "；".join(said))  # a name out of broken markup would look like a change of name


def _by_feedparser(body: bytes, base: str) -> Feed:
    """Read what lxml cannot; feedparser keeps the raw date beside its own reading."""
    import feedparser

    try:
        parsed = feedparser.parse(
            body, response_headers={"content-location": base}, sanitize_html=False, resolve_relative_uris=False
        )
        entries = [
            Entry(
                plain(e.get("title", "")),
                absolute(e.get("link", ""), base),
                e.get("id", ""),
                e.get("published") or e.get("updated") or e.get("created") or "",
            )
            for e in parsed.entries[:MOST]
        ]
    except Exception:  # hostile input reaches corners of it that nobody has seen; what lxml found stands
        return Feed("", ())
    return Feed(plain(str(parsed.feed.get("title", ""))), entries)


def _local(tag: Any) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _feed(root: Any, base: str, *, mended: str = "") -> Feed:
    name = site = ""
    found: list[Any] = []
    stack = [root]
    while stack:
        for child in stack.pop():
            local = _local(child.tag)
            if local in {"item", "entry"}:
                if len(found) < MOST:
                    found.append(child)
            elif local == "channel":
                stack.append(child)
            elif local == "title" and not name:
                name = _words(child)
            elif local == "link" and not site and child.text:
                site = child.text.strip()
    return Feed(name, [_entry(e, base or site) for e in found], mended=mended)


def _entry(element: Any, base: str) -> Entry:
    heading = other = link = ident = href = ""
    dates: dict[str, str] = {}
    where = body = None
    for child in element:
        tag = child.tag
        if not isinstance(tag, str):
            continue
        local = tag.rpartition("}")[2]
        if local == "title":
            if tag[0] != "{" or tag.startswith(_CORE_SPACES):
                heading = heading or _words(child)
            else:
                other = other or _words(child)  # media:title and the like: only where the entry has none of its own
        elif local == "link":
            if child.text and child.text.strip():
                link, where = link or child.text.strip(), child
            elif child.get("rel", "alternate") == "alternate":
                href, where = href or child.get("href", "").strip(), child
        elif local in {"guid", "id"}:
            ident = ident or (child.text or "").strip()
            if local == "guid" and child.get("isPermaLink") != "false" and ident.startswith("http"):
                href = href or ident
        elif local in _DATES:
            dates.setdefault(local, (child.text or "").strip())
        elif body is None and local in _BODIES:
            body = child
    when = next((dates[d] for d in _DATES if dates.get(d)), "")
    chosen = link or href or (ident if ident[:4].lower() == "http" and element.find("guid") is None else "")
    if chosen and not chosen.startswith("http"):
        chosen = absolute(chosen, absolute(where.base or "", base) if where is not None else base)
    heading = heading or other or (_words(body)[:60] if body is not None else "")
    return Entry(heading, chosen, ident, when)


def _words(element: Any) -> str:
    """Return an element's words. Text is HTML once more; elements within it are its markup already."""
    return " ".join("".join(element.itertext()).split()) if len(element) else plain(element.text or "")


def plain(text: str) -> str:
    """Return words without markup: titles are HTML, escaped once more than XML needs."""
    if "<" in text:
        text = _MARKUP.sub("", text)
    if "&" in text:
        text = unescape(text)
    return " ".join(text.split())


def absolute(link: str, base: str) -> str:
    """Resolve a link; one that cannot be is returned as it stands. Never raises."""
    try:
        return urljoin(base, link.strip()) if base else link.strip()
    except ValueError:
        return link
