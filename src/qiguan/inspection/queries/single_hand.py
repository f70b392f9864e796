"""States of silence that one person's word alone stands for: an auditor looks at these first."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, F, Q
from django.urls import reverse

from qiguan.core.facts import State
from qiguan.inspection.models import Seen, Standing, StandingQuerySet
from qiguan.people.audit.sections import LISTED, AuditRow, AuditSection
from qiguan.people.models import User
from qiguan.ui.dates import day_words

SILENCE = [state.value for state in State if state.is_silence]


def single_handed(found: StandingQuerySet) -> StandingQuerySet:
    """Keep the accounts called silent with no source behind it and every look since the last post made by the same person."""
    since = Q(account__checks__at__gt=F("last_post_at")) | Q(last_post_at=None)
    silent = found.filter(state__in=SILENCE, seen=Seen.CHECKED)
    return silent.annotate(hands=Count("account__checks__hand", distinct=True, filter=since)).filter(hands=1)


def single_hand_section(user: User, at: datetime) -> AuditSection:
    """Offer them to the auditor's page, the longest silence first."""
    found = single_handed(Standing.objects.visible_to(user))
    rows = [
        AuditRow(
            f"{row.name}：{State(row.state).word}",
            f"{row.owner_name} · {row.because}" + (f" · 截至{day_words(row.as_of, at)}" if row.as_of else ""),
            reverse("account", args=[row.public_id]),
        )
        for row in found.order_by("silence_key", "pk")[:LISTED]
    ]
    total = found.count()
    note = "没有采集源，只有一个人核查过就判为停更的账号。" + ("可派第二个人复核。" if total else "现在没有。")
    return AuditSection("只凭一人之手的停更判断", rows, total, note=note)
