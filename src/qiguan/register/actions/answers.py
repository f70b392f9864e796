"""A person answers what a file could not: is it the same account, whose claim stands."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qiguan.core.errors import QiguanError
from qiguan.people.actions import record_audit
from qiguan.people.models import Role, User
from qiguan.people.queries import demand_role
from qiguan.register.actions.imports import PLAIN, RENAMED_FIELDS, Fate, Planned, _apply_chunk, _organs, plan_file
from qiguan.register.actions.organs import OrganBook
from qiguan.register.models import SheetFile, SheetRow


def answer_row(*, file: SheetFile, number: int, answer: str, by: User | None, at: datetime) -> None:
    """Apply a person's answer to one row: same | other (for 需要确认), accept | keep (for 两家报送)."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, organ=file.organ) if answer in {"accept", "keep"} else demand_role(
            by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=file.organ
        )
    row = SheetRow.objects.filter(file=file, number=number, answered="").first()
    planned = next((p for p in plan_file(file).rows if p.row.number == number), None)
    if row is None or planned is None or answer not in {"same", "other", "accept", "keep"}:
        raise QiguanError("这一行已经确认过了，或不在文件里", place=f"第{number}行", remedy="请刷新页面", code="conflict")
    target = planned.alike[0] if planned.alike else planned.account
    with transaction.atomic():
        row.delete()
        if answer == "other":
            done = Planned(planned.row, Fate.CREATED, None, {})
        elif answer == "keep" or target is None:
            done = Planned(planned.row, Fate.SAME, target, {})
        else:
            fields = {f: ("", "") for f in (*PLAIN, *RENAMED_FIELDS, "owner", "supervisor") if f in planned.row.values}
            changes = {f: (str(getattr(target, RENAMED_FIELDS.get(f, f)) or ""), "") for f in fields}
            done = Planned(planned.row, Fate.CHANGED, target, changes)
        organs = _organs([done], OrganBook(file.organ), by, at)
        _apply_chunk(file, [done], organs, at)
        SheetRow.objects.filter(file=file, number=number).update(answered=answer)
        record_audit(action="answer_row", by=by, at=at, on=file, organ=file.organ)
