"""The morning's message: what the watch over silence, the tickets and the leaders' applications say, in one a person and day."""

from __future__ import annotations

from datetime import datetime

from qiguan.core.warnings import Workdays
from qiguan.inspection.actions.leading import leader_mornings
from qiguan.inspection.actions.warnings import Beside, queue_warnings
from qiguan.people.outbox.models import Notice
from qiguan.rectification.actions.morning import ticket_mornings


def queue_mornings(*, at: datetime) -> int:
    """Queue the messages due at `at`; return how many."""
    return queue_warnings(at=at, beside=_beside)


def _beside(at: datetime, days: Workdays) -> dict[int, Beside]:
    added = ticket_mornings(at, days)
    for person, news in leader_mornings(at).items():
        added[person] = _joined(added[person], news) if person in added else news
    return added


def _joined(first: Beside, second: Beside) -> Beside:
    def keep(notice: Notice) -> None:
        first.keep(notice)
        second.keep(notice)

    return Beside(
        f"{first.title}，{second.title}", [*first.lines, *second.lines], first.link, first.urgent or second.urgent, keep
    )
