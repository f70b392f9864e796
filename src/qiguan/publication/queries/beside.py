"""What stands beside an account's page: its evidence as one file; beside a ticket: its papers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from qiguan.people.models import Role, User
from qiguan.people.queries import has_role
from qiguan.publication.render.documents.library import DOCUMENTS
from qiguan.rectification.models import Ticket
from qiguan.register.models import Account, Filing
from qiguan.ui.nav import Link

MAY_TAKE = (Role.SUPERVISOR, Role.UNIT_ADMIN, Role.LEADER, Role.AUDITOR)


def may_take_evidence(user: User | AnonymousUser, account: Account) -> bool:
    """Say whether the user may take the account's evidence out: who supervises, manages, leads or audits its owner or its supervisor."""
    return any(has_role(user, *MAY_TAKE, organ=organ) for organ in (account.owner, account.supervisor) if organ)


def papers_of_ticket(ticket: Ticket, user: User) -> Iterator[Link]:
    """Offer the papers of a ticket that apply to it: the notice always, the others once there is something to write."""
    asked = {
        "rectification_notice": True,
        "rectification_report": ticket.reported_at is not None,
        "extension_request": ticket.extensions.exists(),
        "appeal": hasattr(ticket, "appeal"),
    }
    for code, applies in asked.items():
        if applies:
            yield Link(DOCUMENTS[code].title, reverse("document_filled", args=[code, ticket.public_id]))
    if ticket.filing is not None and ticket.filing.what in {Filing.What.STOP, Filing.What.CANCEL}:
        yield Link(
            DOCUMENTS["closing_notice"].title, reverse("document_filled", args=["closing_notice", ticket.filing.public_id])
        )


def links_beside(account: Account, user: User | AnonymousUser, at: datetime) -> Iterator[Link]:
    """Offer the evidence bundle."""
    if may_take_evidence(user, account):
        yield Link("下载证据包", reverse("account_evidence", args=[account.public_id]))
