"""Tell the people of a ticket: the unit, the office, the level above. Part of the transaction of what is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.urls import reverse

from qiguan.core.days import day_of
from qiguan.people.models import Membership, Organ, Role, User
from qiguan.people.outbox.queueing import queue_notice
from qiguan.rectification.models import Ticket
from qiguan.register.models import AccountStaff


def unit_of(ticket: Ticket, at: datetime) -> list[User]:
    """Return the unit's administrators and whoever runs the account."""
    runs = AccountStaff.objects.filter(account_id=ticket.account_id, until=None).values_list("user_id", flat=True)
    return _people([*_members(ticket.account.owner_id, at, Role.UNIT_ADMIN), *runs])


def office_of(ticket: Ticket, at: datetime) -> list[User]:
    """Return the supervisors of the office that decides."""
    return _people(_members(ticket.office_id, at, Role.SUPERVISOR))


def leaders_of(organ: Organ, at: datetime) -> list[User]:
    """Return who answers for an organ: its leaders, supervisors and administrators."""
    return _people(_members(organ.pk, at, Role.LEADER, Role.SUPERVISOR, Role.UNIT_ADMIN))


def _members(organ_id: int, at: datetime, *roles: str) -> list[int]:
    """Return whose role in the organ holds on that day."""
    found = Membership.objects.filter(organ_id=organ_id, role__in=roles)
    return [m.user_id for m in found if m.in_force(day_of(at))]


def _people(ids: Iterable[int]) -> list[User]:
    return list(User.objects.filter(pk__in=set(ids), is_active=True).order_by("pk"))


def tell(
    *,
    ticket: Ticket,
    to: Iterable[User],
    kind: str,
    key: str,
    title: str,
    lines: Sequence[str],
    by: User | None,
    at: datetime,
) -> int:
    """Queue a notice for each person, once for (person, kind, key); return how many are new."""
    link = reverse("ticket", args=[ticket.public_id])
    told = [queue_notice(to=user, kind=kind, key=key, title=title, lines=lines, link=link, by=by, at=at) for user in to]
    return sum(notice is not None for notice in told)
