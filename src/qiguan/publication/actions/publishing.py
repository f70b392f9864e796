"""Publish a bulletin: freeze what the public will see, then show it by one small change.

1. Rows of the snapshot are written in chunks, invisible; a kill leaves no half bulletin before the public, and running again
goes on. 2. The digest is computed over every row. 3. One transaction makes it visible and the bulletin published.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from qiguan.core.days import end_of, say_day
from qiguan.core.errors import QiguanError
from qiguan.inspection.models import Finding, RoundAccount, Verdict
from qiguan.people.actions import record_audit
from qiguan.people.models import Role, User
from qiguan.people.queries import demand_role
from qiguan.publication.models import Bulletin, Snapshot, SnapshotAccount, UnitReply
from qiguan.publication.queries.rectified import rectified_words

CHUNK = 400


def publish_bulletin(
    *, bulletin: Bulletin, by: User | None, at: datetime, moved: Callable[[int, int], None] | None = None
) -> Snapshot:
    """Publish a bulletin whose preview is over; return its snapshot. Running twice returns the same one.

    Raises QiguanError while the preview runs, or while a unit's "not our account" is unanswered.
    """
    if by is not None:
        demand_role(by, Role.SUPERVISOR, organ=bulletin.organ)
    if bulletin.stage == Bulletin.Stage.PUBLISHED:
        return Snapshot.objects.get(bulletin=bulletin)
    _demand_ready(bulletin, at)
    snapshot, _ = Snapshot.objects.get_or_create(
        bulletin=bulletin,
        defaults={
            "organ": bulletin.organ, "organ_name": bulletin.organ.name, "title": bulletin.title, "at": bulletin.round.at, "published_at": at,
        },
    )  # fmt: skip
    lines = bulletin.round.accounts.exclude(why=RoundAccount.Why.FRAME)
    total = lines.count()
    written = set(snapshot.accounts.values_list("account_id", flat=True))
    todo = [pk for pk, account in lines.order_by("pk").values_list("pk", "account_id") if account not in written]
    for start in range(0, len(todo), CHUNK):
        SnapshotAccount.objects.bulk_create(_rows(snapshot, todo[start : start + CHUNK]), ignore_conflicts=True, batch_size=200)
        if moved:
            moved(len(written) + min(start + CHUNK, len(todo)), total)
    _show(snapshot, bulletin, by, at)
    return snapshot


def _demand_ready(bulletin: Bulletin, at: datetime) -> None:
    if bulletin.stage != Bulletin.Stage.PREVIEW or bulletin.preview_until is None:
        raise QiguanError(
            f"通报现在是“{bulletin.get_stage_display()}”，还不能印发",
            place=bulletin.title,
            remedy="审签后先征求单位意见三个工作日",
        )
    if at <= end_of(bulletin.preview_until):
        raise QiguanError(
            f"征求单位意见到{say_day(bulletin.preview_until)}24:00",
            place=bulletin.title,
            remedy="期满后再印发，单位的说明会印在同一行",
        )
    open_claims = bulletin.replies.filter(sort=UnitReply.Sort.NOT_OURS, answered_at=None)
    if open_claims.exists():
        raise QiguanError(
            f"有{open_claims.count()}个单位说不是本单位的账号，还没有处理", place=bulletin.title, remedy="核实后写明结果"
        )


def _rows(snapshot: Snapshot, ids: Sequence[int]) -> list[SnapshotAccount]:
    lines = list(RoundAccount.objects.filter(pk__in=ids).select_related("account", "account__owner"))
    verdicts = {v.line_id: v for v in Verdict.objects.filter(line__in=ids, replaced_by=None)}
    problems: dict[int, list[list[str]]] = {}
    for f in Finding.objects.filter(line__in=ids, state=Finding.State.CONFIRMED).order_by("-veto", "rule"):
        problems.setdefault(f.line_id, []).append([f.rule, f.title, f.because])
    replies = {
        r.line_id: r.words for r in UnitReply.objects.filter(bulletin=snapshot.bulletin, line__in=ids).order_by("at", "id")
    }
    done = rectified_words([line.pk for line in lines], at=snapshot.published_at)
    return [
        SnapshotAccount(
            snapshot=snapshot, account_id=line.account_id, public_id=line.public_id, name=line.name, platform=line.platform,
            platform_id=line.platform_id, owner_name=line.owner_name, owner_ref=line.account.owner.public_id, owner_path=line.owner_path,
            level=line.level, state=line.state, word=verdicts[line.pk].word, problems=_standing(problems.get(line.pk, []), verdicts[line.pk]),
            because=verdicts[line.pk].because, last_post_at=line.last_post_at, days_silent=line.days_silent,
            weeks=line.weeks, posts_year=line.posts_year, longest_gap_days=line.longest_gap_days,
            pack_words=verdicts[line.pk].pack_words, own=line.own, rectified=done.get(line.pk, ""), reply=replies.get(line.pk, ""),
        )
        for line in lines
    ]  # fmt: skip


def _standing(problems: list[list[str]], verdict: Verdict) -> list[list[str]]:
    """Return the problems that still stand: a corrected verdict that passes has no veto left."""
    deciding = {code for code, *_ in verdict.rules}
    return problems if verdict.replaces_id is None or verdict.word == "不合格" else [p for p in problems if p[0] in deciding]


def _show(snapshot: Snapshot, bulletin: Bulletin, by: User | None, at: datetime) -> None:
    rows = list(
        snapshot.accounts.order_by("public_id").values_list(
            "public_id", "name", "platform", "owner_name", "state", "word", "problems", "last_post_at", "rectified", "reply"
        )
    )
    words = Counter(row[5] for row in rows)
    totals = {"inspected": len(rows), "rectified": sum(1 for r in rows if r[5] == "不合格" and r[8]), **words}
    with transaction.atomic():
        changed = Bulletin.objects.filter(pk=bulletin.pk, stage=Bulletin.Stage.PREVIEW).update(
            stage=Bulletin.Stage.PUBLISHED, published_at=at, published_by=by
        )
        Snapshot.objects.filter(pk=snapshot.pk).update(visible=True, totals=totals, digest=digest_of(rows), published_at=at)
        if changed:
            record_audit(
                action="publish_bulletin", by=by, at=at, on=bulletin, organ=bulletin.organ, fields=["stage"], count=len(rows)
            )
    snapshot.refresh_from_db()
    bulletin.refresh_from_db()


def digest_of(rows: Iterable[Sequence[Any]]) -> str:
    """Return the fingerprint printed with the bulletin: SHA-256 over a JSON line a row, in order of public id."""
    hasher = sha256()
    for row in rows:
        hasher.update(json.dumps([_plain(v) for v in row], ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return "sha256:" + hasher.hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return value
