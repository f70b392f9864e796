"""报送任务: each organ gets its own rows already filled to correct; a missing row asks why and deletes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from qiguan.core.errors import QiguanError
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, Role, User
from qiguan.people.queries import demand_role
from qiguan.register.actions.books import apply_book
from qiguan.register.actions.imports import receive_file
from qiguan.register.actions.shares import accounts_of
from qiguan.register.models import ReturnShare, ReturnTask, SheetFile
from qiguan.register.queries.export import register_xlsx


def open_return(*, organ: Organ, title: str, due_on: date, organs: Sequence[Organ], by: User | None, at: datetime) -> ReturnTask:
    """Ask these organs (below `organ`) to correct their rows by a day."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, organ=organ)
    if not title.strip() or not organs:
        raise QiguanError("要写任务名称，至少选一个单位", place="报送任务", remedy="请补全")
    if any(not o.path.startswith(organ.path) for o in organs):
        raise QiguanError("只能要求本级以下的单位报送", place="报送单位", remedy="请重新选择")
    with transaction.atomic():
        task = ReturnTask.objects.create(
            organ=organ, organ_path=organ.path, title=title.strip()[:120], due_on=due_on, opened_at=at, opened_by=by
        )
        ReturnShare.objects.bulk_create(
            [ReturnShare(task=task, organ=o, organ_path=o.path, expected=accounts_of(o).count()) for o in organs]
        )
        record_audit(action="open_return", by=by, at=at, on=task, organ=organ, count=len(organs))
    return task


def share_file(share: ReturnShare) -> bytes:
    """The organ's own rows, already filled, as xlsx."""
    return register_xlsx(accounts_of(share.organ))


def receive_share(*, share: ReturnShare, name: str, data: bytes, by: User | None, at: datetime) -> SheetFile:
    """Take an organ's corrected file for its preview, every register sheet of it; applying it notes the share as sent."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=share.organ)
    _demand_open(share.task)
    return receive_file(organ=share.organ, name=name, data=data, share=share, by=by, at=at)


def send_share(*, share: ReturnShare, name: str, data: bytes, by: User | None, at: datetime) -> SheetFile:
    """Take and apply in one step: good rows are applied, claims on others' accounts wait, missing rows ask why."""
    return apply_book(head=receive_share(share=share, name=name, data=data, by=by, at=at), by=by, at=at)


def confirm_unchanged(*, share: ReturnShare, by: User | None, at: datetime) -> ReturnShare:
    """Say that the organ's rows are right as they stand: sent, nothing missing."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=share.organ)
    _demand_open(share.task)
    with transaction.atomic():
        share.sent_at, share.unreported = at, []
        share.save(update_fields=["sent_at", "unreported"])
        record_audit(action="confirm_unchanged", by=by, at=at, on=share.task, organ=share.organ)
    return share


def close_return(*, task: ReturnTask, by: User | None, at: datetime) -> ReturnTask:
    """End a return: nothing more is taken. Who has not sent stays 本次未报; nothing is deleted."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, organ=task.organ)
    _demand_open(task)
    with transaction.atomic():
        task.closed_at = at
        task.save(update_fields=["closed_at"])
        record_audit(action="close_return", by=by, at=at, on=task, organ=task.organ)
    return task


def _demand_open(task: ReturnTask) -> None:
    if task.closed_at is not None:
        raise QiguanError("这次报送已经结束", place=task.title, remedy="请联系发起单位", code="conflict")


def explain_missing(*, share: ReturnShare, account: str, why: str, by: User | None, at: datetime) -> None:
    """Say why an account was not reported: 已注销, 移交, 漏报. Nothing is deleted by it."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=share.organ)
    with transaction.atomic():
        for row in share.unreported:
            if row["account"] == account:
                row["why"] = why.strip()[:200]
        share.save(update_fields=["unreported"])
        record_audit(action="explain_missing", by=by, at=at, on=share.task, organ=share.organ)
