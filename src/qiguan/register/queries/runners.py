"""Who may run an account: people with such a role in the owner organ or below it."""

from __future__ import annotations

from datetime import datetime

from qiguan.core.written_dates import SHANGHAI
from qiguan.people.models import Membership, Role, User, within
from qiguan.register.models import Account

RUNNERS = (Role.OPERATOR, Role.CONTRACTOR, Role.UNIT_ADMIN)
MOST = 200


def runners_for(account: Account, at: datetime) -> list[User]:
    """Return them by log-in, MOST at most."""
    today = at.astimezone(SHANGHAI).date()
    roles = Membership.objects.filter(within("organ__path", account.owner.path), role__in=RUNNERS, user__is_active=True)
    found = {m.user_id: m.user for m in roles.select_related("user") if m.in_force(today)}
    return sorted(found.values(), key=lambda user: user.username)[:MOST]
