"""Accounts whose owner no longer exists: 主办单位已撤并, waiting for one of three acts."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from qiguan.people.models import User
from qiguan.register.models import Account


def accounts_of_ended(user: User | AnonymousUser) -> QuerySet[Account]:
    """Return the user's accounts that are open though their owner organ has ended."""
    seen = Account.objects.visible_to(user).filter(owner__ended_on__isnull=False).exclude(status=Account.Status.CLOSED)
    return seen.select_related("owner", "owner__successor").prefetch_related("owner__events__other").order_by("owner_path", "pk")
