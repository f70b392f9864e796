"""Receive a register and show how it would be read; applying and undoing stand beside it.

1. `receive_file` keeps the bytes and opens a preview (`later`: a large one is read by `read_file` in the background).
2. `choose_columns` and `choose_sheet` correct it. 3. `apply_file` (applying.py) imports it. 4. `undo_file` (undoing.py)
puts back what stood before.
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
from qiguan.register.actions.undoing import undo_file
from qiguan.register.models import ReturnShare, SheetFile
from qiguan.register.queries.planning import Plan, Planned, plan_file, sheets_of
from qiguan.register.queries.preview import preview_of

__all__ = [
    "CHUNK", "Plan", "Planned", "apply_file", "choose_columns", "choose_sheet", "plan_file", "preview_file", "read_file", "receive_file",
    "receive_sheets", "undo_file",
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

    Of a workbook with several registers the largest sheet; `choose_sheet` takes another. `later` only keeps the bytes.
    """
    if by is not None:
        demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=organ)
    pairs = [] if later else sheets_of(name, data, organ, {})
    blob = store_blob(data=data, media_type="application/octet-stream", at=at)
    with transaction.atomic():
        file = SheetFile.objects.create(
            organ=organ, organ_path=organ.path, share=share, name=name[:200], digest=blob.digest, sent_at=at, sent_by=by,
            sheet=pairs[0][0].name[:100] if pairs else "", header_row=pairs[0][1].header_row if pairs else 0,
            state=SheetFile.State.READING if later else SheetFile.State.PREVIEW,
        )  # fmt: skip
        record_audit(action="receive_file", by=by, at=at, on=file, organ=organ)
    return file


def receive_sheets(
    *, organ: Organ, name: str, data: bytes, share: ReturnShare | None = None, by: User | None, at: datetime
) -> list[SheetFile]:
    """Receive every sheet of a workbook that holds a register: one file of ours each, the largest first."""
    first = receive_file(organ=organ, name=name, data=data, share=share, by=by, at=at)
    return [first, *_others(first, by=by, at=at)]


def _others(first: SheetFile, *, by: User | None, at: datetime) -> list[SheetFile]:
    """The further registers of the same workbook."""
    others = []
    for sheet, columns in sheets_of(first.name, read_blob(first.digest), first.organ, {})[1:]:
        with transaction.atomic():
            other = SheetFile.objects.create(
                organ=first.organ, organ_path=first.organ_path, share=first.share, name=first.name, digest=first.digest, sheet=sheet.name[:100],
                header_row=columns.header_row, sent_at=at, sent_by=by,
            )  # fmt: skip
            record_audit(action="receive_file", by=by, at=at, on=other, organ=first.organ)
        others.append(other)
    return others


def read_file(*, file: SheetFile, by: User | None, at: datetime) -> SheetFile:
    """Read a file that was received `later`: its preview, or the sentence why it cannot be read."""
    demand_state(file, SheetFile.State.READING)
    try:
        pairs = sheets_of(file.name, read_blob(file.digest), file.organ, {})
        file.sheet, file.header_row = pairs[0][0].name[:100], pairs[0][1].header_row
        file.state = SheetFile.State.PREVIEW
        file.preview = preview_of(plan_file(file), file, [s.name for s, _ in pairs])
    except UnusableInput as error:
        file.state, file.notes = SheetFile.State.FAILED, [str(error)]
    with transaction.atomic():
        file.save(update_fields=["sheet", "header_row", "state", "preview", "notes"])
        record_audit(action="read_file", by=by, at=at, on=file, organ=file.organ)
    return file


def preview_file(file: SheetFile) -> dict[str, object]:
    """Return what the preview page shows, made once and kept with the file. Raises UnusableInput."""
    if not file.preview:
        names = [s.name for s, _ in sheets_of(file.name, read_blob(file.digest), file.organ, file.mapping)]
        file.preview = preview_of(plan_file(file), file, names)
        SheetFile.objects.filter(pk=file.pk, state=SheetFile.State.PREVIEW).update(preview=file.preview)
    return dict(file.preview)


def choose_columns(*, file: SheetFile, chosen: Mapping[str, str], by: User | None, at: datetime) -> SheetFile:
    """Correct how columns are read (header text → field code, "" for none); remembered for this sender when applied."""
    return _correct(file, by, at, mapping=dict(chosen))


def choose_sheet(*, file: SheetFile, sheet: str, by: User | None, at: datetime) -> SheetFile:
    """Read another sheet of the workbook instead."""
    return _correct(file, by, at, sheet=sheet[:100], mapping={})


def _correct(file: SheetFile, by: User | None, at: datetime, **changes: object) -> SheetFile:
    if by is not None:
        demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=file.organ)
    demand_state(file, SheetFile.State.PREVIEW)
    with transaction.atomic():
        for field, value in changes.items():
            setattr(file, field, value)
        file.preview = {}
        file.save(update_fields=[*changes, "preview"])
        record_audit(action="correct_file", by=by, at=at, on=file, organ=file.organ, fields=list(changes))
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
