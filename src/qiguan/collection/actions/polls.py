"""Poll what is due: claim, fetch over the one door, store, set the next look."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

from django.conf import settings

from qiguan.archive.actions import store_blob
from qiguan.collection.actions.lease import claim_due
from qiguan.collection.actions.storing import Answered, store_answers
from qiguan.collection.models import Source
from qiguan.connectors import connector
from qiguan.core.errors import QiguanError
from qiguan.core.source import Outcome, Reading, SourceSpec
from qiguan.jobs import clock
from qiguan.net.carry import Carried, carry
from qiguan.net.door import Door, Limits

BATCH = 200
KEEP_BODIES = timedelta(days=90)
_SHORTEST, _LONGEST = 1800, 86400  # seconds between two looks


def poll_due(
    *,
    at: datetime,
    most: int = 20_000,
    moved: Callable[[int], None] | None = None,
    only: Sequence[int] | None = None,
    limits: Limits | None = None,
) -> dict[str, int]:
    """Poll due sources (or `only` these) until none is left or `most` are done.

    Returns how many sources ended in which outcome, and `new`: how many posts came. `at` is business time.
    """
    owner = f"{socket.gethostname()}:{os.getpid()}:{clock.monotonic():.3f}"
    totals: dict[str, int] = {"new": 0}
    done = 0
    chosen = limits or Limits(pause=0.0 if settings.NET_ALLOW_LOOPBACK else 0.5)
    door = Door(agent=settings.NET_AGENT, allow_loopback=settings.NET_ALLOW_LOOPBACK, limits=chosen)
    with asyncio.Runner() as runner:  # the database is spoken to between the loop's turns, on this thread's connection
        runner.run(door.__aenter__())
        try:
            while done < most and (sources := _claim(owner, min(BATCH, most - done), only)):
                carried = runner.run(_read_all(door, sources, at))
                answers = [_answered(source, c, at) for source, c in zip(sources, carried, strict=True)]
                totals["new"] += store_answers(answers, owner=owner, at=at)
                for answer in answers:
                    totals[answer.reading.outcome] = totals.get(answer.reading.outcome, 0) + 1
                done += len(sources)
                if moved:
                    moved(done)
                if only is not None:
                    break
        finally:
            runner.run(door.__aexit__(None, None, None))
    return totals


async def _read_all(door: Door, sources: Sequence[Source], at: datetime) -> list[Carried]:
    return await asyncio.gather(*(_read(door, source, at) for source in sources))


def _claim(owner: str, most: int, only: Sequence[int] | None) -> list[Source]:
    return claim_due(owner=owner, now=clock.machine_now(), most=most, only=only)


async def _read(door: Door, source: Source, at: datetime) -> Carried:
    """Hold one source's conversation; whatever goes wrong is an outcome of that source alone."""
    try:
        spec = SourceSpec(source.url, source.settings, since=source.span_until)
        conversation = connector(source.connector).read(spec, at=at)
        return await carry(door, conversation, etag=source.etag, last_modified=source.last_modified, body_hash=source.body_hash)
    except QiguanError as error:
        return Carried(Reading(Outcome.INTERNAL, detail=error.message))


def _answered(source: Source, carried: Carried, at: datetime) -> Answered:
    """Set the next look, and keep the body where it is evidence of our own blindness."""
    reading = carried.reading
    interval = _interval(source, reading)
    blob = ""
    if (
        carried.body
        and reading.outcome is not Outcome.NOT_MODIFIED
        and (source.complete or not reading.outcome.is_read)
        and reading.outcome != source.outcome
    ):
        blob = store_blob(data=carried.body, media_type="application/octet-stream", at=at, keep_until=at + KEEP_BODIES).digest
    return Answered(
        source,
        reading,
        clock.machine_now() + timedelta(seconds=interval),
        interval,
        carried.etag,
        carried.last_modified,
        carried.body_hash,
        blob,
    )


def _interval(source: Source, reading: Reading) -> int:
    """Seconds until the next look: sooner where something changes, later where nothing does or where it fails."""
    if reading.retry_after is not None:
        return int(min(max(reading.retry_after, _SHORTEST), _LONGEST))
    if not reading.outcome.is_read:
        base = 900 * 2 ** min(source.failures, 6)
    elif reading.outcome is Outcome.NOT_MODIFIED:
        base = int(source.interval * 1.3)
    else:
        base = int(source.interval * 0.7)
    jitter = Random(source.pk).uniform(0.95, 1.05)  # noqa: S311  spreads hosts, guards nothing
    return int(min(max(base, _SHORTEST), _LONGEST) * jitter)
