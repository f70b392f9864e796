"""被要求好评: whoever holds a letter's code can say so, before or after using it, once a code; nothing leads to the ballot."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qiguan.core.days import day_of
from qiguan.core.errors import UnusableInput
from qiguan.core.said import plain_words
from qiguan.examination.actions.casting import TRIES
from qiguan.examination.ballots import PressureReport, SpentCode
from qiguan.examination.keys import digest, typed
from qiguan.examination.models import Candidate, Season
from qiguan.intake.actions.allow import demand_room


def report_pressure(*, season: Season, code: str, words: str, visitor: str, at: datetime, now: datetime) -> bool:
    """Keep a report; False where this code has reported before. The supervisor reads the words, the unit never does."""
    demand_room(what="examination code", who=visitor, rate=TRIES, now=now)
    kept = plain_words(words, place="怎么回事", most=500) if words.strip() else ""
    read = typed(code)
    name = digest("code", season.public_id, read) if read else ""
    found = Candidate.objects.filter(season=season, codes__digest=name).first() if name else None
    if found is None and name:
        spent = SpentCode.objects.filter(digest=name, candidate__season=season).select_related("candidate").first()
        found = spent.candidate if spent is not None else None
    if found is None:
        raise UnusableInput("没有这个码", place="信上的码", remedy="请照信上的再输一遍；结果公布以后，码就全部删掉了")
    with transaction.atomic():
        _, new = PressureReport.objects.get_or_create(
            digest=digest("pressure", season.public_id, read), defaults={"candidate": found, "words": kept, "day": day_of(at)}
        )
    return new
