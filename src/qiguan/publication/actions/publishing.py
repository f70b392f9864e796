"""Publish a bulletin: freeze what the public will see, then show it by one small change.

1. Rows of the snapshot are written in chunks, invisible; a kill leaves no half bulletin before the public, and running again
goes on. 2. The digest is computed over every row. 3. One transaction makes it visible and the bulletin published.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from qiguan.archive.actions import store_blob
from qiguan.core.bulletin import Bulletin as Values
from qiguan.core.bulletin_check import contradictions, written
from qiguan.core.days import end_of, say_day
from qiguan.core.errors import QiguanError
from qiguan.inspection.models import RoundAccount
from qiguan.people.actions import record_audit
from qiguan.people.models import Role, User
from qiguan.people.queries import demand_role
from qiguan.publication.models import Bulletin, BulletinVersion, Snapshot, SnapshotAccount, SnapshotSums, UnitReply
from qiguan.publication.queries.sums import sums_of
from qiguan.publication.queries.values import judged_lines, rows_of_lines, values_of
from qiguan.publication.render.bulletin_docx import bulletin_docx
from qiguan.publication.render.bulletin_pdf import NoChineseFont, bulletin_pdf
from qiguan.publication.render.bulletin_xlsx import bulletin_xlsx

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
    lines = RoundAccount.objects.filter(pk__in=judged_lines(bulletin.round))
    total = lines.count()
    written = set(snapshot.accounts.values_list("account_id", flat=True))
    todo = [pk for pk, account in lines.order_by("pk").values_list("pk", "account_id") if account not in written]
    for start in range(0, len(todo), CHUNK):
        rows = rows_of_lines(bulletin, todo[start : start + CHUNK], snapshot=snapshot, at=at)
        SnapshotAccount.objects.bulk_create(rows, ignore_conflicts=True, batch_size=200)
        if moved:
            moved(len(written) + min(start + CHUNK, len(todo)), total)
    if not snapshot.sums.exists():
        SnapshotSums.objects.bulk_create(sums_of(snapshot, at=at), ignore_conflicts=True)
    values = values_of(bulletin, list(snapshot.accounts.order_by("owner_path", "pk")), at=at)
    demand_no_contradiction(values)
    _show(snapshot, bulletin, values, keep_files(values, at=at), by, at)
    return snapshot


def demand_no_contradiction(values: Values) -> None:
    """Raise QiguanError, naming the first, where text and tables say different things."""
    found = contradictions(values)
    if found:
        more = f"（共{len(found)}处）" if len(found) > 1 else ""
        raise QiguanError(f"{found[0].message}{more}", place=found[0].place, remedy=found[0].remedy)


def keep_files(values: Values, *, at: datetime) -> dict[str, str]:
    """Write the bulletin's files and keep them; return name → digest. Without a Chinese font there is no PDF, the others are there."""
    made = {
        "通报.docx": (bulletin_docx(values), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        "附件.xlsx": (bulletin_xlsx(values), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    }
    with contextlib.suppress(NoChineseFont):
        made["通报.pdf"] = (bulletin_pdf(values), "application/pdf")
    return {name: store_blob(data=data, media_type=kind, at=at).digest for name, (data, kind) in made.items()}


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


def _show(
    snapshot: Snapshot, bulletin: Bulletin, values: Values, files: Mapping[str, str], by: User | None, at: datetime
) -> None:
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
        text = {"paragraphs": [{"heading": part == "heading", "words": words} for part, words in written(values)]}
        digest = digest_of(rows)
        Snapshot.objects.filter(pk=snapshot.pk).update(visible=True, totals=totals, digest=digest, published_at=at, text=text)
        if changed:
            BulletinVersion.objects.create(
                bulletin=bulletin, number=bulletin.versions.count() + 1, stage=Bulletin.Stage.PUBLISHED, at=at, digest=digest,
                values={"text": text, "totals": totals}, files=dict(files),
            )  # fmt: skip
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
