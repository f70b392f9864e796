"""The morning's message: what the watch over silence says and what the tickets say, joined here into one a person and day."""

from __future__ import annotations

from datetime import datetime

from qiguan.inspection.actions.warnings import queue_warnings
from qiguan.rectification.actions.morning import ticket_mornings


def queue_mornings(*, at: datetime) -> int:
    """Queue the messages due at `at`; return how many."""
    return queue_warnings(at=at, beside=ticket_mornings)
