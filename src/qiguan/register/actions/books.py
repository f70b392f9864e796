"""A whole workbook: every register sheet of it imported, one after the other, and undone as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from qiguan.core.errors import QiguanError
from qiguan.core.sheet import Sheet
from qiguan.people.actions import record_audit
from qiguan.people.models import Role, User
from qiguan.people.queries import demand_role
from qiguan.register.actions.applying import apply_file
from qiguan.register.actions.undoing import demand_last, undo_file
from qiguan.register.models import SheetFile
from qiguan.register.queries.planning import plan_file, sheets_of
from qiguan.register.queries.preview import preview_of

State = SheetFile.State
Moved = Callable[[int, int], None]


def head_of(file: SheetFile) -> SheetFile:
    """Return the row that stands for the whole workbook."""
    return file if file.part_of is None else file.part_of


def preview_book(head: SheetFile, *, sheets: Sequence[Sheet] | None = None) -> list[SheetFile]:
    """Return the workbook's registers, each with its `preview`, made once and kept; the bytes are read once for all.

    `sheets`: its registers where the caller has just read them.
    """
    files = head.sheets
    lacking = [f for f in files if not f.preview and f.state in {State.PREVIEW, State.LEFT}]
    if lacking and sheets is None:
        sheets = sheets_of(head)
    for file in lacking:
        file.preview = preview_of(plan_file(file, sheets=sheets), file)
        SheetFile.objects.filter(pk=file.pk, state=file.state).update(preview=file.preview)
    return files


def leave_sheet(*, file: SheetFile, leave: bool, by: User | None, at: datetime) -> SheetFile:
    """Leave one sheet of a workbook out of the import, or take it in again."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=file.organ)
    was, now = (State.PREVIEW, State.LEFT) if leave else (State.LEFT, State.PREVIEW)
    with transaction.atomic():
        if not SheetFile.objects.filter(pk=file.pk, state=was).update(state=now):
            file.refresh_from_db()
            _refuse(file)
        file.state = now
        record_audit(action="leave_sheet" if leave else "take_sheet", by=by, at=at, on=file, organ=file.organ)
    return file


def apply_book(*, head: SheetFile, by: User | None, at: datetime, moved: Moved | None = None) -> SheetFile:
    """Import every sheet that is not left out; after a crash it goes on with the sheet and row where it stopped."""
    todo = [f for f in head.sheets if f.state in {State.PREVIEW, State.APPLYING}]
    if not todo:
        _refuse(head)
    sheets = sheets_of(head)
    sizes = [int(f.preview.get("total", 0)) for f in todo]
    for nth, file in enumerate(todo):
        apply_file(file=file, by=by, at=at, moved=_shifted(moved, sum(sizes[:nth]), sum(sizes[nth + 1 :])), sheets=sheets)
    return head


def undo_book(*, head: SheetFile, by: User | None, at: datetime, moved: Moved | None = None) -> SheetFile:
    """Put back what stood before the whole workbook, the last sheet first. Raises QiguanError under a later file."""
    files = head.sheets
    todo = [f for f in reversed(files) if f.state in {State.APPLIED, State.UNDOING}]
    if not todo or any(f.state == State.APPLYING for f in files):
        _refuse(head)
    for file in todo:
        demand_last(file, but=files)
    sizes = [sum(f.counts.values()) for f in todo]
    for nth, file in enumerate(todo):
        undo_file(file=file, by=by, at=at, moved=_shifted(moved, sum(sizes[:nth]), sum(sizes[nth + 1 :])))
    return head


def _shifted(moved: Moved | None, before: int, after: int) -> Moved | None:
    """Tell the progress of one sheet as that of the workbook."""
    return None if moved is None else lambda done, total: moved(before + done, before + total + after)


def _refuse(file: SheetFile) -> None:
    word = file.get_state_display() if file.part_of_id else file.whole_word
    raise QiguanError(f"这个文件{word}，不能再做这一步", place=file.name, remedy="请刷新页面看看现在的状态", code="conflict")
