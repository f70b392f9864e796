"""What has been put right, in the words of a bulletin: 7月2日恢复更新."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from qiguan.core.ticket import Outcome, TicketState
from qiguan.jobs.many import among
from qiguan.rectification.models import Ticket
from qiguan.ui.dates import day_words


def rectified_words(line_ids: Sequence[int], *, at: datetime) -> dict[int, str]:
    """Return by line what was done and closed by `at`; a misjudgement is a correction of the verdict and is not among them."""
    done = Ticket.objects.filter(line__in=among(line_ids), state=TicketState.CLOSED, closed_at__lte=at, fixed_on__isnull=False)
    rows = done.exclude(outcome=Outcome.MISJUDGED).values_list("line_id", "fixed_on", "outcome")
    return {line: f"{day_words(day, at)}{Outcome(outcome).word}" for line, day, outcome in rows if day is not None}
