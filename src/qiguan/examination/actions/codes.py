"""Codes of the invited panel: made, printed and sealed in one go. What stands on a letter is stored nowhere."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from qiguan.core.errors import QiguanError
from qiguan.examination.ballots import Code
from qiguan.examination.keys import digest, new_code, shown
from qiguan.examination.models import Candidate, Phase
from qiguan.examination.queries.permits import demand_examiner
from qiguan.people.actions import record_audit
from qiguan.people.models import User

MOST = 2000  # letters made at once
_EARLY = {Phase.PROPOSING, Phase.WEIGHING, Phase.LISTING, Phase.DRAWING, Phase.ANSWERING, Phase.MARKING}


def seal_codes(*, candidate: Candidate, count: int, frame: int, by: User | None, at: datetime) -> list[str]:
    """Make `count` codes drawn from a frame of that many; return them for the letters, in random order, this once only."""
    if by is not None:
        demand_examiner(by, candidate.season)
    if candidate.season.phase(at) not in _EARLY:
        raise QiguanError("评分已经截止", place=candidate.season.title, remedy="不能再发信")
    if not 1 <= count <= MOST:
        raise QiguanError(f"一次1到{MOST}封", place="封数", remedy="请分几次印")
    codes = [new_code() for _ in range(count)]
    with transaction.atomic():
        held = Candidate.objects.select_for_update().get(pk=candidate.pk)
        if frame < held.invited + count:
            raise QiguanError("发出的信比名单上的人多", place="名单人数", remedy="请核对名单人数")
        Code.objects.bulk_create(
            [Code(candidate=candidate, digest=digest("code", candidate.season.public_id, c)) for c in codes], batch_size=500
        )
        Candidate.objects.filter(pk=candidate.pk).update(invited=F("invited") + count, frame=frame)
        record_audit(
            action="seal_codes",
            by=by,
            at=at,
            on=candidate,
            organ=candidate.season.organ,
            fields=["invited", "frame"],
            count=count,
        )
    candidate.refresh_from_db()
    return [shown(c) for c in codes]


def note_returned_letters(*, candidate: Candidate, returned: int, by: User | None, at: datetime) -> None:
    """Note how many letters came back undelivered: the response rate leaves them out."""
    if by is not None:
        demand_examiner(by, candidate.season)
    if not 0 <= returned <= candidate.invited:
        raise QiguanError("退回的比发出的多", place="退信", remedy="请核对封数")
    with transaction.atomic():
        Candidate.objects.filter(pk=candidate.pk).update(returned=returned)
        record_audit(
            action="note_returned_letters", by=by, at=at, on=candidate, organ=candidate.season.organ, fields=["returned"]
        )
    candidate.refresh_from_db()
