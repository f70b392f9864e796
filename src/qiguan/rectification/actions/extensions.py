"""延期: asked by the unit before the deadline, decided by the office; the deadline is counted again with its reason."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from qiguan.core.days import say_day
from qiguan.core.errors import QiguanError
from qiguan.core.ticket import What
from qiguan.people.models import User
from qiguan.rectification.actions.taking import demand_words, take_step
from qiguan.rectification.actions.telling import tell_pressing
from qiguan.rectification.models import Extension, Ticket
from qiguan.rectification.queries.deadlines import calendar_from, due_by
from qiguan.rectification.queries.permits import demand_office, demand_unit

MOST_DAYS = 30


def ask_extension(*, ticket: Ticket, days: int, reason: str, by: User, at: datetime) -> Extension:
    """Ask for so many more working days, before the deadline; one question at a time."""
    demand_unit(by, ticket, What.ASK_EXTENSION)
    reason = demand_words(reason, place="延期的理由", remedy="写一句为什么来不及", most=400)
    if not 1 <= days <= MOST_DAYS:
        raise QiguanError(f"延期要在1到{MOST_DAYS}个工作日之间", place="延期", remedy="请改一个数")
    if ticket.due_on is None:
        raise QiguanError("期限还没有算出来", place=ticket.name, remedy="等监管员录入新一年的工作日历")
    if ticket.is_late(at):
        raise QiguanError(f"期限{say_day(ticket.due_on)}已过，不能再申请延期", place=ticket.name, remedy="请尽快整改并报送")
    try:
        with transaction.atomic():
            take_step(ticket=ticket, what=What.ASK_EXTENSION, by=by, at=at, words=f"申请延期{days}个工作日：{reason}")
            extension = Extension.objects.create(ticket=ticket, days=days, reason=reason, asked_at=at, asked_by=by)
    except IntegrityError as error:
        raise QiguanError("已有一件延期申请在等答复", place=ticket.name, remedy="请等答复", code="conflict") from error
    return extension


def decide_extension(*, extension: Extension, days: int, answer: str, by: User, at: datetime) -> Extension:
    """Give `days` (0 refuses, with a reason; not more than asked for)."""
    ticket = extension.ticket
    demand_office(by, ticket)
    answer = answer.replace("\x00", "").strip()[:400]
    if not 0 <= days <= extension.days:
        raise QiguanError(f"最多给{extension.days}个工作日", place="延期", remedy="不能多于申请的天数")
    if not days:
        answer = demand_words(answer, place="不同意的理由", remedy="写一句为什么", most=400)
    what = What.GRANT if days else What.REFUSE
    with transaction.atomic():
        state = Extension.State.GRANTED if days else Extension.State.REFUSED
        asked = Extension.objects.filter(pk=extension.pk, state=Extension.State.ASKED)
        if asked.update(state=state, given_days=days, answer=answer, decided_at=at, decided_by=by) != 1:
            raise QiguanError("这件延期已经答复过", place=ticket.name, remedy="刷新后再看", code="conflict")
        ticket.refresh_from_db()
        if days:
            due = due_by(ticket, calendar_from(ticket.counts_from), extra=days)
            words = f"同意延期{days}个工作日。{due.because}" + (f"。{answer}" if answer else "")
            step = take_step(
                ticket=ticket, what=what, by=by, at=at, words=words, where=Q(extra_days=ticket.extra_days), already="期限刚被改过",
                extra_days=ticket.extra_days + days, due_on=due.day, due_because=due.because[:600],
            )  # fmt: skip
        else:
            words = f"不同意延期：{answer}"
            step = take_step(ticket=ticket, what=what, by=by, at=at, words=words)
        tell_pressing(step=step, title=f"延期答复：{ticket.name}", lines=[words], by=by, at=at, awaited=True)
    extension.refresh_from_db()
    return extension


def drop_question(*, ticket: Ticket, at: datetime) -> None:
    """A question that the ticket's own way has answered is no longer asked."""
    said = "整改单已往下走，不再需要延期"
    ticket.extensions.filter(state=Extension.State.ASKED).update(
        state=Extension.State.REFUSED, answer=said, decided_at=at, given_days=0
    )
