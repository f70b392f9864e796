"""What higher apps put beside an account's page, as links: config gathers the offers when the product starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from qiguan.people.models import User
from qiguan.register.models import Account
from qiguan.ui.nav import Link

Offer = Callable[[Account, User | AnonymousUser, datetime], Iterable[Link]]
OFFERS: list[Offer] = []


def links_beside(account: Account, user: User | AnonymousUser, at: datetime) -> list[Link]:
    """Ask each offer in turn."""
    return [link for offer in OFFERS for link in offer(account, user, at)]
