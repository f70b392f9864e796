"""What the outbox puts on 待我处理: deliveries that a person must decide about."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from qiguan.people.models import User
from qiguan.people.outbox.deciding import DECIDES, deliveries_seen_by
from qiguan.people.outbox.models import Delivery
from qiguan.people.queries import has_role
from qiguan.people.waiting.sections import LISTED, WaitingRow, WaitingSection


def deliveries_waiting(user: User, at: datetime) -> WaitingSection:
    """List what failed or is in doubt, for whoever manages the people it was meant for."""
    if not has_role(user, *DECIDES):
        return WaitingSection("没送到的消息", [], 0)
    found = deliveries_seen_by(user).filter(state__in=[Delivery.State.FAILED, Delivery.State.IN_DOUBT])
    link = reverse("deliveries")
    rows = [
        WaitingRow(f"{d.notice.to}：{d.notice.title}", d.get_state_display(), link)
        for d in found.select_related("notice__to").order_by("-pk")[:LISTED]
    ]
    return WaitingSection("没送到的消息", rows, found.count(), link)
