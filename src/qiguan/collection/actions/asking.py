"""Hold conversations about tokens over the door, from code that is not asynchronous."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from django.conf import settings

from qiguan.core.source import Reading, Request, Response
from qiguan.net.door import Door, Failure
from qiguan.net.guard import without_secrets

T = TypeVar("T")


@dataclass(slots=True)
class Asker:
    """The door and its loop. `refusals`: components whose token could not be had; they are not asked again in this round."""

    door: Door
    runner: asyncio.Runner
    refusals: dict[int, Reading] = field(default_factory=dict)

    def ask(self, talk: Generator[Request, Response, T | Reading]) -> T | Reading:
        """Carry one conversation to its end."""
        return self.runner.run(_held(self.door, talk))

    def pause(self, seconds: float) -> None:
        """Let the loop run on for a moment."""
        self.runner.run(asyncio.sleep(seconds))


@contextmanager
def asking() -> Iterator[Asker]:
    """Open a door for a few questions, outside a poll round."""
    with asyncio.Runner() as runner:
        door = Door(agent=settings.NET_AGENT, allow_loopback=settings.NET_ALLOW_LOOPBACK)
        runner.run(door.__aenter__())
        try:
            yield Asker(door, runner)
        finally:
            runner.run(door.__aexit__(None, None, None))


async def _held(door: Door, talk: Generator[Request, Response, T | Reading]) -> T | Reading:
    try:
        request = next(talk)
        while True:
            answer = await door.fetch(request)
            if isinstance(answer, Failure):
                talk.close()
                return Reading(answer.outcome, detail=without_secrets(answer.detail))
            request = talk.send(answer)
    except StopIteration as end:
        found: T | Reading = end.value
        return found
