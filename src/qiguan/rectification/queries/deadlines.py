"""A ticket's deadline from its parts, by the editable calendar."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings

from qiguan.core.calendar import WorkCalendar
from qiguan.core.days import say_day
from qiguan.core.ticket import Due, TicketState, due_of
from qiguan.jobs.models import WorkingDay
from qiguan.rectification.models import Ticket

WHOSE = "天数由本系统设定，没有全国标准"


def calendar_from(day: date) -> WorkCalendar:
    """Return the calendar of the day's year and later ones."""
    rows = WorkingDay.objects.filter(day__year__gte=day.year).values_list("day", "is_working", "note")
    return WorkCalendar(rows)


def due_by(ticket: Ticket, calendar: WorkCalendar, *, extra: int = 0, waited: int = 0) -> Due:
    """Count a ticket's deadline with so many more days for an extension or an answer waited for; an approved end has its own day."""
    if ticket.state == TicketState.ENDING and ticket.ending_approved_at is not None and ticket.ending_said.get("closes_on"):
        day = date.fromisoformat(ticket.ending_said["closes_on"])
        return Due(day, f"公告的注销日期是{say_day(day)}")
    extra, waited = ticket.extra_days + extra, ticket.waited_days + waited
    parts = [
        f"整改期限{ticket.base_days}个，{WHOSE}" if ticket.base_days == settings.RECTIFY_DAYS else f"整改期限{ticket.base_days}个"
    ]
    parts += [f"延期{extra}个"] if extra else []
    parts += [f"等答复{waited}个"] if waited else []
    return due_of(calendar, ticket.counts_from, ticket.base_days + extra + waited, parts=parts)


def working_days_between(calendar: WorkCalendar, start: date, end: date) -> int:
    """Count the working days after `start` up to and with `end`; days of a year that is not published count as plain weekdays."""
    days = [start + timedelta(days=i) for i in range(1, (end - start).days + 1)]
    return sum(calendar.is_working_day(d) if d.year in calendar.years else d.weekday() < 5 for d in days)
