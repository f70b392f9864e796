"""Paper ballots are typed twice, by two persons. What they typed differently is shown; what they typed alike is cast."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction

from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.core.marking import GRADES, POINTS, read, written
from qiguan.examination.actions.casting import Said, checked, demand_marking, put_in_box
from qiguan.examination.ballots import PaperEntry, SpentCode
from qiguan.examination.keys import digest, typed
from qiguan.examination.models import Candidate, Season
from qiguan.examination.queries.permits import TYPISTS, demand_examiner
from qiguan.people.actions import record_audit
from qiguan.people.models import User


@dataclass(frozen=True, slots=True)
class Typed:
    """What became of a sheet: typed `once`, `cast`, or the `differences` between the two typings (where, first, second)."""

    candidate: Candidate
    cast: bool = False
    differences: list[tuple[str, str, str]] = field(default_factory=list)


def enter_paper_ballot(*, season: Season, code: str, said: Said, by: User, at: datetime) -> Typed:
    """Take one typing of a paper ballot. The first is kept; the second, by another person, casts it where both are alike.

    Where they differ nothing is cast: whoever finds his own to be wrong types it again. The second typing writes no audit
    row, for it would carry the time of the ballot.
    """
    demand_examiner(by, season, *TYPISTS)
    demand_marking(season, at)
    said = checked(season, said)
    name = typed(code)
    if not name:
        raise UnusableInput("码不对", place="信上的码", remedy="三组，每组四个字母或数字")
    name = digest("code", season.public_id, name)
    candidate = Candidate.objects.filter(season=season, codes__digest=name).first()
    if candidate is None:
        used = SpentCode.objects.filter(digest=name).exists()
        raise UnusableInput(
            "这个码已经用过了" if used else "没有这个码", place="信上的码", remedy="请对着纸再看一遍；用过的不再录入"
        )
    first = PaperEntry.objects.filter(digest=name).first()
    if first is None:
        return _first(candidate, name, said, by, at)
    if first.by_id == by.pk:
        PaperEntry.objects.filter(pk=first.pk).update(grade=said.grade, marks=written(said.marks), group=said.group)
        return Typed(candidate)
    differences = _differences(season, first, said)
    if differences:
        return Typed(candidate, differences=differences)
    if not put_in_box(candidate=candidate, code_digest=name, form=secrets.token_hex(32), said=said, at=at):
        raise QiguanError("这个码已经用过了", place="信上的码", remedy="这张不再录入", code="conflict")
    return Typed(candidate, cast=True)


def _first(candidate: Candidate, name: str, said: Said, by: User, at: datetime) -> Typed:
    try:
        with transaction.atomic():
            PaperEntry.objects.create(
                candidate=candidate, digest=name, grade=said.grade, marks=written(said.marks), group=said.group, by=by
            )
            record_audit(
                action="enter_paper_ballot", by=by, at=at, on=candidate.season, organ=candidate.season.organ, fields=["first"]
            )
    except IntegrityError as error:
        raise QiguanError("有人刚录了这一张", place="信上的码", remedy="请再交一次", code="conflict") from error
    return Typed(candidate)


def _differences(season: Season, first: PaperEntry, said: Said) -> list[tuple[str, str, str]]:
    """Return where two typings differ, in words."""

    def grade(n: int) -> str:
        return GRADES[n - 1] if n else "没有评"

    def point(n: int) -> str:
        return POINTS[n - 1] if n else "没有评"

    def group(n: int) -> str:
        return str(season.groups[n - 1][0]) if n else "没有填"

    pairs = [("总的满意程度", grade(first.grade), grade(said.grade)), ("人群", group(first.group), group(said.group))]
    for n, (a, b) in enumerate(zip(read(first.marks), said.marks, strict=True), 1):
        pairs += [(f"第{n}题满意程度", grade(a.grade), grade(b.grade)), (f"第{n}题答到点子上", point(a.point), point(b.point))]
    return [pair for pair in pairs if pair[1] != pair[2]]
