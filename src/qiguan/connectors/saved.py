"""What a collector saved, one file an account: the kind by the ending, then by the bytes."""

from __future__ import annotations

from datetime import datetime

from qiguan.connectors import html_list, jsonfeed, rss
from qiguan.core.source import Outcome, Reading

code = ""  # read by `qiguan check`, no source of its own
SUFFIXES = (".xml", ".json", ".html")


def read_saved(body: bytes, suffix: str, *, at: datetime) -> Reading:
    """Read one saved file (`suffix` one of SUFFIXES). A log-in page saved as .xml is a log-in page.

    A saved list page is read as a list before anybody looks for a log-in form: most such pages carry one in a corner.
    """
    start = body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start in {b"{", b"["} or (suffix == ".json" and start != b"<"):
        return jsonfeed.read_bytes(body, at=at)
    feed = rss.read_bytes(body, at=at)
    if feed.outcome not in {Outcome.NOT_A_FEED, Outcome.LOGIN_PAGE} or start != b"<" or suffix == ".json":
        return feed
    if suffix == ".html" or feed.outcome is Outcome.NOT_A_FEED:
        return html_list.read_bytes(body, at=at)
    return feed
