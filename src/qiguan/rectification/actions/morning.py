"""What the tickets add to a person's morning: config joins it to the warnings, so that there is one message a day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.urls import reverse

from qiguan.core.matters import morning_of
from qiguan.core.warnings import Workdays
from qiguan.core.written_dates import SHANGHAI
from qiguan.inspection.actions.warnings import Beside
from qiguan.people.outbox.models import Notice
from qiguan.rectification.models import StepTold
from qiguan.rectification.queries.matters import waiting_by_person


def ticket_mornings(at: datetime, days: Workdays) -> dict[int, Beside]:
    """Return what each person's message says of the tickets; nobody where nothing is new and nothing presses."""
    today, link = at.astimezone(SHANGHAI).date(), reverse("waiting")
    out = {}
    for person, waiting in waiting_by_person(at=at).items():
        morning = morning_of(waiting.matters, waiting.news, today=today, days=days)
        if morning is not None:
            out[person] = Beside(morning.title, morning.lines, link, morning.urgent, _keeper(person, morning.steps))
    return out


def _keeper(person: int, steps: Sequence[int]) -> Callable[[Notice], None]:
    """Write down with the message which steps it told: two workers cannot both."""

    def keep(notice: Notice) -> None:
        StepTold.objects.bulk_create([StepTold(step_id=step, user_id=person, notice=notice) for step in steps])

    return keep
