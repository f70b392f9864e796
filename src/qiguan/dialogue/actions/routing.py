"""分办, 转办, 退回, 上报: a message changes hands, its clock does not. A complaint never reaches those it is about."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.plain_text import clean_text, one_line
from qiguan.core.private_numbers import mask
from qiguan.core.reply_clock import Kind
from qiguan.dialogue.actions.telling import tell_citizen, tell_officials
from qiguan.dialogue.models import Message, Reply, RoutingSample, Transfer
from qiguan.dialogue.queries.permits import acts_for_handler, demand_handler, demand_office
from qiguan.dialogue.queries.placing import above
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, User

SAMPLE = 2000  # characters of a text that the router learns from


def route_message(*, message: Message, to: Organ, why: str = "", by: User, at: datetime) -> Message:
    """Send a message to the unit that answers; the first decision of a person is kept for the router to learn from."""
    demand_office(by, message)
    demand_open(message)
    _demand_reachable(message, to)
    first = message.handler is None or message.transfers.filter(sort=Transfer.Sort.MACHINE).exists()
    with transaction.atomic():
        _hand(message, to=to, sort=Transfer.Sort.ROUTED, why=why, by=by, at=at)
        if first and message.kind != Kind.COMPLAINT:
            text = mask(message.text[:SAMPLE])
            sample = {"organ": to, "text": text, "at": at, "learned_at": None}
            RoutingSample.objects.update_or_create(message=message, defaults=sample)
    return message


def return_message(*, message: Message, why: str, by: User, at: datetime) -> Message:
    """Give a message back to the office, with the reason: not ours."""
    demand_handler(by, message)
    demand_open(message)
    why = clean_text(why, place="退回的理由", most=400, least=4)
    if message.handler_id == message.office_id:
        raise QiguanError("已经在受理单位手里", place="退回", remedy="请分给别的单位，或上报一级")
    with transaction.atomic():
        _drop_draft(message)
        changed = Message.objects.filter(pk=message.pk, handler=message.handler_id).update(
            handler=None, handler_path="", state=Message.State.ROUTING
        )
        _demand_unchanged(changed)
        Transfer.objects.create(
            message=message, sort=Transfer.Sort.RETURNED, start=message.handler, to=message.office, why=why, at=at, by=by
        )
        record_audit(action="return_message", by=by, at=at, on=message, organ=message.office, fields=["handler"])
        message.refresh_from_db()
        tell_officials(message=message, at=at)
    return message


def raise_message(*, message: Message, why: str, by: User, at: datetime) -> Message:
    """上报: give a matter to the office one level up, its clock running."""
    if not acts_for_handler(by, message):
        demand_office(by, message)
    demand_open(message)
    why = clean_text(why, place="上报的理由", most=400, least=4)
    office = above(message.office)
    with transaction.atomic():
        _drop_draft(message)
        start = message.handler or message.office
        changed = Message.objects.filter(pk=message.pk, office=message.office_id).update(
            office=office,
            office_path=office.path,
            handler=office,
            handler_path=office.path,
            state=Message.State.OPEN,
            raised_at=at,
        )
        _demand_unchanged(changed)
        Transfer.objects.create(message=message, sort=Transfer.Sort.RAISED, start=start, to=office, why=why, at=at, by=by)
        record_audit(action="raise_message", by=by, at=at, on=message, organ=office, fields=["office"])
        message.refresh_from_db()
        tell_officials(message=message, at=at)
        tell_citizen(message=message, occasion=f"raised:{office.pk}")
    return message


def name_complaint(*, message: Message, against: Organ | None, by: User, at: datetime) -> Message:
    """Say whom a message complains about: it goes one level above that organ. None: a person has read it, it is no complaint."""
    demand_office(by, message)
    demand_open(message)
    with transaction.atomic():
        if against is None:
            if message.against_id is not None:
                raise NotPermitted("已经写明是对哪个单位不满意", place="民情互动", remedy="不能改回普通留言", code="forbidden")
            Message.objects.filter(pk=message.pk).update(kind=Kind.HELP.value)
        else:
            office = above(against)
            _drop_draft(message)
            RoutingSample.objects.filter(message=message).delete()
            Message.objects.filter(pk=message.pk).update(
                kind=Kind.COMPLAINT.value, against=against, against_path=against.path, office=office, office_path=office.path,
                handler=office, handler_path=office.path, state=Message.State.OPEN, consented_at=None, released_at=None,
            )  # fmt: skip
            Transfer.objects.create(message=message, sort=Transfer.Sort.UP, start=message.office, to=office, at=at, by=by)
        record_audit(action="name_complaint", by=by, at=at, on=message, organ=message.office, fields=["kind"])
        message.refresh_from_db()
        tell_officials(message=message, at=at)
    return message


def _hand(message: Message, *, to: Organ, sort: str, why: str, by: User, at: datetime) -> None:
    start = message.handler
    _drop_draft(message)
    changed = Message.objects.filter(pk=message.pk, handler=message.handler_id).update(
        handler=to, handler_path=to.path, state=Message.State.OPEN
    )
    _demand_unchanged(changed)
    Transfer.objects.create(message=message, sort=sort, start=start, to=to, why=one_line(why, most=400), at=at, by=by)
    record_audit(action="route_message", by=by, at=at, on=message, organ=message.office, fields=["handler"])
    message.refresh_from_db()
    tell_officials(message=message, at=at)
    tell_citizen(message=message, occasion=f"routed:{message.transfers.count()}")


def demand_open(message: Message) -> None:
    """Raise QiguanError for what is deleted, held or answered."""
    if message.deleted_at is not None:
        raise QiguanError("写的人已经把它删了", place="民情互动", remedy="不用再办", code="conflict")
    if message.held:
        raise QiguanError("这条还在暂存", place="民情互动", remedy="请先放行或维持暂存", code="conflict")
    if message.state == Message.State.ANSWERED:
        raise QiguanError("已经答复了", place="民情互动", remedy="请刷新页面", code="conflict")


def _demand_reachable(message: Message, to: Organ) -> None:
    """A unit of the office's own subtree, living, and not those the message is about."""
    if message.against is not None and to.path.startswith(message.against_path):
        raise NotPermitted(
            "不能转给被说到的单位和它下面的单位", place="分办", remedy="请由本单位或别的单位办", code="no_retaliation"
        )
    if message.kind == Kind.COMPLAINT and message.against is None and to.pk != message.office_id:
        raise QiguanError("还没有写明是对哪个单位不满意", place="分办", remedy="先写明是哪个单位；不是投诉就先改回普通留言")
    if not to.path.startswith(message.office_path) or to.ended_on is not None:
        raise QiguanError("不能分给这个单位", place="分办", remedy="请从列表里选")


def _demand_unchanged(changed: int) -> None:
    if changed != 1:
        raise QiguanError("这条刚被别人动过", place="民情互动", remedy="请刷新页面再看", code="conflict")


def _drop_draft(message: Message) -> None:
    """A reply under review by a unit that no longer answers goes back to it, unsent."""
    message.replies.filter(state=Reply.State.WAITING).update(state=Reply.State.RETURNED, note="已转给别的单位")
