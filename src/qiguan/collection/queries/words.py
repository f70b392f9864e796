"""A source in words: its kind and host, never its whole address."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from qiguan.connectors import all_connectors


@lru_cache(maxsize=16384)
def source_words(connector: str, url: str) -> str:
    """Return words such as RSS、Atom（example.gov.cn）."""
    known = all_connectors().get(connector)
    title = known.title if known is not None else connector
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    return f"{title}（{host}）" if host else title
