"""What stands on the auditor's page, gathered here: only config knows every app. A new section is one more line in SECTIONS."""

from __future__ import annotations

from datetime import datetime

from axes.models import AccessAttempt
from django.db.models import Max, Sum
from django.urls import reverse

from qiguan.inspection.queries.audit import dismissals_section, late_scope_section
from qiguan.inspection.queries.single_hand import single_hand_section
from qiguan.people.audit.log import LogFilter, entries_matching
from qiguan.people.audit.sections import LISTED, AuditRow, AuditSection, Offer
from qiguan.people.audit.words import action_word
from qiguan.people.models import Membership, User
from qiguan.people.queries import organs_seen_by
from qiguan.ui.dates import moment_words


def exports_section(user: User, at: datetime) -> AuditSection:
    """Who took data out."""
    found = entries_matching(user=user, wanted=LogFilter(action="export_"))
    rows = [
        AuditRow(f"{action_word(e.action)}，{e.count}条", f"{e.by or '命令行'} · {moment_words(e.at, at)}")
        for e in found.select_related("by").order_by("-pk")[:8]
    ]
    note = "" if rows else "还没有人导出过。"
    return AuditSection("导出", rows, found.count(), reverse("audit") + "?action=export_", note)


def failed_log_ins_section(user: User, at: datetime) -> AuditSection:
    """Failed log-ins by account; only names that are log-ins of the audited organs, for a password may be typed into the wrong box."""
    known = User.objects.all()
    if not user.is_superuser:
        known = known.filter(pk__in=Membership.objects.filter(organ__in=organs_seen_by(user)).values("user"))
    tried = AccessAttempt.objects.filter(username__in=known.values("username")).values("username")
    found = list(tried.annotate(n=Sum("failures_since_start"), last=Max("attempt_time")).order_by("-n", "username"))
    names = {u.username: str(u) for u in User.objects.filter(username__in=[f["username"] for f in found[:LISTED]])}
    rows = [
        AuditRow(names[f["username"]], f"{f['n']}次没有登录成功，最近一次{moment_words(f['last'], at)}") for f in found[:LISTED]
    ]
    return AuditSection("登录失败", rows, len(found), note="" if rows else "没有登录失败的记录。")


SECTIONS: tuple[Offer, ...] = (
    late_scope_section,
    dismissals_section,
    single_hand_section,
    exports_section,
    failed_log_ins_section,
)
