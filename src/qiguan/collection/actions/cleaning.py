"""Drop poll rows whose time is over: ninety days, but never the open row of a source. Coverage is kept for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

from qiguan.collection.models import Poll, Source

KEPT = timedelta(days=90)


def drop_old_polls(*, at: datetime, limit: int = 2000) -> int:
    """Delete up to `limit` poll rows that ended more than ninety days before `at`; return how many."""
    open_rows = Source.objects.exclude(poll_ref=None).values("poll_ref")
    old = list(Poll.objects.filter(last_at__lt=at - KEPT).exclude(pk__in=open_rows).values_list("pk", flat=True)[:limit])
    Poll.objects.filter(pk__in=old).delete()
    return len(old)
