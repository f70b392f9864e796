"""Turns at each host and at the door: how many at once, and the pause between two requests to one host."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

_SWEEP = 1000  # hosts kept before the idle ones are forgotten


@dataclass(slots=True)
class _Host:
    places: asyncio.Semaphore
    users: int = 0
    next_turn: float = 0.0  # loop time before which no request may start


class Hosts:
    """Whoever waits here holds no place that others could use, and its own time has not begun: a slow host delays only itself."""

    def __init__(self, *, per_host: int, at_once: int, pause: float) -> None:
        self._per_host, self._pause = per_host, pause
        self._door = asyncio.Semaphore(at_once)
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, url: str) -> AsyncIterator[None]:
        """Wait for a place at the URL's host, then for its pause, then for a place at the door; hold both until the end."""
        name = (urlsplit(url).hostname or "").rstrip(".")
        host = self._hosts.get(name)
        if host is None:
            self._sweep()
            host = self._hosts[name] = _Host(asyncio.Semaphore(self._per_host))
        host.users += 1
        try:
            async with host.places:
                if self._pause:
                    now = asyncio.get_running_loop().time()
                    start = max(now, host.next_turn)
                    host.next_turn = start + self._pause
                    if start > now:
                        await asyncio.sleep(start - now)
                async with self._door:
                    yield
        finally:
            host.users -= 1

    def _sweep(self) -> None:
        if len(self._hosts) < _SWEEP:
            return
        now = asyncio.get_running_loop().time()
        self._hosts = {name: h for name, h in self._hosts.items() if h.users or h.next_turn > now}
