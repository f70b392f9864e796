"""What tickets need by the mere passing of time and by what is decided elsewhere: one call, safe to run twice."""

from __future__ import annotations

from datetime import datetime

from qiguan.rectification.actions.chasing import escalate_overdue
from qiguan.rectification.actions.ending import settle_endings, watch_reopened
from qiguan.rectification.actions.rechecking import recheck_reported
from qiguan.rectification.actions.tickets import recount_deadlines


def tend_tickets(*, at: datetime) -> dict[str, int]:
    """Count waiting deadlines, follow filings, recheck reports, tell the level above, watch closed accounts. Returns counts."""
    counts = {"recounted": recount_deadlines(at=at), **settle_endings(at=at), **recheck_reported(at=at)}
    return counts | {"escalated": escalate_overdue(at=at), "reopened": watch_reopened(at=at)}
