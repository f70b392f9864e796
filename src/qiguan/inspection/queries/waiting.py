"""What the watch over silence puts on 待我处理: the accounts one runs that are near their line or over it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from qiguan.core.facts import Scope, State
from qiguan.inspection.models import Standing
from qiguan.inspection.queries.watched import SILENT, in_force
from qiguan.people.models import Role, User
from qiguan.people.queries import memberships_of
from qiguan.people.waiting.sections import LISTED, WaitingRow, WaitingSection
from qiguan.register.models import AccountStaff
from qiguan.ui.dates import local_day


def accounts_waiting(user: User, at: datetime) -> WaitingSection:
    """List them, the nearest line first. A supervisor has a list of his own (提醒) and is not asked to post."""
    runs = AccountStaff.objects.filter(in_force(local_day(at)), user=user).values("account")
    units = [m.organ_id for m in memberships_of(user, roles=[Role.UNIT_ADMIN])]
    mine = Standing.objects.filter(Q(account__in=runs) | Q(account__owner__in=units), state__in=[State.DUE, *SILENT])
    found = [s for s in mine.exclude(scope=Scope.LISTED).order_by("line_key", "pk") if "not_bound" not in s.flags]
    rows = [
        WaitingRow(f"{s.name}（{s.platform_word}）：{State(s.state).word}", s.because, reverse("account", args=[s.public_id]))
        for s in found[:LISTED]
    ]
    return WaitingSection("要更新的账号", rows, len(found), reverse("accounts"))
