"""A person answers what a file could not: is it the same account, whose claim stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction

from qiguan.core.errors import QiguanError
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, Role, User
from qiguan.people.queries import demand_role
from qiguan.register.actions.applying import count_rows
from qiguan.register.actions.organs import found_named
from qiguan.register.actions.shares import note_share
from qiguan.register.actions.writing import Writer
from qiguan.register.models import Account, SheetFile, SheetRow
from qiguan.register.queries.planning import Plan, Planned, changes_of, plan_file

Fate = SheetRow.Fate
ANSWERS = {"same", "other", "accept", "keep"}


def answer_row(
    *, file: SheetFile, number: int, answer: str, account: str = "", plan: Plan | None = None, by: User | None, at: datetime
) -> None:
    """Apply a person's answer to one row: same | other (for 需要确认), accept | keep (for 两家报送).

    `account` is the public id of the one meant where several are alike. What lies outside the sender's subtree is decided
    by somebody who supervises both sides. `plan`: the file as planned for this row, where the caller has it.
    """
    if by is not None:
        demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=file.organ)
    if answer not in ANSWERS or file.state != SheetFile.State.APPLIED:
        plan = None
    elif plan is None:
        plan = plan_file(file, only={number})
    planned = next((p for p in plan.rows if p.row.number == number), None) if plan is not None else None
    row = SheetRow.objects.filter(file=file, number=number, answered="", fate__in=[Fate.ASK, Fate.CLAIM]).first()
    if plan is None or planned is None or row is None:
        raise QiguanError("这一行已经确认过了，或不在文件里", place=f"第{number}行", remedy="请刷新页面", code="conflict")
    target = _target(planned, account)
    owner = plan.book.find(str(planned.row.values.get("owner") or "")) if planned.row.values.get("owner") else file.organ
    _demand_right(answer, plan, target, owner, by)
    decided = _decided(planned, target, answer, owner, plan)
    try:
        with transaction.atomic():
            row.delete()
            if decided.fate == Fate.CREATED and owner is None:
                name = str(planned.row.values["owner"])
                found_named(founds={name: plan.book.parent_for(name)}, levels={}, book=plan.book, by=by, at=at)
            Writer(plan.book, at).write(file, [decided], answered=answer)
            file.counts = count_rows(file)
            file.save(update_fields=["counts"])
            if file.share is not None:
                note_share(file=file, at=at)
            record_audit(action="answer_row", by=by, at=at, on=file, organ=file.organ)
    except IntegrityError as error:
        raise QiguanError(
            "这个账号ID已经登记在别的账号上",
            place=f"第{number}行",
            remedy="请核对账号ID，或选“是登记册里的那个”",
            code="conflict",
        ) from error


def _target(planned: Planned, account: str) -> Account | None:
    """The account an answer is about: the one named, else the only one there is."""
    if planned.account is not None:
        return planned.account
    alike = [a for a in planned.alike if a.public_id == account] if account else list(planned.alike)
    if len(alike) > 1:
        raise QiguanError(f"有{len(alike)}个同名的账号", place=f"第{planned.row.number}行", remedy="请选是哪一个")
    return alike[0] if alike else None


def _demand_right(answer: str, plan: Plan, target: Account | None, owner: Organ | None, by: User | None) -> None:
    """Whoever decides over another organ's account supervises it too."""
    if by is None:
        return
    if answer in {"accept", "keep"}:
        demand_role(by, Role.SUPERVISOR, organ=plan.book.sender)
    concerned = [target.owner] if target is not None and answer in {"same", "accept", "keep"} else []
    concerned += [owner] if owner is not None and answer != "keep" else []
    for organ in concerned:
        if not plan.book.holds(organ):
            demand_role(by, Role.SUPERVISOR, organ=organ)


def _decided(planned: Planned, target: Account | None, answer: str, owner: Organ | None, plan: Plan) -> Planned:
    if answer == "other":
        if planned.account is not None:
            raise QiguanError("账号ID相同，就是同一个账号", place=f"第{planned.row.number}行", remedy="请选按哪一家的为准")
        return replace(planned, fate=Fate.CREATED, account=None, why="")
    if target is None:
        raise QiguanError("登记册里没有同名的账号", place=f"第{planned.row.number}行", remedy="请选“是另一个账号”")
    if answer == "keep":
        return replace(planned, fate=Fate.SAME, account=target, changes={})
    changes = changes_of(target, planned.row, owner if planned.row.values.get("owner") else None, plan.book)
    if not planned.row.values.get("owner") and answer == "accept" and target.owner != plan.book.sender:
        changes["owner"] = (target.owner.name, plan.book.sender.name)
    return replace(planned, fate=Fate.CHANGED if changes else Fate.SAME, account=target, changes=changes)
