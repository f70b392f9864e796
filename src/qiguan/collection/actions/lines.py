"""Take from inspection when an account's next line comes: its sources are looked at more often before it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime

from django.db import transaction

from qiguan.collection.actions.statements import POSTGRESQL, stamp_or_none, update_rows
from qiguan.collection.models import Source
from qiguan.core.schedule import NEAR_LINE, NEAR_PAUSE
from qiguan.jobs import clock


def note_lines(lines: Mapping[int, datetime | None], *, at: datetime) -> None:
    """Keep each account's next line with its sources; None where none is ahead. `at` is business time.

    A source that would be looked at only after a line close by is looked at within two hours.
    """
    if not lines:
        return
    rows = [(stamp_or_none(line), account) for account, line in lines.items()]
    # SQLite: one commit for all; PostgreSQL: a row a commit, so that no poll that stores its sources in another order waits for us
    with nullcontext() if POSTGRESQL else transaction.atomic():
        update_rows(Source, "line_at = %s", rows, where="account_id = %s")
    close = [account for account, line in lines.items() if line is not None and at < line <= at + NEAR_LINE]
    soon = clock.machine_now() + NEAR_PAUSE
    for start in range(0, len(close), 400):
        late = Source.objects.filter(account__in=close[start : start + 400], enabled=True, next_at__gt=soon)
        late.filter(failures=0).update(next_at=soon)
