"""Tell a unit at once what cannot wait for the morning's message. Part of the transaction of what is told.

Everything else a ticket has to say stands in the morning's message (queries/matters.py), one a person and day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.urls import reverse

from qiguan.core.matters import tell_now
from qiguan.core.written_dates import SHANGHAI
from qiguan.inspection.queries.watched import in_force, workdays
from qiguan.people.models import Membership, Role, User
from qiguan.people.outbox.queueing import queue_notice
from qiguan.rectification.models import Step, StepTold, Ticket
from qiguan.register.models import AccountStaff

FAR = timedelta(days=14)  # no holiday is as long: a deadline beyond needs no calendar to be told in time


def unit_of(ticket: Ticket, at: datetime) -> list[User]:
    """Return the unit's administrators and whoever runs the account."""
    today = at.astimezone(SHANGHAI).date()
    runs = AccountStaff.objects.filter(in_force(today), account_id=ticket.account_id).values("user")
    admins = Membership.objects.filter(in_force(today), organ_id=ticket.account.owner_id, role=Role.UNIT_ADMIN).values("user")
    return list(User.objects.filter(is_active=True, pk__in=runs.union(admins)).order_by("pk"))


def tell_unit(*, step: Step, key: str, title: str, lines: Sequence[str], by: User | None, at: datetime) -> int:
    """Tell the unit of a step now; the next morning leaves it out. Returns how many heard: once for (person, key)."""
    ticket = step.ticket
    link, heard = reverse("ticket", args=[ticket.public_id]), []
    for person in unit_of(ticket, at):
        if person == by:
            continue
        notice = queue_notice(to=person, kind="ticket_now", key=key, title=title, lines=lines, link=link, by=by, at=at)
        if notice is not None:
            heard.append(StepTold(step=step, user=person, notice=notice))
    StepTold.objects.bulk_create(heard, ignore_conflicts=True)
    return len(heard)


def tell_pressing(*, step: Step, title: str, lines: Sequence[str], by: User | None, at: datetime, awaited: bool = False) -> int:
    """Tell the unit now where the deadline leaves no morning to hear it in; returns how many heard.

    One such message a person and day, whatever else presses: the rest stands in 待我处理. Only an answer that the unit has
    asked for (`awaited`) comes by itself.
    """
    today, due = at.astimezone(SHANGHAI).date(), step.ticket.due_on
    if due is None or due > today + FAR or not tell_now(due, today=today, days=workdays(at)):
        return 0
    key = f"{step.ticket.public_id}:{step.pk}" if awaited else today.isoformat()
    said = [*lines, "今天还有别的急件的，都在“待我处理”里"] if not awaited else lines
    return tell_unit(step=step, key=key, title=title, lines=said, by=by, at=at)
