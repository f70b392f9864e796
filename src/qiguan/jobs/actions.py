"""Move progress along, and run each line of the schedule once over any number of workers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from qiguan.jobs import clock
from qiguan.jobs.models import Progress, Tick

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Cadence:
    """One line of the schedule: what to do and how often, in seconds."""

    every: int
    work: Callable[[], object]


def start_progress(*, kind: str, title: str, total: int = 0, by: str = "") -> Progress:
    """Open a progress row; the caller moves it."""
    now = clock.machine_now()
    return Progress.objects.create(kind=kind, title=title, total=total, by=by, started_at=now, moved_at=now, state="running")


def move_progress(public_id: str, *, done: int, total: int | None = None, message: str = "") -> None:
    """Say how far the work has come: one narrow update, never inside the work's own transaction."""
    changes: dict[str, object] = {"done": done, "moved_at": clock.machine_now(), "state": "running", "message": message}
    if total is not None:
        changes["total"] = total
    Progress.objects.filter(public_id=public_id).update(**changes)


def finish_progress(public_id: str, *, failed: str = "", message: str = "") -> None:
    """Close a progress row; `failed` is the sentence the user reads."""
    Progress.objects.filter(public_id=public_id).update(
        state="failed" if failed else "done", message=failed or message, moved_at=clock.machine_now()
    )


def claim_tick(*, name: str, every: int, owner: str, now: datetime) -> bool:
    """Take a line of the schedule if it is due and nobody holds it. The lease outlives a crash by ten minutes at most."""
    Tick.objects.get_or_create(name=name, defaults={"next_at": now})
    with transaction.atomic():
        return (
            Tick.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), name=name, next_at__lte=now).update(
                lease_until=now + LEASE, owner=owner, next_at=now + timedelta(seconds=every)
            )
            == 1
        )


def run_due_ticks(*, schedule: Mapping[str, Cadence], owner: str) -> list[str]:
    """Run what is due; return the names that ran.

    1. Claim the line (one conditional update). 2. Do its work; a failure is stored where the administrator
    sees it and does not stop the others. 3. Give the lease back, if it is still ours.
    """
    ran = []
    for name, cadence in schedule.items():
        if not claim_tick(name=name, every=cadence.every, owner=owner, now=clock.machine_now()):
            continue
        error = ""
        try:
            cadence.work()
        except Exception as problem:
            log.exception("tick %s failed", name)
            error = type(problem).__name__
        Tick.objects.filter(name=name, owner=owner).update(lease_until=None, last_at=clock.machine_now(), last_error=error)
        ran.append(name)
    return ran
