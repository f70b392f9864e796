"""What stands beside an account's page: its evidence as one file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from qiguan.people.models import Role, User
from qiguan.people.queries import has_role
from qiguan.register.models import Account
from qiguan.ui.nav import Link

MAY_TAKE = (Role.SUPERVISOR, Role.UNIT_ADMIN, Role.LEADER, Role.AUDITOR)


def may_take_evidence(user: User | AnonymousUser, account: Account) -> bool:
    """Say whether the user may take the account's evidence out: who supervises, manages, leads or audits its owner or its supervisor."""
    return any(has_role(user, *MAY_TAKE, organ=organ) for organ in (account.owner, account.supervisor) if organ)


def links_beside(account: Account, user: User | AnonymousUser, at: datetime) -> Iterator[Link]:
    """Offer the evidence bundle."""
    if may_take_evidence(user, account):
        yield Link("下载证据包", reverse("account_evidence", args=[account.public_id]))
