"""Background jobs whose worker died stay "running" for ever in the queue: give them back after half an hour without progress."""

from __future__ import annotations

from datetime import timedelta

from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from qiguan.jobs import clock

STALLED = timedelta(minutes=30)
KEPT = timedelta(days=30)


def reap_stalled() -> int:
    """Put stalled jobs back (every job of ours is safe to run twice), and drop old results."""
    now = clock.machine_now()
    DBTaskResult.objects.filter(finished_at__lt=now - KEPT).delete()
    stalled = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING, started_at__lt=now - STALLED)
    return int(stalled.update(status=TaskResultStatus.READY, started_at=None))
