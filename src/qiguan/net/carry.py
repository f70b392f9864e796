"""Carry a connector's conversation over the door."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b

from qiguan.core.source import Conversation, Outcome, Reading, Response
from qiguan.net.door import Door, Failure
from qiguan.net.guard import without_secrets

log = logging.getLogger(__name__)
MOST_REQUESTS = 60  # of one conversation
MOST_WAIT = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Carried:
    """How a conversation ended, and what the next one should send along."""

    reading: Reading
    etag: str = ""
    last_modified: str = ""
    body: bytes = b""
    body_hash: str = ""
    requests: int = 0


async def carry(
    door: Door, conversation: Conversation, *, etag: str = "", last_modified: str = "", body_hash: str = ""
) -> Carried:
    """Drive the generator. A first answer with the body we had last time is NOT_MODIFIED without being parsed again."""
    first: Response | None = None
    digest, requests = "", 0
    try:
        request = next(conversation)
        while True:
            requests += 1
            if requests > MOST_REQUESTS:
                return Carried(Reading(Outcome.INTERNAL, detail="too many requests"), requests=requests)
            answer = await door.fetch(request, etag=etag, last_modified=last_modified)
            if isinstance(answer, Failure):
                conversation.close()
                return Carried(Reading(answer.outcome, detail=without_secrets(answer.detail)), requests=requests)
            if first is None:
                first = answer
                digest = blake2b(answer.body, digest_size=16).hexdigest() if answer.body else ""
                if request.conditional and answer.status == 200 and digest and digest == body_hash and not answer.moved_to:
                    conversation.close()
                    return _kept(Reading(Outcome.NOT_MODIFIED), answer, digest, requests)
            request = conversation.send(answer)
    except StopIteration as end:
        reading: Reading = end.value
    except Exception as error:
        log.exception("a connector failed")
        return Carried(Reading(Outcome.INTERNAL, detail=type(error).__name__), requests=requests)
    if first is not None and first.moved_to and reading.outcome is Outcome.OK:
        reading = replace(reading, outcome=Outcome.MOVED, moved_to=first.moved_to)
    if first is not None and reading.outcome in {Outcome.RATE_LIMITED, Outcome.SERVER_ERROR} and reading.retry_after is None:
        reading = replace(reading, retry_after=retry_after(first.headers.get("retry-after", ""), datetime.now(UTC)))
    return _kept(reading, first, digest, requests) if first is not None else Carried(reading, requests=requests)


def _kept(reading: Reading, answer: Response, digest: str, requests: int) -> Carried:
    return Carried(
        reading,
        answer.headers.get("etag", "")[:300],
        answer.headers.get("last-modified", "")[:100],
        answer.body,
        digest,
        requests,
    )


def retry_after(value: str, now: datetime) -> float | None:
    """Return the seconds of a Retry-After header, between 0 and a day; None where it says nothing readable."""
    if not value:
        return None
    if value.strip().isdecimal():
        return min(float(value.strip()[:9]), MOST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), MOST_WAIT)
