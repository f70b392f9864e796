"""Carry a connector's conversation over the door."""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b

from qiguan.core.source import Conversation, Outcome, Reading, Response
from qiguan.net.door import TRUNCATED, Door, Failure
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
    """Drive the generator. A first answer with the body we had last time is NOT_MODIFIED without being parsed again.

    What is sent along next time comes from the first answer, if the reading was good: else a log-in page unchanged since would
    pass for an unchanged list. After a failure, and where nothing had changed, it stays what it was.
    """
    kept = Carried(Reading(Outcome.NOT_MODIFIED), etag, last_modified, body_hash=body_hash)
    first: Response | None = None
    last: Response | None = None
    digest, requests = "", 0
    try:
        request = next(conversation)
        while requests < MOST_REQUESTS:
            requests += 1
            if first is None:
                answer = await door.fetch(request, etag=etag, last_modified=last_modified)
            else:
                answer = await door.fetch(request)
            if isinstance(answer, Failure):
                conversation.close()
                reading = Reading(answer.outcome, detail=without_secrets(answer.detail))
                return replace(kept, reading=reading, requests=requests)
            last = answer
            if first is None:
                first = answer
                digest = blake2b(answer.body, digest_size=16).hexdigest() if answer.body else ""
                if request.conditional and answer.status == 200 and digest and digest == body_hash and not answer.moved_to:
                    conversation.close()
                    tag, changed = _validators(answer)
                    return replace(kept, etag=tag, last_modified=changed, body=answer.body, requests=requests)
            request = conversation.send(answer)
        conversation.close()
        return replace(kept, reading=Reading(Outcome.INTERNAL, detail="too many requests"), requests=requests)
    except StopIteration as end:
        reading = end.value
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]  # its words may hold a token: they go nowhere
        log.error("a connector failed: %s in %s, line %s", type(error).__name__, place.name, place.lineno)
        return replace(kept, reading=Reading(Outcome.INTERNAL, detail=type(error).__name__), requests=requests)
    if first is None or last is None:
        return replace(kept, reading=reading)
    if first.moved_to and reading.outcome is Outcome.OK:
        reading = replace(reading, outcome=Outcome.MOVED, moved_to=first.moved_to)
    if reading.outcome in {Outcome.RATE_LIMITED, Outcome.SERVER_ERROR}:
        wait = reading.retry_after
        wait = retry_after(last.headers.get("retry-after", ""), datetime.now(UTC)) if wait is None else min(wait, MOST_WAIT)
        reading = replace(reading, retry_after=wait)
    tag, changed = _validators(first)
    if reading.outcome is Outcome.NOT_MODIFIED:
        return Carried(reading, tag or etag, changed or last_modified, first.body, body_hash, requests)
    if not reading.outcome.is_read or TRUNCATED in first.headers:
        return Carried(reading, "", "", first.body, "", requests)
    return Carried(reading, tag, changed, first.body, digest, requests)


def _validators(answer: Response) -> tuple[str, str]:
    """Return ETag and Last-Modified as far as they can be sent back: printable ASCII, not cut."""
    return _plain(answer.headers.get("etag", ""), 300), _plain(answer.headers.get("last-modified", ""), 100)


def _plain(value: str, most: int) -> str:
    return value if len(value) <= most and value.isascii() and value.isprintable() else ""


def retry_after(value: str, now: datetime) -> float | None:
    """Return the seconds of a Retry-After header, between 0 and a day; None where it says nothing readable."""
    if not value:
        return None
    if value.strip().isdecimal():
        return min(float(value.strip()[:9]), MOST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), MOST_WAIT)
