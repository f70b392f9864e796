"""Who may take which step on a ticket: asked by the actions and by the page that offers the step."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from qiguan.core.errors import NotPermitted
from qiguan.core.ticket import Move, What, Who, moves_from
from qiguan.people.models import Role, User
from qiguan.people.queries import has_role
from qiguan.rectification.models import Ticket
from qiguan.register.models import AccountStaff

_BY_OPERATORS = {What.ACKNOWLEDGE, What.REPORT}  # whoever runs the account does the work; the rest binds the unit


def acts_for_unit(user: User | AnonymousUser, ticket: Ticket, what: What) -> bool:
    """Say whether the user acts for the unit: its administrator, or for the daily steps who runs the account."""
    if has_role(user, Role.UNIT_ADMIN, organ=ticket.account.owner):
        return True
    if what is What.END or what is What.CANCELLED:
        return acts_for_office(user, ticket)  # another person approves the filing in any case
    runs = what in _BY_OPERATORS and has_role(user, Role.OPERATOR)
    return runs and AccountStaff.objects.filter(account_id=ticket.account_id, user_id=user.pk or 0, until=None).exists()


def acts_for_office(user: User | AnonymousUser, ticket: Ticket) -> bool:
    """Say whether the user acts for the office that decides."""
    return has_role(user, Role.SUPERVISOR, organ=ticket.office)


def confirmed_it(user: User | AnonymousUser, ticket: Ticket) -> bool:
    """Say whether the user confirmed one of the findings: another person answers the appeal."""
    return ticket.items.filter(finding__decided_by=user.pk or 0).exists()


def demand_unit(user: User, ticket: Ticket, what: What) -> None:
    """Raise NotPermitted unless the user acts for the unit."""
    if not acts_for_unit(user, ticket, what):
        raise NotPermitted("这一步由主办单位办", place=ticket.name, remedy="请主办单位的管理员登录后办理", code="forbidden")


def demand_office(user: User, ticket: Ticket) -> None:
    """Raise NotPermitted unless the user acts for the office."""
    if not acts_for_office(user, ticket):
        who = f"{ticket.office.name}的监管员"
        raise NotPermitted(f"这一步由{who}办", place=ticket.name, remedy=f"请{who}办理", code="forbidden")


def open_moves(user: User | AnonymousUser, ticket: Ticket, *, late: bool) -> list[Move]:
    """Return the steps that this person may take now; `late`: the deadline is over."""
    office = acts_for_office(user, ticket)
    appeal = getattr(ticket, "appeal", None)
    asked = ticket.extensions.filter(state="asked").exists()
    over = {
        What.ASK_EXTENSION: late or asked or ticket.due_on is None,
        What.GRANT: not asked,
        What.REFUSE: not asked,
        What.CHASE: late or ticket.chased_at is not None,
        What.APPEAL: late or appeal is not None,
        What.CANCELLED: ticket.ending_approved_at is None or (ticket.filing is not None and ticket.filing.state == "submitted"),
        What.PASS: not ticket.needs_person,
        What.FAIL: not ticket.needs_person,
    }
    found = []
    for move in moves_from(ticket.standing):
        person = move.who is not Who.MACHINE or move.what in {What.PASS, What.FAIL}
        if not person or over.get(move.what, False):
            continue
        if move.who is Who.UNIT:
            may = acts_for_unit(user, ticket, move.what)
        elif move.who is Who.OTHER:
            may = office and not confirmed_it(user, ticket)
        else:
            may = office
        if may:
            found.append(move)
    return found
