"""A bulletin's way: drafted, approved by another person, shown to the units three working days, published, corrected by another."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from qiguan.core.calendar import UnknownYear, WorkCalendar
from qiguan.core.days import day_of, end_of, say_day
from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.inspection.models import Round, RoundAccount
from qiguan.jobs.models import WorkingDay
from qiguan.people.actions import record_audit
from qiguan.people.models import Role, User
from qiguan.people.queries import demand_role
from qiguan.publication.models import Bulletin, UnitReply

PREVIEW_DAYS = 3
EDITABLE = ("title", "number", "addressees", "opening", "closing", "rectify_by")


def draft_bulletin(
    *, round_: Round, by: User | None, at: datetime, corrects: Bulletin | None = None, correction: str = ""
) -> Bulletin:
    """Draft the bulletin of a settled round. A correction names the published one it corrects and says what was wrong."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, organ=round_.organ)
    if round_.stage != Round.Stage.SETTLED:
        raise QiguanError(f"“{round_.title}”{round_.get_stage_display()}", place="拟稿", remedy="研判完并定案后再拟通报")
    mine = Bulletin.objects.filter(round=round_)
    going = mine.exclude(stage__in=[Bulletin.Stage.DROPPED, Bulletin.Stage.PUBLISHED]).first()
    if going is not None:
        raise QiguanError(f"这一批次已有通报（{going.get_stage_display()}）", place=going.title, remedy="请在那一份上改")
    if corrects is None and mine.filter(stage=Bulletin.Stage.PUBLISHED).exists():
        raise QiguanError("这一批次的通报已经印发", place=round_.title, remedy="要改，请发更正")
    if corrects is not None and (corrects.stage != Bulletin.Stage.PUBLISHED or not correction.strip()):
        raise QiguanError("更正要针对已印发的通报，并写明哪里错了", place="更正说明", remedy="写一两句，会原样印出")
    title = f"关于{round_.title.removesuffix('检查')}政务新媒体检查情况的通报"
    with transaction.atomic():
        bulletin = Bulletin.objects.create(
            organ=round_.organ, organ_path=round_.organ_path, round=round_, title=(f"{corrects.title}（更正）" if corrects else title)[:200],
            addressees=corrects.addressees if corrects else "", closing=corrects.closing if corrects else "", drafted_at=at, drafted_by=by,
            corrects=corrects, correction=correction.strip()[:600],
        )  # fmt: skip
        record_audit(action="draft_bulletin", by=by, at=at, on=bulletin, organ=round_.organ, fields=["round"])
    return bulletin


def edit_bulletin(*, bulletin: Bulletin, changes: dict[str, Any], by: User, at: datetime) -> None:
    """Change the words that people write (EDITABLE) while it is a draft; figures are computed and cannot be written."""
    demand_role(by, Role.SUPERVISOR, organ=bulletin.organ)
    wanted = {name: value for name, value in changes.items() if name in EDITABLE and getattr(bulletin, name) != value}
    if not wanted:
        return
    if "title" in wanted and not str(wanted["title"]).strip():
        raise QiguanError("标题是空的", place="标题", remedy="请填标题")
    with transaction.atomic():
        if Bulletin.objects.filter(pk=bulletin.pk, stage=Bulletin.Stage.DRAFT).update(**wanted) != 1:
            raise QiguanError(f"通报{bulletin.get_stage_display()}，不能再改", place=bulletin.title, remedy="退回拟稿后再改")
        record_audit(action="edit_bulletin", by=by, at=at, on=bulletin, organ=bulletin.organ, fields=sorted(wanted))
    bulletin.refresh_from_db()


def approve_bulletin(*, bulletin: Bulletin, by: User, at: datetime) -> None:
    """Approve a draft: another person than the one who drafted it."""
    demand_role(by, Role.SUPERVISOR, Role.LEADER, organ=bulletin.organ)
    if bulletin.drafted_by_id == by.pk:
        raise NotPermitted("拟稿人不能自己审签", place=bulletin.title, remedy="请另一位监管员或分管负责人审签", code="forbidden")
    _move(bulletin, [Bulletin.Stage.DRAFT], Bulletin.Stage.APPROVED, by, at, approved_at=at, approved_by=by)


