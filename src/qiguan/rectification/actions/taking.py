"""Take one step: a conditional change of the ticket, its row in the history, its files and its audit row, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from qiguan.archive.actions import store_blob
from qiguan.core.errors import QiguanError
from qiguan.core.ticket import MOVES, What
from qiguan.people.actions import record_audit
from qiguan.people.models import User
from qiguan.rectification.models import Step, StepFile, Ticket

Document = tuple[str, str, bytes]  # name, media type, bytes: as archive.uploads.read_documents returns them


def take_step(
    *,
    ticket: Ticket,
    what: What,
    by: User | None,
    at: datetime,
    words: str = "",
    files: Sequence[Document] = (),
    where: Q | None = None,
    already: str = "",
    **changes: Any,
) -> Step:
    """Take a step if the ticket still stands where it may be taken, and `where` still holds (else the words `already`).

    Of two people who press at once the second is told. The caller has checked who may do it.
    """
    move = MOVES[what]
    blobs = [(name, store_blob(data=data, media_type=media_type, at=at)) for name, media_type, data in files]
    with transaction.atomic():
        held = Ticket.objects.filter(pk=ticket.pk, state__in=list(move.start))
        state = {"state": move.to.value} if move.to else {}
        if held.filter(where or Q()).update(moved_at=at, **state, **changes) != 1:
            ticket.refresh_from_db()
            if already and ticket.standing in move.start:
                raise QiguanError(already, place=ticket.name, remedy="刷新后再看", code="conflict")
            raise QiguanError(
                f"整改单现在是“{ticket.standing.word}”，不能{move.word}", place=ticket.name, remedy="刷新后再看", code="conflict"
            )
        ticket.refresh_from_db()
        step = Step.objects.create(
            ticket=ticket, what=what.value, at=at, by=by, words=words.replace("\x00", "").strip()[:2000], state=ticket.state
        )
        StepFile.objects.bulk_create([StepFile(step=step, name=name, blob=blob) for name, blob in blobs])
        record_audit(
            action=f"ticket_{what.value}",
            by=by,
            at=at,
            on=ticket,
            organ=ticket.office,
            fields=[*changes, *(["files"] if blobs else [])],
        )
    return step


def demand_words(text: str, *, place: str, remedy: str, most: int = 2000) -> str:
    """Return the words, stripped; raise QiguanError where there are none."""
    words = text.replace("\x00", "").strip()[:most]
    if not words:
        raise QiguanError(f"没有写{place}", place=place, remedy=remedy)
    return words
