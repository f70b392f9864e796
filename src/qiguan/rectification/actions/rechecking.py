"""复查 and 销号: the machine proposes by fresh facts, a person rechecks what it cannot tell, the office closes with a cause."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db import transaction

from qiguan.core.days import day_of
from qiguan.core.errors import QiguanError
from qiguan.core.ticket import Outcome, TicketState, What, unanswered
from qiguan.people.models import User
from qiguan.rectification.actions.taking import demand_words, take_step
from qiguan.rectification.actions.telling import tell_pressing
from qiguan.rectification.models import Step, Ticket, TicketItem
from qiguan.rectification.queries.permits import demand_office
from qiguan.rectification.queries.rechecked import MOST, Rechecked, recheck, was_silent
from qiguan.register.models import Account

_STAFFED = {Account.Staffing.FULL, Account.Staffing.PART, Account.Staffing.CONTRACT}


def recheck_reported(*, at: datetime, limit: int = MOST) -> dict[str, int]:
    """Recheck what was reported, oldest look first; return how many passed, failed, could not be told."""
    waiting = Ticket.objects.filter(state=TicketState.REPORTED).select_related(
        "round", "line", "account", "account__owner", "office"
    )
    return recheck_tickets(tickets=list(waiting.order_by("needs_person", "reported_at")[:limit]), at=at)


def recheck_tickets(*, tickets: list[Ticket], at: datetime) -> dict[str, int]:
    """Recheck these tickets; safe to run again: only a change is written."""
    counts: Counter[str] = Counter()
    found = recheck(tickets, at=at) if tickets else {}
    for ticket in tickets:
        seen = found[ticket.pk]
        word = "untold" if seen.passed is None else "passed" if seen.passed else "failed"
        try:
            with transaction.atomic():
                _note(ticket, seen, at)
            counts[word] += 1
        except QiguanError:  # it moved on meanwhile
            continue
    return dict(counts)


def _note(ticket: Ticket, seen: Rechecked, at: datetime) -> None:
    if seen.passed is None:
        if ticket.needs_person and ticket.recheck == seen.because:
            return
        if ticket.needs_person:
            Ticket.objects.filter(pk=ticket.pk, state=TicketState.REPORTED).update(recheck=seen.because)
        else:
            take_step(
                ticket=ticket, what=What.UNTOLD, by=None, at=at, words=seen.because, recheck=seen.because, needs_person=True
            )
    elif seen.passed:
        _pass(ticket, seen.because, seen, None, at)
    else:
        _fail(ticket, seen.because, None, at)
    for item, outcome in seen.items:
        TicketItem.objects.filter(pk=item.pk).update(recheck=type(outcome).__name__, because=outcome.because[:600])


def _pass(ticket: Ticket, words: str, seen: Rechecked, by: User | None, at: datetime) -> Step:
    revived = was_silent(ticket)
    day = (seen.alive_on if revived else None) or day_of(ticket.reported_at or at)
    return take_step(
        ticket=ticket, what=What.PASS, by=by, at=at, words=words, recheck=words[:600], needs_person=False, fixed_on=day,
        outcome=(Outcome.REVIVED if revived else Outcome.FIXED).value,
    )  # fmt: skip


def _fail(ticket: Ticket, words: str, by: User | None, at: datetime) -> Step:
    step = take_step(ticket=ticket, what=What.FAIL, by=by, at=at, words=words, recheck=words[:600], needs_person=False)
    tell_pressing(step=step, title=f"复查未通过：{ticket.name}", lines=[words[:300]], by=by, at=at)
    return step


def decide_recheck(*, ticket: Ticket, passed: bool, words: str, by: User, at: datetime) -> Step:
    """A person rechecks what the machine cannot tell, and says what was seen."""
    demand_office(by, ticket)
    words = demand_words(words, place="复查看到什么", remedy="写一句看到什么，何时看的", most=600)
    if not ticket.needs_person:
        raise QiguanError("还没有轮到人复查", place=ticket.name, remedy="先由机器复查；看不清的才由人复查")
    with transaction.atomic():
        if passed:
            return _pass(ticket, f"人工复查：{words}", recheck([ticket], at=at)[ticket.pk], by, at)
        return _fail(ticket, f"人工复查：{words}", by, at)


def close_ticket(*, ticket: Ticket, cause: str, words: str = "", by: User, at: datetime) -> Step:
    """销号 with a cause code. 无人 and 不需要此号 must have been answered by people, another unit or the end."""
    demand_office(by, ticket)
    account = ticket.account
    has_staff = account.staffing in _STAFFED or account.staff.filter(until=None).exists()
    outcome = Outcome(ticket.outcome) if ticket.outcome else Outcome.FIXED
    complaint = unanswered(cause, outcome, has_staff=has_staff, handed=ticket.handed_at is not None)
    if complaint:
        raise QiguanError(complaint, place="原因代码", remedy="请另选，或先办这一步")
    said = f"{cause}。{words.strip()}" if words.strip() else cause
    return take_step(
        ticket=ticket,
        what=What.CLOSE,
        by=by,
        at=at,
        words=said,
        cause=cause,
        outcome=outcome.value,
        closed_at=at,
        closed_by=by,
    )
