"""What stands beside an account's page: its tickets, as links."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from qiguan.core.days import say
from qiguan.people.models import User
from qiguan.rectification.models import Ticket
from qiguan.register.models import Account
from qiguan.ui.nav import Link

MOST = 5


def links_beside(account: Account, user: User | AnonymousUser, at: datetime) -> list[Link]:
    """Return the account's newest tickets that the user may see: 整改单（整改中），2026年9月16日发出."""
    mine = Ticket.objects.visible_to(user).filter(account=account).order_by("-opened_at")[:MOST]
    return [Link(f"整改单（{t.standing.word}），{say(t.opened_at)}发出", reverse("ticket", args=[t.public_id])) for t in mine]
