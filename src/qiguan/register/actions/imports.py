"""Receive a register and show how it would be read; applying and undoing stand beside it.

1. `receive_file` keeps the bytes and opens a preview of every register sheet (`later`: a large one is read by `read_file` in
the background). 2. `choose_columns` and `leave_sheet` (books.py) correct it. 3. `apply_book` imports it (applying.py: a sheet).
4. `undo_book` puts back what stood before (undoing.py: a sheet).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from qiguan.archive.actions import read_blob, store_blob
from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, Role, User
from qiguan.people.queries import demand_role
from qiguan.register.actions.applying import CHUNK, apply_file
from qiguan.register.actions.books import preview_book
from qiguan.register.actions.undoing import undo_file
from qiguan.register.models import ReturnShare, SheetFile
from qiguan.register.queries.planning import Book, Plan, Planned, plan_file, read_book
from qiguan.register.queries.preview import preview_of

__all__ = [
    "CHUNK", "Plan", "Planned", "apply_file", "choose_columns", "plan_file", "read_file", "receive_file", "receive_sheets", "undo_file",
]  # fmt: skip


def receive_file(
    *,
    organ: Organ,
    name: str,
    data: bytes,
    share: ReturnShare | None = None,
    later: bool = False,
    by: User | None,
    at: datetime,
) -> SheetFile:
    """Keep an uploaded register and open its preview. Raises UnusableInput where it cannot be read at all.

    Returns the head: the largest register of the workbook; the others are `part_of` it. `later` only keeps the bytes.
    """
    if by is not None:
        demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=organ)
    book = None if later else read_book(name, data, organ)
    blob = store_blob(data=data, media_type="application/octet-stream", at=at)
    with transaction.atomic():
        head = SheetFile.objects.create(
            organ=organ, organ_path=organ.path, share=share, name=name[:200], digest=blob.digest, sent_at=at, sent_by=by, state=SheetFile.State.READING
        )  # fmt: skip
        if book is not None:
            _lay_out(head, book)
        record_audit(action="receive_file", by=by, at=at, on=head, organ=organ, count=len(book.registers) if book else 1)
    return head


def receive_sheets(
    *, organ: Organ, name: str, data: bytes, share: ReturnShare | None = None, by: User | None, at: datetime
) -> list[SheetFile]:
    """Receive a workbook; return each of its registers, the head first."""
    return receive_file(organ=organ, name=name, data=data, share=share, by=by, at=at).sheets


def _lay_out(head: SheetFile, book: Book) -> None:
    """Give the head its sheet, and each further register a row of its own."""
    (first, columns), *others = book.registers
    head.sheet, head.header_row, head.state = first.name[:100], columns.header_row, SheetFile.State.PREVIEW
    head.left_out = [[name[:100], why] for name, why in book.left_out]
    head.save(update_fields=["sheet", "header_row", "state", "left_out"])
    for sheet, read in others:
        SheetFile.objects.create(
            part_of=head, organ=head.organ, organ_path=head.organ_path, share=head.share, name=head.name, digest=head.digest, sheet=sheet.name[:100],
            header_row=read.header_row, sent_at=head.sent_at, sent_by=head.sent_by,
        )  # fmt: skip


def read_file(*, file: SheetFile, by: User | None, at: datetime) -> SheetFile:
    """Read a file that was received `later`: its preview, or the sentence why it cannot be read."""
    demand_state(file, SheetFile.State.READING)
    book: Book | UnusableInput
    try:
        book = read_book(file.name, read_blob(file.digest), file.organ)
    except UnusableInput as error:
        book = error
    with transaction.atomic():
        if isinstance(book, Book):
            _lay_out(file, book)
        else:
            file.state, file.notes = SheetFile.State.FAILED, [str(book)]
            file.save(update_fields=["state", "notes"])
        record_audit(action="read_file", by=by, at=at, on=file, organ=file.organ)
    if isinstance(book, Book):
        preview_book(file, sheets=[sheet for sheet, _ in book.registers])
    return file


def choose_columns(*, file: SheetFile, chosen: Mapping[str, str], by: User | None, at: datetime) -> SheetFile:
    """Correct how a sheet's columns are read (header text → field code, "" for none); remembered for this sender when applied.

    Raises UnusableInput where it cannot be read so: then it stays as it was.
    """
    if by is not None:
        demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=file.organ)
    demand_state(file, SheetFile.State.PREVIEW)
    before = file.mapping
    try:
        file.mapping = dict(chosen)
        file.preview = preview_of(plan_file(file), file)
    except UnusableInput:
        file.mapping = before
        raise
    with transaction.atomic():
        file.save(update_fields=["mapping", "preview"])
        record_audit(action="correct_file", by=by, at=at, on=file, organ=file.organ, fields=["mapping"])
    return file


def demand_state(file: SheetFile, *states: str) -> None:
    """Raise QiguanError unless the file stands in one of the states."""
    if file.state not in states:
        raise QiguanError(
            f"这个文件{file.get_state_display()}，不能再做这一步",
            place=file.name,
            remedy="请刷新页面看看现在的状态",
            code="conflict",
        )
