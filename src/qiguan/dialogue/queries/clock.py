"""The reply clock by the editable calendar."""

from __future__ import annotations

from datetime import datetime

from qiguan.core.calendar import WorkCalendar
from qiguan.core.days import day_of
from qiguan.core.reply_clock import Kind, ReplyBy, reply_by
from qiguan.jobs.models import WorkingDay


def due_from(*, kind: str, pack: str, at: datetime) -> ReplyBy:
    """Return by when a message of `kind` received at `at` is to be answered, and why that day."""
    day = day_of(at)
    rows = WorkingDay.objects.filter(day__year__in=(day.year, day.year + 1)).values_list("day", "is_working", "note")
    return reply_by(Kind(kind), pack=pack, received=day, calendar=WorkCalendar(rows))
