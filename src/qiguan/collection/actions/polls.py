"""Poll what is due: claim, fetch over the one door, store, set the next look.

Fetching goes on between two stores, so that one slow host delays nobody else; the database is spoken to between the loop's
turns, on this thread's connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings

from qiguan.collection.actions.evidence import keep_bodies
from qiguan.collection.actions.lease import Held, claim_due
from qiguan.collection.actions.storing import Answered, store_answers
from qiguan.collection.actions.tokens import Tokens
from qiguan.connectors import connector
from qiguan.core.errors import QiguanError
from qiguan.core.schedule import LONGEST, SHORTEST, by_line, next_look
from qiguan.core.source import Outcome, Reading, SourceSpec
from qiguan.jobs import clock
from qiguan.net.carry import Carried, carry
from qiguan.net.door import Door, Limits
from qiguan.net.guard import read_networks

log = logging.getLogger(__name__)
BATCH = 200  # sources of one claim
IN_FLIGHT = 400  # sources claimed and not yet stored: bounds how long the last one waits for a slow host, well under its lease
TURN = 1.0  # seconds after which answers are stored even if few have come
_UNCHANGED_STRETCH = 1.2


@dataclass(slots=True)
class _Round:
    """One run of `poll_due`."""

    owner: str
    at: datetime
    door: Door
    tokens: Tokens
    tasks: set[asyncio.Task[None]] = field(default_factory=set)  # held here: the loop itself forgets a task that nobody holds
    reading: int = 0
    finished: list[tuple[Held, Carried]] = field(default_factory=list)
    enough: asyncio.Event = field(default_factory=asyncio.Event)


def poll_due(
    *,
    at: datetime,
    most: int = 20_000,
    moved: Callable[[int], None] | None = None,
    only: Sequence[int] | None = None,
    limits: Limits | None = None,
) -> dict[str, int]:
    """Poll due sources (or `only` these, due or not) until none is left or `most` are done.

    Returns how many sources ended in which outcome, and `new`: how many posts came. `at` is business time; `moved` is told how
    many are done.
    """
    owner = f"{socket.gethostname()}:{os.getpid()}:{clock.monotonic():.3f}"[-60:]
    totals: dict[str, int] = {"new": 0}
    claimed = done = 0
    chosen = limits or Limits(pause=0.0 if settings.NET_ALLOW_LOOPBACK else 0.5)
    own = read_networks(settings.NET_ALLOW_NETWORKS, place="QIGUAN_ALLOW_NETWORKS")
    door = Door(agent=settings.NET_AGENT, allow_loopback=settings.NET_ALLOW_LOOPBACK, allow=own, limits=chosen)
    with asyncio.Runner() as runner:
        runner.run(door.__aenter__())
        now = _Round(owner, at, door, Tokens(door, runner))
        more = True
        try:
            while more or now.reading or now.finished:
                sources: list[Held] = []
                if more and now.reading + BATCH <= IN_FLIGHT:
                    sources = claim_due(owner=owner, now=clock.machine_now(), most=min(BATCH, most - claimed), only=only)
                    claimed += len(sources)
                    more = bool(sources) and only is None and claimed < most
                    now.tokens.fetch_for(sources)
                finished = runner.run(_turn(now, sources))
                finished += _with_fresh_tokens(now, runner, finished)
                answers = _answered(now, finished)
                totals["new"] += store_answers(answers, owner=owner, at=at)
                for answer in answers:
                    totals[answer.outcome] = totals.get(answer.outcome, 0) + 1
                done += len(answers)
                if moved and answers:
                    moved(done)
        finally:
            runner.run(door.__aexit__(None, None, None))
    return totals


async def _turn(now: _Round, sources: Sequence[Held]) -> list[tuple[Held, Carried]]:
    """Start reading `sources`; return what is finished once half a batch is, or after a moment."""
    for source in sources:
        task = asyncio.create_task(_finish(now, source))
        now.tasks.add(task)
        task.add_done_callback(now.tasks.discard)
    now.reading += len(sources)
    if now.reading:  # else what is left finished while the last turn ended
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(TURN):
                await now.enough.wait()
    now.enough.clear()
    finished, now.finished = now.finished, []
    return finished


async def _finish(now: _Round, source: Held) -> None:
    try:
        answer = await _read(now, source)
    except Exception as error:  # a bug of ours in one source's reading must not keep the others waiting
        log.exception("source %s could not be read", source.public_id)
        answer = Carried(Reading(Outcome.INTERNAL, detail=type(error).__name__))
    now.finished.append((source, answer))  # the list is another one after each turn
    now.reading -= 1
    if not now.reading or len(now.finished) >= BATCH // 2:
        now.enough.set()


async def _read(now: _Round, source: Held) -> Carried:
    """Hold one source's conversation; whatever goes wrong is an outcome of that source alone."""
    try:
        token = now.tokens.of(source)
        if isinstance(token, Reading):
            return Carried(token)
        spec = SourceSpec(source.url, source.settings, token, source.span_until)
        conversation = connector(source.connector).read(spec, at=now.at)
        return await carry(
            now.door, conversation, etag=source.etag, last_modified=source.last_modified, body_hash=source.body_hash
        )
    except QiguanError as error:
        return Carried(Reading(Outcome.INTERNAL, detail=error.message))


