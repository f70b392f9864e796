"""What the register puts on 待我处理: filings that this person may decide."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from qiguan.people.models import Role, User, any_within
from qiguan.people.queries import memberships_of
from qiguan.people.waiting.sections import LISTED, WaitingRow, WaitingSection
from qiguan.register.models import Account, Custody, Filing
from qiguan.ui.dates import moment_words


def filings_waiting(user: User, at: datetime) -> WaitingSection:
    """List the filings of the supervisor's organs that somebody else has submitted."""
    organs = [m.organ.path for m in memberships_of(user, roles=[Role.SUPERVISOR])]
    found = Filing.objects.filter(any_within(["organ_path"], organs), state=Filing.State.SUBMITTED)
    found = found.exclude(submitted_by=user).select_related("organ", "account").order_by("submitted_at", "pk")
    rows = [
        WaitingRow(
            f"{f.account.name if f.account else f.organ.name}：{f.get_what_display()}备案",
            f"{f.organ.name} · {moment_words(f.submitted_at, at)}提交",
            reverse("filings"),
        )
        for f in found[:LISTED]
    ]
    return WaitingSection("备案待审批", rows, found.count(), reverse("filings"))


def custody_waiting(user: User, at: datetime) -> WaitingSection:
    """List the unit's own accounts whose custody is to be looked at because somebody has left."""
    units = [m.organ.path for m in memberships_of(user, roles=[Role.UNIT_ADMIN])]
    flagged = Custody.objects.filter(until=None, check_since__isnull=False)
    found = Account.objects.filter(any_within(["owner_path"], units), custody__in=flagged).distinct().order_by("name", "pk")
    rows = [
        WaitingRow(f"{a.name}：核对账号保管", "有运营人员离岗", reverse("account_custody", args=[a.public_id]))
        for a in found[:LISTED]
    ]
    return WaitingSection("账号保管待核对", rows, found.count())
