"""The one door to the network: limits on time, size, redirects and hosts; expected failures are values."""

from __future__ import annotations

import asyncio
import socket
import time
import zlib
from collections import defaultdict
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import aiohttp
from yarl import URL

from qiguan.core.source import Outcome, Request, Response
from qiguan.net.guard import PrivateAddress, demand_public, usable_url, without_secrets

REDIRECTS = {301, 302, 303, 307, 308}
PERMANENT = {301, 308}
TRUNCATED = "x-qiguan-truncated"  # set on a Response whose body broke off


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that brought no answer: why, and words for the log (no secrets)."""

    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one request. Seconds and bytes; `pause` is the least time between requests to one host."""

    total: float = 30.0
    connect: float = 10.0
    body: int = 8 * 1024 * 1024
    redirects: int = 5
    per_host: int = 2
    at_once: int = 100
    pause: float = 0.0


class _TooLarge(Exception):
    """The decoded body passed its limit."""


class Door:
    """Use as `async with Door(agent=…) as door`; `fetch` never raises for what the other side does."""

    def __init__(self, *, agent: str, allow_loopback: bool = False, limits: Limits | None = None, resolver: Any = None) -> None:
        self.limits = limits or Limits()
        self._agent = agent
        self._allow_loopback = allow_loopback
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None
        self._last: dict[str, float] = defaultdict(float)

    async def __aenter__(self) -> Self:
        """Open the connection pool."""
        limits = self.limits
        connector = aiohttp.TCPConnector(
            limit=limits.at_once,
            limit_per_host=limits.per_host,
            ttl_dns_cache=60,
            socket_factory=self._socket,
            resolver=self._resolver,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=limits.total, sock_connect=limits.connect),
            headers={"User-Agent": self._agent, "Accept-Encoding": "gzip, deflate"},
            max_line_size=16384,
            max_field_size=16384,
        )
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()

    def _socket(self, info: Any) -> socket.socket:
        """Make the socket for an address aiohttp is about to connect to: the guard sees what is really dialled."""
        demand_public(str(info[4][0]), allow_loopback=self._allow_loopback)
        return socket.socket(info[0], info[1], info[2])

    async def fetch(self, request: Request, *, etag: str = "", last_modified: str = "") -> Response | Failure:
        """Fetch one request, following redirects under the limits.

        1. Each hop is a URL of ours to judge: scheme, credentials, loop. 2. Secrets do not follow to another host.
        3. The body is streamed, decoded under the cap. 4. What the other side does wrong comes back as a Failure.
        """
        headers = dict(request.headers)
        if request.conditional:
            if etag:
                headers["If-None-Match"] = etag
            if last_modified:
                headers["If-Modified-Since"] = last_modified
        url, seen, permanent = request.url, {request.url}, True
        try:
            async with asyncio.timeout(self.limits.total):
                for _ in range(self.limits.redirects + 1):
                    if not usable_url(url):
                        return Failure(Outcome.UNREACHABLE, "not a plain http(s) address")
                    await self._wait_for(url)
                    answer = await self._once(request, url, headers)
                    location = answer.headers.get("location", "")
                    if answer.status not in REDIRECTS or not location:
                        moved = url if url != request.url and permanent else ""
                        return Response(answer.status, answer.body, answer.headers, url, moved)
                    permanent = permanent and answer.status in PERMANENT
                    target = urljoin(url, location)
                    if urlsplit(target).netloc != urlsplit(url).netloc:
                        headers = {k: v for k, v in headers.items() if k.lower() not in {"authorization", "cookie"}}
                    url = target
                    if url in seen:
                        return Failure(Outcome.REDIRECT_LOOP, without_secrets(url))
                    seen.add(url)
                return Failure(Outcome.REDIRECT_LOOP, f"more than {self.limits.redirects} redirects")
        except Exception as error:
            return _failure(error)

    async def _wait_for(self, url: str) -> None:
        """Keep the pause between two requests to one host."""
        if not self.limits.pause:
            return
        host = urlsplit(url).netloc
        now = time.monotonic()
        turn = max(now, self._last[host] + self.limits.pause)
        self._last[host] = turn
        if turn > now:
            await asyncio.sleep(turn - now)

    async def _once(self, request: Request, url: str, headers: dict[str, str]) -> Response:
        if self._session is None:
            raise RuntimeError("the door is not open")
        async with self._session.request(
            request.method, URL(url, encoded=True), headers=headers, json=request.json, allow_redirects=False
        ) as answer:
            found = {k.lower(): v for k, v in answer.headers.items()}
            if answer.status in REDIRECTS:
                return Response(answer.status, b"", found)
            body, whole = await _body(answer, self.limits.body)
            if not whole:
                found[TRUNCATED] = "1"
            return Response(answer.status, body, found)


async def _body(answer: aiohttp.ClientResponse, cap: int) -> tuple[bytes, bool]:
    """Return the decoded body and whether it is whole. A body over the cap raises _TooLarge before it is unpacked further."""
    if answer.status in {204, 304}:
        return b"", True
    coding = answer.headers.get("Content-Encoding", "").strip().lower()
    unpack = zlib.decompressobj(47) if coding in {"gzip", "x-gzip", "deflate"} else None  # 47: gzip or zlib by its head
    parts: list[bytes] = []
    size = 0
    whole = True
    try:
        async for chunk in answer.content.iter_any():
            piece = chunk if unpack is None else unpack.decompress(chunk, cap - size + 1)
            size += len(piece)
            if size > cap:
                raise _TooLarge
            parts.append(piece)
    except (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, ConnectionResetError):
        whole = False
    if unpack is not None and not unpack.eof and whole:
        whole = not parts and size == 0
    return b"".join(parts), whole


def _failure(error: Exception) -> Failure:
    """Name what went wrong. Bugs of ours are not the other side's doing: INTERNAL."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, PrivateAddress):
            return Failure(Outcome.PRIVATE_ADDRESS)
        cause = cause.__cause__ or getattr(cause, "os_error", None) or cause.__context__
    name = type(error).__name__
    if isinstance(error, TimeoutError):
        return Failure(Outcome.TIMEOUT, name)
    if isinstance(error, _TooLarge):
        return Failure(Outcome.TOO_LARGE)
    if isinstance(error, aiohttp.ClientPayloadError | zlib.error):
        return Failure(Outcome.MALFORMED, name)
    if isinstance(error, aiohttp.ClientError | OSError | ValueError):
        return Failure(Outcome.UNREACHABLE, name)
    return Failure(Outcome.INTERNAL, name)
