"""What the tickets put on 待我处理; filings of tickets stand there by themselves."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from qiguan.core.matters import Duty
from qiguan.people.models import User
from qiguan.people.waiting.sections import LISTED, WaitingRow, WaitingSection
from qiguan.rectification.queries.matters import waiting_for


def tickets_waiting(user: User, at: datetime) -> WaitingSection:
    """List what the tickets wait for of this person, the nearest deadline first."""
    found = [m for m in waiting_for(user, at=at).matters if m.duty is not Duty.ENDING]
    rows = [WaitingRow(f"{m.name}：{m.duty}", m.words, reverse("ticket", args=[m.ticket])) for m in found[:LISTED]]
    return WaitingSection("整改", rows, len(found), reverse("tickets"))
