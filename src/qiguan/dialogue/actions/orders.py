"""对接12345: messages go out by number, order numbers and answers come back, by file or by the API. One clock: ours, from the day of receipt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from qiguan.core.errors import QiguanError
from qiguan.core.plain_text import one_line
from qiguan.dialogue.actions.replying import answer_from_order
from qiguan.dialogue.models import Desk, Message, MessageQuerySet
from qiguan.people.actions import record_audit
from qiguan.people.models import User, any_within

MOST = 500
COLUMNS = ("编号", "类别", "内容", "写给", "收到", "答复期限", "工单号", "答复")


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One row that came back: our number, theirs, and the answer if there is one. `place` says where it stood."""

    public_id: str
    order_no: str
    answer: str
    place: str


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of a row: "" where it was taken, else why not."""

    place: str
    trouble: str = ""
    changed: bool = False


def linked_messages(desk: Desk) -> MessageQuerySet:
    """Return what the desk hands over: no complaint about anybody, nothing held, nothing deleted, only what still waits."""
    return (
        Message.objects.public_facts()
        .open()
        .filter(any_within(["office_path"], [desk.organ_path]), linked=True)
        .select_related("organ")
        .order_by("pk")
    )


def take_orders(*, desk: Desk, rows: Iterable[OrderRow], by: User | None, at: datetime) -> Sequence[RowOutcome]:
    """Take order numbers and answers, each row by itself: nothing good is lost to one bad row. The same file again changes nothing."""
    out = []
    for row in list(rows)[:MOST]:
        try:
            out.append(RowOutcome(row.place, changed=_take(desk, row, by, at)))
        except QiguanError as error:
            out.append(RowOutcome(row.place, trouble=str(error)))
    return out


def _take(desk: Desk, row: OrderRow, by: User | None, at: datetime) -> bool:
    number = one_line(row.order_no, most=60)
    if not number:
        raise QiguanError("没有工单号", place=row.place, remedy="每一行都要有12345的工单号")
    with transaction.atomic():
        free = Message.objects.public_facts().filter(any_within(["office_path"], [desk.organ_path]), linked=True)
        found = free.select_for_update(of=("self",)).filter(public_id=row.public_id.replace("\x00", "")[:16]).first()
        if found is None:
            raise QiguanError("没有这个编号", place=row.place, remedy="编号要和导出的一致；可能写的人已经删了")
        if found.order_no and found.order_no != number:
            raise QiguanError(f"已有工单号{found.order_no}", place=row.place, remedy="一条留言只对一个工单；请核对")
        changed = not found.order_no
        if changed:
            Message.objects.filter(pk=found.pk).update(order_no=number, order_at=at)
            found.order_no = number
        if row.answer.strip():
            changed = answer_from_order(message=found, text=row.answer, order_no=number, by=by, at=at) is not None or changed
        if changed:
            record_audit(action="take_order", by=by, at=at, on=found, organ=desk.organ, fields=["order_no"])
    return changed
