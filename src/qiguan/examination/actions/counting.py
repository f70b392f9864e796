"""Close a season: write the box anew, count it, show it to nobody until it is published; then nothing of the codes remains."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qiguan.core.errors import QiguanError
from qiguan.examination.actions.mixing import forget_freed_space, mix_season
from qiguan.examination.ballots import Code, OpenHour, OpenSource, PaperEntry, SpentCode
from qiguan.examination.models import Phase, Result, Season
from qiguan.examination.queries.counting import count_box
from qiguan.examination.queries.permits import demand_examiner
from qiguan.people.actions import record_audit
from qiguan.people.models import User


def count_season(*, season: Season, drop_half_typed: bool = False, by: User | None, at: datetime) -> Result:
    """Count a season after its last day. Safe to stop and to run again: it is counted when the result is stored.

    1. Write the box anew. 2. Count. 3. Store the result and drop the sources and hours of the open panel, in one step.
    """
    if by is not None:
        demand_examiner(by, season)
    if season.phase(at) != Phase.CLOSING:
        raise QiguanError("评分截止以后才统计，只统计一次", place=season.title, remedy="请看现在到了哪一步")
    half = PaperEntry.objects.filter(candidate__season=season)
    if (n := half.count()) and not drop_half_typed:
        raise QiguanError(f"还有{n}份纸质答卷只录了一遍", place="纸质答卷", remedy="评分已截止，这些不能再计入；确认后统计")
    mix_season(season=season)
    data = count_box(season)
    with transaction.atomic():
        if not Season.objects.filter(pk=season.pk, stage=Season.Stage.DRAWN).update(stage=Season.Stage.COUNTED, counted_at=at):
            raise QiguanError("已经有人统计了", place=season.title, remedy="请刷新页面", code="conflict")
        result = Result.objects.create(season=season, data={**data, "half_typed": n})
        half.delete()
        OpenSource.objects.filter(candidate__season=season).delete()
        OpenHour.objects.filter(candidate__season=season).delete()
        record_audit(action="count_season", by=by, at=at, on=season, organ=season.organ, fields=["stage"])
    forget_freed_space()
    season.refresh_from_db()
    return result


def publish_season(*, season: Season, by: User | None, at: datetime) -> None:
    """Publish the result, and delete every code, used or not: from now on nobody can even ask whether a code was used."""
    if by is not None:
        demand_examiner(by, season)
    with transaction.atomic():
        held = Season.objects.filter(pk=season.pk, stage=Season.Stage.COUNTED)
        if not held.update(stage=Season.Stage.PUBLISHED, published_at=at):
            raise QiguanError("统计以后才公布，只公布一次", place=season.title, remedy="请看现在到了哪一步")
        record_audit(action="publish_season", by=by, at=at, on=season, organ=season.organ, fields=["stage"])
    for model in (Code, SpentCode):
        while keys := list(model._default_manager.filter(candidate__season=season).values_list("pk", flat=True)[:2000]):
            model._default_manager.filter(pk__in=keys).delete()
    forget_freed_space()
    season.refresh_from_db()
