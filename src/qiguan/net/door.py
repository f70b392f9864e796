"""The one door to the network: limits on time, size, redirects and hosts; expected failures are values."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Collection
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp

from qiguan.core.source import Outcome, Request, Response
from qiguan.net.body import read_body
from qiguan.net.exchange import Exchanges
from qiguan.net.failure import Failure, failure_of
from qiguan.net.guard import Network, demand_public, sendable, without_secrets
from qiguan.net.hosts import Hosts
from qiguan.net.redirects import REDIRECTS, Hop, next_hop

__all__ = ["DOWNGRADED", "TRUNCATED", "Door", "Failure", "Limits"]

TRUNCATED = "x-qiguan-truncated"  # set on a Response whose body broke off
DOWNGRADED = "x-qiguan-downgraded"  # set on a Response that a redirect from https to http led to
_OURS = "x-qiguan-"  # names of this kind are never taken from outside
_IDLE = 3.0  # seconds an idle connection is kept: thousands of hosts in a row must not use up the file descriptors


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one request, in seconds and bytes.

    `total` counts while the request is under way, over all its redirects, not while it waits for its turn; `pause` is the least
    time between the starts of two requests to one host.
    """

    total: float = 30.0
    connect: float = 10.0
    body: int = 8 * 1024 * 1024
    redirects: int = 5
    per_host: int = 2
    at_once: int = 100
    pause: float = 0.0


class Door:
    """Use as `async with Door(agent=…) as door`; `fetch` never raises for what the other side does.

    `allow` names networks that may be reached though they are not public (an office's own), `allow_loopback` this machine.
    """

    def __init__(
        self,
        *,
        agent: str,
        allow_loopback: bool = False,
        allow: Collection[Network] = (),
        limits: Limits | None = None,
        resolver: Any = None,
    ) -> None:
        self.limits = limits or Limits()
        self._agent = agent
        self._allow_loopback, self._allow = allow_loopback, allow
        self._resolver = resolver
        self._connector: aiohttp.TCPConnector | None = None
        self._exchanges: Exchanges | None = None
        self._hosts = Hosts(per_host=self.limits.per_host, at_once=self.limits.at_once, pause=self.limits.pause)

    async def __aenter__(self) -> Self:
        """Open the connection pool. It has no limits of its own: whoever waited in it would lose time of its own request."""
        self._connector = aiohttp.TCPConnector(
            limit=0,
            keepalive_timeout=_IDLE,
            ttl_dns_cache=60,
            socket_factory=self._socket,
            resolver=self._resolver,
        )
        always = f"User-Agent: {self._agent}\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\n"
        self._exchanges = Exchanges(self._connector, always, self.limits.connect)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the pool."""
        if self._connector is not None:
            await self._connector.close()

    def _socket(self, info: Any) -> socket.socket:
        """Make the socket for an address aiohttp is about to connect to: the guard sees what is really dialled."""
        demand_public(str(info[4][0]), allow_loopback=self._allow_loopback, allow=self._allow)
        return socket.socket(info[0], info[1], info[2])

    async def fetch(self, request: Request, *, etag: str = "", last_modified: str = "") -> Response | Failure:
        """Fetch one request, following redirects under the limits.

        1. Each hop is judged anew (`redirects.py`) and waits for its turn at its host. 2. The time left shrinks by what each
        hop took. 3. What the other side does wrong comes back as a Failure.
        """
        url = sendable(request.url)
        if not url:
            return Failure(Outcome.UNREACHABLE, "not a plain http(s) address")
        headers = dict(request.headers)
        if request.conditional:
            if etag:
                headers["If-None-Match"] = etag
            if last_modified:
                headers["If-Modified-Since"] = last_modified
        hop = Hop(url, request.method, headers, request.json)
        seen = {url}
        clock = asyncio.get_running_loop().time
        left = self.limits.total
        try:
            for _ in range(self.limits.redirects + 1):
                async with self._hosts.turn(hop.url):
                    start = clock()
                    async with asyncio.timeout(left):
                        answer = await self._once(hop)
                    left -= clock() - start
                location = answer.headers.get("location", "")
                if answer.status not in REDIRECTS or not location:
                    moved = hop.url if hop.url != url and hop.permanent else ""
                    return Response(answer.status, answer.body, answer.headers, hop.url, moved)
                following = next_hop(hop, answer.status, location)
                if isinstance(following, Failure):
                    return following
                hop = following
                if hop.url in seen:
                    return Failure(Outcome.REDIRECT_LOOP, without_secrets(hop.url))
                seen.add(hop.url)
            return Failure(Outcome.REDIRECT_LOOP, f"more than {self.limits.redirects} redirects")
        except Exception as error:
            return failure_of(error)

    async def _once(self, hop: Hop) -> Response:
        if self._exchanges is None:
            raise RuntimeError("the door is not open")
        async with self._exchanges.start(hop.method, hop.url, hop.headers, hop.json) as head:
            found = head.headers
            for name in [name for name in found if name.startswith(_OURS)]:
                del found[name]
            if head.status in REDIRECTS:
                return Response(head.status, b"", found)
            body, whole = await read_body(head, self.limits.body)
            if not whole:
                found[TRUNCATED] = "1"
            if hop.downgraded:
                found[DOWNGRADED] = "1"
            return Response(head.status, body, found)
