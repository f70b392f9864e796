"""What a redirect may lead to, and what it may take along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from qiguan.core.source import Outcome
from qiguan.net.failure import Failure
from qiguan.net.guard import sendable

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_HARMLESS = frozenset({"accept", "accept-language", "if-none-match", "if-modified-since"})  # all that goes to another origin


@dataclass(frozen=True, slots=True)
class Hop:
    """One request on the way. `permanent`: every redirect so far was; `downgraded`: one led from https to http."""

    url: str
    method: str
    headers: Mapping[str, str]
    json: Any = None
    permanent: bool = True
    downgraded: bool = False


def next_hop(hop: Hop, status: int, location: str) -> Hop | Failure:
    """Return the next request, or why it will not be made.

    1. Only plain http(s). 2. To another origin go no headers but harmless ones, and no body at all: it may hold a secret. The
    same host by https in place of http counts as the same origin. 3. After 303 a body is left behind and GET asked.
    """
    try:
        url = sendable(urljoin(hop.url, location))
    except ValueError:
        url = ""
    if not url:
        return Failure(Outcome.UNREACHABLE, "redirected to what is no plain http(s) address")
    before, after = urlsplit(hop.url), urlsplit(url)
    method, json, headers = hop.method, hop.json, hop.headers
    if status == 303 and method != "HEAD":
        method, json = "GET", None
    if not _same_origin(before, after):
        if json is not None or method not in {"GET", "HEAD"}:
            return Failure(Outcome.UNREACHABLE, "redirected elsewhere with a body")
        headers = {name: value for name, value in headers.items() if name.lower() in _HARMLESS}
    return Hop(
        url,
        method,
        headers,
        json,
        hop.permanent and status in _PERMANENT,
        hop.downgraded or (before.scheme, after.scheme) == ("https", "http"),
    )


def _same_origin(a: SplitResult, b: SplitResult) -> bool:
    if a.hostname != b.hostname:
        return False
    if a.scheme == b.scheme:
        return _port(a) == _port(b)
    return (a.scheme, _port(a), b.scheme, _port(b)) == ("http", 80, "https", 443)


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)
