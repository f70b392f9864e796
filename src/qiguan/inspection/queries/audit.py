"""For the auditor: changes of a scope made late, shortly before a check point or between it and the opening; dismissals by reason."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from qiguan.core.verdict import Word
from qiguan.inspection.models import Finding, Round
from qiguan.inspection.queries.causes import Cause, moved
from qiguan.inspection.queries.compare import entered, left
from qiguan.inspection.queries.rounds import rounds_seen_by
from qiguan.people.audit.sections import LISTED, AuditRow, AuditSection
from qiguan.people.models import User
from qiguan.ui.dates import moment_words

LATE = timedelta(days=14)  # ours: the length of the two-week rule
ROUNDS = 4  # the newest so many
LINES = 200  # of each round and direction


@dataclass(frozen=True, slots=True)
class LateChange:
    """An account that a late change brought into a round's scope or took out of it."""

    round_id: str  # public ids
    round_title: str
    account_id: str
    account_name: str
    owner_name: str
    came: bool
    cause: Cause
    failed_before: bool  # out of scope with a failure behind it: look here first


@dataclass(frozen=True, slots=True)
class Dismissal:
    """One reason that findings were dismissed with: how many, by whom, in which rounds (titles), vetoes among them."""

    reason: str
    n: int
    vetoes: int
    by: tuple[str, ...]
    rounds: tuple[str, ...]
    newest: datetime | None


def late_scope_changes(*, user: User, at: datetime) -> list[LateChange]:
    """Return the recorded changes from LATE before a check point on, of the newest rounds that the user sees, failures first."""
    found = []
    rounds = rounds_seen_by(user).exclude(before=None).filter(opened_at__lte=at).select_related("before").order_by("-opened_at")
    for round_ in rounds[:ROUNDS]:
        if round_.before is not None:
            found += _late(round_, round_.before)
    return sorted(found, key=lambda c: (not c.failed_before, -c.cause.at.timestamp() if c.cause.at else 0))


def _late(round_: Round, before: Round) -> list[LateChange]:
    changes = []
    for came, lines in ((True, entered(round_, before)), (False, left(round_, before))):
        for m in moved(list(lines[:LINES]), round_=round_, before=before, came=came):
            failed = m.was == Word.FAIL
            changes += [
                LateChange(round_.public_id, round_.title, m.line.public_id, m.line.name, m.line.owner_name, came, cause, failed)
                for cause in m.causes
                if cause.at is not None and cause.at >= round_.at - LATE
            ]
    return changes


def dismissals_by_reason(*, user: User, since: datetime | None = None) -> list[Dismissal]:
    """Group the dismissed findings that the user sees by their reason as written, most frequent first."""
    found = Finding.objects.visible_to(user).filter(state=Finding.State.DISMISSED)
    if since is not None:
        found = found.filter(decided_at__gte=since)
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in found.select_related("decided_by", "round").order_by("-decided_at")[:5000]:
        groups[finding.reason].append(finding)
    rows = [
        Dismissal(
            reason, len(fs), sum(f.veto for f in fs), tuple(dict.fromkeys(str(f.decided_by) for f in fs if f.decided_by)),
            tuple(dict.fromkeys(f.round.title for f in fs)), fs[0].decided_at,
        )
        for reason, fs in groups.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda d: (-d.n, d.reason))


def late_scope_section(user: User, at: datetime) -> AuditSection:
    """Offer the late changes to the auditor's page."""
    found = late_scope_changes(user=user, at=at)
    rows = [
        AuditRow(
            f"{c.account_name}{'进入' if c.came else '离开'}“{c.round_title}”的范围"
            + ("，上期不合格" if c.failed_before else ""),
            " · ".join(part for part in (c.cause.what, moment_words(c.cause.at, at) if c.cause.at else "", c.cause.by) if part),
            reverse("round_scope", args=[c.round_id]) + f"?show={'entered' if c.came else 'left'}",
        )
        for c in found[:LISTED]
    ]
    note = f"监测时间点前{LATE.days}天起到发起检查之间的变动，上期不合格的排在前面。" + ("" if rows else "现在没有。")
    return AuditSection("临近检查时改动范围", rows, len(found), note=note)


def dismissals_section(user: User, at: datetime) -> AuditSection:
    """Offer the dismissals by reason to the auditor's page."""
    found = dismissals_by_reason(user=user)
    rows = [
        AuditRow(
            f"{d.reason}：{d.n}条" + (f"，其中单项否决{d.vetoes}条" if d.vetoes else ""),
            f"{'、'.join(d.by)} · {'、'.join(d.rounds)}" + (f" · 最近{moment_words(d.newest, at)}" if d.newest else ""),
        )
        for d in found[:LISTED]
    ]
    return AuditSection("判为不属实的理由", rows, len(found), note="" if rows else "没有判为不属实的问题。")
