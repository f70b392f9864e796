"""Turns at each host and at the door: how many at once, and the pause between two requests to one host."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

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

    def turn(self, url: str) -> Turn:
        """Return what `async with` waits in: for a place at the URL's host, then for its pause, then for a place at the door."""
        name = _host(url)
        host = self._hosts.get(name)
        if host is None:
            self._sweep()
            host = self._hosts[name] = _Host(asyncio.Semaphore(self._per_host))
        return Turn(host, self._door, self._pause)

    def _sweep(self) -> None:
        if len(self._hosts) < _SWEEP:
            return
        now = asyncio.get_running_loop().time()
        self._hosts = {name: h for name, h in self._hosts.items() if h.users or h.next_turn > now}


class Turn:
    """A turn at one host; what was waited for is held until the end."""

    __slots__ = ("_door", "_host", "_pause")

    def __init__(self, host: _Host, door: asyncio.Semaphore, pause: float) -> None:
        self._host, self._door, self._pause = host, door, pause
        host.users += 1  # from now on, not from the first wait: an idle host may be forgotten

    async def __aenter__(self) -> None:
        """Wait; whoever is cancelled while waiting holds nothing."""
        host = self._host
        try:
            await host.places.acquire()
        except BaseException:
            host.users -= 1
            raise
        try:
            if self._pause:
                now = asyncio.get_running_loop().time()
                start = max(now, host.next_turn)
                host.next_turn = start + self._pause
                if start > now:
                    await asyncio.sleep(start - now)
            await self._door.acquire()
        except BaseException:
            self._leave()
            raise

    async def __aexit__(self, *error: object) -> None:
        """Give the places back."""
        self._door.release()
        self._leave()

    def _leave(self) -> None:
        self._host.places.release()
        self._host.users -= 1


def _host(url: str) -> str:
    """Return the host's name of a `sendable` address, however it is written: without port, case or the dot at its end."""
    start = url.find("://") + 3
    end = len(url)
    for mark in "/?#":
        at = url.find(mark, start, end)
        end = at if at >= 0 else end
    name = url[start:end].rpartition("@")[2].lower()
    if name.startswith("["):
        return name.partition("]")[0][1:]
    return name.partition(":")[0].rstrip(".")
