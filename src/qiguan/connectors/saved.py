"""What a collector saved, one file an account: the kind by the ending, then by the bytes."""

from __future__ import annotations

from datetime import datetime

from qiguan.connectors import html_list, jsonfeed, rss
from qiguan.core.source import Outcome, Reading

code = ""  # read by `qiguan check`, no source of its own
SUFFIXES = (".xml", ".json", ".html")


def read_saved(body: bytes, suffix: str, *, at: datetime) -> Reading:
    """Read one saved file. A log-in page saved as .xml is a log-in page."""
    head = body.lstrip()[:1]
    if suffix == ".json" or head == b"{":
        return jsonfeed.read_bytes(body, at=at)
    reading = rss.read_bytes(body, at=at)
    if reading.outcome is Outcome.NOT_A_FEED and head == b"<":
        return html_list.read_bytes(body, at=at)
    return reading
