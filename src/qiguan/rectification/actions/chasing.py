"""催办 once before the deadline, by a person; after it the level above is told once, by the machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from qiguan.core.days import day_of, say_day
from qiguan.core.errors import QiguanError
from qiguan.core.ticket import TicketState, What
from qiguan.people.models import User
from qiguan.rectification.actions.taking import take_step
from qiguan.rectification.actions.telling import tell_pressing
from qiguan.rectification.models import Ticket
from qiguan.rectification.queries.listing import is_late_now
from qiguan.rectification.queries.permits import demand_office

MOST = 500


@dataclass(frozen=True, slots=True)
class Chased:
    """What came of a bulk chase."""

    chased: int
    before: int  # chased once already
    late: int  # the deadline is over: the level above is told instead
    others: int  # not the unit's turn

    @property
    def words(self) -> str:
        """One sentence."""
        parts = [f"催办{self.chased}件"]
        parts += [f"{self.before}件已经催过一次，不再催"] if self.before else []
        parts += [f"{self.late}件已过期，转上一级"] if self.late else []
        parts += [f"{self.others}件不在单位手上"] if self.others else []
        return "；".join(parts)


def chase_tickets(*, tickets: Sequence[Ticket], by: User | None, at: datetime) -> Chased:
    """Chase each ticket that may be chased: the unit's turn, before the deadline, never before. Returns what came of it."""
    if not tickets:
        raise QiguanError("没有选整改单", place="催办", remedy="先选一件")
    if len(tickets) > MOST:
        raise QiguanError(f"一次最多{MOST}件", place="催办", remedy="请分几次")
    if by is not None:
        for ticket in {t.office_id: t for t in tickets}.values():
            demand_office(by, ticket)
    chased = before = late = others = 0
    for ticket in tickets:
        if ticket.standing not in {TicketState.WAITING, TicketState.FIXING}:
            others += 1
        elif ticket.due_on is not None and day_of(at) > ticket.due_on:
            late += 1
        elif ticket.chased_at is not None or not _chase(ticket, by, at):
            before += 1
        else:
            chased += 1
    return Chased(chased, before, late, others)


def _chase(ticket: Ticket, by: User | None, at: datetime) -> bool:
    until = f"期限是{say_day(ticket.due_on)}" if ticket.due_on else ticket.due_because
    try:
        with transaction.atomic():
            step = take_step(
                ticket=ticket, what=What.CHASE, by=by, at=at, words=f"催办，只有这一次：{until}", where=Q(chased_at=None), already="已经催过一次", chased_at=at
            )  # fmt: skip
            tell_pressing(
                step=step, title=f"催办：{ticket.name}", lines=[until, "过期会告诉上一级；来不及的可以申请延期"], by=by, at=at
            )
    except QiguanError:  # another hand was first
        return False
    return True


def escalate_overdue(*, at: datetime, limit: int = MOST) -> int:
    """Pass each ticket that is over its deadline to the level above the unit, once; its people hear in the morning. Returns how many."""
    late = Ticket.objects.filter(is_late_now(at), escalated_at=None).order_by("due_on", "pk")
    done = 0
    for ticket in late.select_related("account", "account__owner", "account__owner__parent", "office")[:limit]:
        above = ticket.account.owner.parent or ticket.office
        days = (day_of(at) - ticket.due_on).days if ticket.due_on else 0
        words = f"期限{say_day(ticket.due_on) if ticket.due_on else ''}已过{days}天，转{above.name}"
        try:
            take_step(
                ticket=ticket, what=What.ESCALATE, by=None, at=at, words=words, where=Q(escalated_at=None), already="已经转过上一级",
                escalated_at=at, escalated_to=above,
            )  # fmt: skip
            done += 1
        except QiguanError:
            continue
    return done
