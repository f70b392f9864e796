"""For the auditor: changes of a scope made late, shortly before a check point or between it and the opening; dismissals by reason."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from qiguan.core.verdict import Word
from qiguan.inspection.models import Finding, Round
from qiguan.inspection.queries.causes import Cause, moved
from qiguan.inspection.queries.compare import entered, left
from qiguan.inspection.queries.rounds import rounds_seen_by
from qiguan.people.models import User

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