def _with_fresh_tokens(now: _Round, runner: asyncio.Runner, finished: list[tuple[Held, Carried]]) -> list[tuple[Held, Carried]]:
    """Read again, once, those whose token was refused and could be renewed; they leave `finished`."""
    again = [held for held, answer in finished if answer.reading.outcome is Outcome.TOKEN_INVALID and held.credential_id]
    again = now.tokens.renew_for(again)
    if not again:
        return []
    ids = {held.pk for held in again}
    finished[:] = [pair for pair in finished if pair[0].pk not in ids]

    async def read_all() -> list[Carried]:
        return await asyncio.gather(*(_read(now, held) for held in again))

    return list(zip(again, runner.run(read_all()), strict=True))


def _answered(now: _Round, finished: Sequence[tuple[Held, Carried]]) -> list[Answered]:
    """Keep the evidence, and set each source's next look."""
    answers = []
    machine = clock.machine_now()
    for (held, carried), blob in zip(finished, keep_bodies(finished, at=now.at), strict=True):
        wait, interval = waits(held, carried.reading, at=now.at)
        answers.append(
            Answered(
                held, carried.reading, machine + timedelta(seconds=wait), interval,
                carried.etag, carried.last_modified, carried.body_hash, blob,
            )
        )  # fmt: skip
    return answers


def waits(held: Held, reading: Reading, *, at: datetime) -> tuple[int, int]:
    """Return the seconds until the next look, and the source's own pause, which a failure leaves alone.

    A changed answer sets the pause by the account's rhythm (`core/schedule.py`); an unchanged one stretches it by a fifth, to a
    day at most. Before the account's next line either is shorter; the source's own pause is not.
    """
    outcome = reading.outcome
    if outcome is Outcome.NOT_MODIFIED:
        pause = min(int(held.interval * _UNCHANGED_STRETCH), int(LONGEST.total_seconds()))
        if held.line_at is None:
            return pause, pause
        wait = int(by_line(timedelta(seconds=pause), at=at, next_line_at=held.line_at).total_seconds())
        return max(wait, int(SHORTEST.total_seconds())), pause
    posted = sorted(i.posted.at for i in reading.items if i.posted is not None)
    moment = next_look(
        at=at,
        source_id=held.public_id,
        outcome=outcome,
        failures=held.failures + 1,
        recent_posts=posted,
        next_line_at=held.line_at,
        retry_after=reading.retry_after,
    )
    seconds = int((moment - at).total_seconds())
    return seconds, seconds if outcome.is_read else held.interval