def send_back_bulletin(*, bulletin: Bulletin, by: User, at: datetime) -> None:
    """Send it back to the draft, from approval or from the preview; what the units have said stays."""
    demand_role(by, Role.SUPERVISOR, Role.LEADER, organ=bulletin.organ)
    _move(
        bulletin, [Bulletin.Stage.APPROVED, Bulletin.Stage.PREVIEW], Bulletin.Stage.DRAFT, by, at,
        approved_at=None, approved_by=None, preview_at=None, preview_until=None, preview_why="",
    )  # fmt: skip


def show_to_units(*, bulletin: Bulletin, by: User, at: datetime) -> date:
    """Show an approved bulletin to its units for three working days; return the last day. An unknown year is told, not guessed."""
    demand_role(by, Role.SUPERVISOR, organ=bulletin.organ)
    rows = WorkingDay.objects.filter(day__year__gte=day_of(at).year).values_list("day", "is_working", "note")
    try:
        last = WorkCalendar(rows).deadline(day_of(at), PREVIEW_DAYS)
    except UnknownYear as error:
        raise QiguanError(error.message, place="征求意见的期限", remedy="先在工作日历里录入这一年的放假通知") from error
    _move(
        bulletin, [Bulletin.Stage.APPROVED], Bulletin.Stage.PREVIEW, by, at, preview_at=at, preview_until=last.day, preview_why=last.because[:300]
    )  # fmt: skip
    return last.day


def reply_to_bulletin(*, bulletin: Bulletin, line: RoundAccount, sort: str, words: str, by: User, at: datetime) -> UnitReply:
    """Keep what a unit says to its line, within the preview; printed unchanged. The newest one counts, none is lost."""
    demand_role(by, Role.UNIT_ADMIN, organ=line.account.owner)
    words = words.strip()[:300]
    if line.round_id != bulletin.round_id:
        raise QiguanError("这个账号不在这份通报里", place=line.name, remedy="请从通报的附件里选")
    if bulletin.stage != Bulletin.Stage.PREVIEW or bulletin.preview_until is None or at > end_of(bulletin.preview_until):
        when = f"已于{say_day(bulletin.preview_until)}结束" if bulletin.preview_until else "还没有开始"
        raise QiguanError(f"征求意见{when}", place=line.name, remedy="可以在整改单上申诉")
    if not words and sort == UnitReply.Sort.REPLY:
        raise QiguanError("没有写情况说明", place="情况说明", remedy="最多300字，会一字不改印在通报里")
    with transaction.atomic():
        reply = UnitReply.objects.create(bulletin=bulletin, line=line, sort=sort, words=words, at=at, by=by)
        record_audit(action="reply_to_bulletin", by=by, at=at, on=reply, organ=line.account.owner, fields=["words"])
    return reply


def answer_reply(*, reply: UnitReply, words: str, by: User, at: datetime) -> None:
    """Say what the office made of a unit's word; "not our account" must be answered before publication."""
    demand_role(by, Role.SUPERVISOR, organ=reply.bulletin.organ)
    words = words.strip()[:300]
    if not words:
        raise QiguanError("没有写处理意见", place="处理意见", remedy="写一句核实的结果")
    with transaction.atomic():
        UnitReply.objects.filter(pk=reply.pk).update(answered=words, answered_at=at, answered_by=by)
        record_audit(action="answer_reply", by=by, at=at, on=reply, organ=reply.bulletin.organ, fields=["answered"])
    reply.refresh_from_db()


def drop_bulletin(*, bulletin: Bulletin, by: User, at: datetime) -> None:
    """Give a bulletin up before it is published; it stays in the list."""
    demand_role(by, Role.SUPERVISOR, organ=bulletin.organ)
    _move(bulletin, [Bulletin.Stage.DRAFT, Bulletin.Stage.APPROVED, Bulletin.Stage.PREVIEW], Bulletin.Stage.DROPPED, by, at)


def _move(bulletin: Bulletin, from_: list[str], to: str, by: User, at: datetime, **more: Any) -> None:
    """Change the stage if it still is one of `from_`; of two people who press at once the second is told."""
    with transaction.atomic():
        if Bulletin.objects.filter(pk=bulletin.pk, stage__in=from_).update(stage=to, **more) != 1:
            bulletin.refresh_from_db()
            raise QiguanError(f"通报现在是“{bulletin.get_stage_display()}”", place=bulletin.title, remedy="刷新后再看")
        record_audit(action=f"bulletin_{to}", by=by, at=at, on=bulletin, organ=bulletin.organ, fields=["stage"])
    bulletin.refresh_from_db()
