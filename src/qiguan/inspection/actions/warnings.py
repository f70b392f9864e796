"""提醒: the morning's messages, one a person, queued with the record of what they said."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.urls import reverse

from qiguan.core.warnings import Digest, Stage, Window, Workdays, digests, window
from qiguan.core.written_dates import SHANGHAI
from qiguan.inspection.queries.watched import said_of, watched, workdays
from qiguan.inspection.warned import LeaderDecision, LeaderLink, Warned
from qiguan.people.actions import record_audit
from qiguan.people.models import User
from qiguan.people.outbox.models import Notice
from qiguan.people.outbox.queueing import queue_notice

log = logging.getLogger(__name__)
KIND = "warning"
LINK_LIFE = timedelta(days=10)  # a leader's link; the message before a long holiday must still work after it
_SIGNER = Signer(salt="qiguan.leader")


@dataclass(frozen=True, slots=True)
class Beside:
    """What a higher app adds to a person's morning. `keep` writes down, in the message's transaction, what it has told."""

    title: str
    lines: Sequence[str]
    link: str
    urgent: bool  # the next working morning would be too late
    keep: Callable[[Notice], None]


Besides = Callable[[datetime, Workdays], Mapping[int, Beside]]  # person → what is added


def queue_warnings(*, at: datetime, by: User | None = None, beside: Besides | None = None) -> int:
    """Queue the messages due at `at`, one a person with all that waits for him; return how many.

    1. Outside working hours: nothing, before any table is read but the calendar. 2. Look at the accounts near a line; core
    decides who hears what; `beside` adds the rest. 3. One transaction a person: notice (key = the day), records, a leader's
    link. Whoever runs this twice, at once or again after a crash, or on a clock that jumped back, meets the key and adds
    nothing.
    """
    days = workdays(at)
    now = window(at, days, settings.WARN_AT)
    if now is Window.CLOSED:
        return 0
    today = at.astimezone(SHANGHAI).date()
    seen = watched(at=at, days=days)
    served = set(Notice.objects.filter(kind=KIND, key=today.isoformat()).values_list("to_id", flat=True))
    said = said_of(one.account for one in seen)
    added = {person: b for person, b in (beside(at, days) if beside is not None else {}).items() if person not in served}
    urgent = {person for person, b in added.items() if b.urgent}
    due = {
        digest.person: digest
        for digest in digests(seen, at=at, days=days, said=said, served=served, joined=urgent, begin=settings.WARN_AT)
    }
    wanted = due.keys() | (added.keys() if now is Window.MORNING else urgent)
    people = User.objects.in_bulk(wanted)
    lines = {one.account: one.line_at for one in seen}
    done = sum(_queue(people[p], due.get(p), added.get(p), lines, today, at) for p in sorted(wanted) if p in people)
    if done:
        record_audit(action="queue_warnings", by=by, at=at, count=done)
    return done


def _queue(
    person: User, digest: Digest | None, added: Beside | None, lines: Mapping[int, datetime | None], day: date, at: datetime
) -> bool:
    """Queue one person's message; False where another worker, or another day, was first."""
    items = digest.items if digest is not None else ()
    asked = [item for item in items if item.stage is Stage.LEADER]
    title = "，".join(part.title for part in (digest, added) if part is not None)
    told = [line for part in (digest, added) if part is not None for line in part.lines]
    private, link = "", added.link if added is not None else reverse("warnings")
    try:
        with transaction.atomic():
            made: LeaderLink | None = None
            if asked:
                made, key = _make_link(person, at)
                private, link = reverse("leader", args=[key]), reverse("leader_inside", args=[made.public_id])
            notice = queue_notice(
                to=person, kind=KIND, key=day.isoformat(), title=title, lines=told, link=link, private_link=private, by=None, at=at
            )  # fmt: skip
            if notice is None:
                raise _AlreadyToldError
            Warned.objects.bulk_create(
                Warned(notice=notice, account_id=i.account, user=person, stage=i.stage, mark=i.mark, line_at=i.line_at, at=at)
                for i in items
            )
            if made is not None:
                LeaderDecision.objects.bulk_create(
                    LeaderDecision(link=made, account_id=i.account, line_at=i.line_at or at) for i in asked
                )
            if added is not None:
                added.keep(notice)
    except _AlreadyToldError:
        return False
    except IntegrityError as error:  # something said only once was said a moment ago, on another day of the clock
        log.warning("a message was put off: %s", type(error).__name__)
        return False
    return True


class _AlreadyToldError(Exception):
    """Another worker was first: what this transaction made is taken back."""


def _make_link(leader: User, at: datetime) -> tuple[LeaderLink, str]:
    """Make a link; the key itself is in the message alone, here is its hash."""
    key = secrets.token_urlsafe(24)
    link = LeaderLink.objects.create(leader=leader, key_hash=_hash(key), made_at=at, expires_at=at + LINK_LIFE)
    return link, _SIGNER.sign(key)


def link_of(signed: str) -> LeaderLink | None:
    """Return the link of a signed key; None for a forged or an unknown one (the first without asking the database)."""
    try:
        key = _SIGNER.unsign(signed)
    except BadSignature:
        return None
    return LeaderLink.objects.select_related("leader").filter(key_hash=_hash(key)).first()


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
