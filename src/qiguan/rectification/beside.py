"""What a higher app puts beside a ticket's page: its papers, as links. Config gathers the offers when the product starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from qiguan.people.models import User
from qiguan.rectification.models import Ticket
from qiguan.ui.nav import Link

Offer = Callable[[Ticket, User], Iterable[Link]]
OFFERS: list[Offer] = []


def papers_beside(ticket: Ticket, user: User) -> list[Link]:
    """Ask each offer in turn."""
    return [link for offer in OFFERS for link in offer(ticket, user)]
