"""答复: written, where the unit wants it looked at by another person, and sent. Answered is not solved: that is the citizen's word."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.plain_text import clean_text, one_line
from qiguan.dialogue.actions.routing import demand_open
from qiguan.dialogue.actions.telling import tell_citizen
from qiguan.dialogue.models import Message, Reply
from qiguan.dialogue.queries.permits import demand_handler, reviews
from qiguan.dialogue.queries.placing import desk_of
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, User

MOST = 5000


def write_reply(*, message: Message, text: str, by: User, at: datetime) -> Reply:
    """Write a reply: it goes out at once, or waits for another person where the unit wants a review."""
    demand_handler(by, message)
    demand_open(message)
    text = clean_text(text, place="答复", most=MOST, least=4)
    organ = _handler(message)
    try:
        with transaction.atomic():
            waits = desk_of(organ).review
            reply = Reply.objects.create(
                message=message, organ=organ, text=text, state=Reply.State.WAITING, written_at=at, written_by=by
            )
            record_audit(action="write_reply", by=by, at=at, on=reply, organ=message.office, fields=["text"])
            if not waits:
                _send(reply, by=by, at=at)
    except IntegrityError as error:
        raise QiguanError("有一份答复正在等审核", place="答复", remedy="请先处理那一份", code="conflict") from error
    return reply


def review_reply(*, reply: Reply, send: bool, note: str = "", by: User, at: datetime) -> Reply:
    """Send a reply that another wrote, or give it back with a note."""
    message = reply.message
    if not reviews(by, message):
        raise NotPermitted("审核由承办单位的管理员办", place="答复", remedy="请单位管理员审核", code="forbidden")
    if reply.written_by_id == by.pk:
        raise NotPermitted("自己写的答复要由另一个人审核", place="答复", remedy="请另一位管理员审核", code="forbidden")
    demand_open(message)
    with transaction.atomic():
        if send:
            _send(reply, by=by, at=at)
        else:
            note = clean_text(note, place="退回的理由", most=400, least=2)
            if Reply.objects.filter(pk=reply.pk, state=Reply.State.WAITING).update(state=Reply.State.RETURNED, note=note) != 1:
                raise QiguanError("这份答复已经处理过", place="答复", remedy="请刷新页面", code="conflict")
        record_audit(action="review_reply", by=by, at=at, on=reply, organ=message.office, fields=["state"])
    reply.refresh_from_db()
    return reply


def answer_from_order(*, message: Message, text: str, order_no: str, by: User | None, at: datetime) -> Reply | None:
    """Take the answer of the 12345 system; the same answer again changes nothing. Part of the caller's transaction."""
    text = clean_text(text, place=f"工单{one_line(order_no, most=60)}", most=MOST, least=2)
    if message.replies.filter(state=Reply.State.SENT, text=text).exists() or message.state == Message.State.ANSWERED:
        return None
    reply = Reply.objects.create(
        message=message,
        organ=message.handler or message.office,
        text=text,
        state=Reply.State.WAITING,
        written_at=at,
        written_by=by,
    )
    _send(reply, by=by, at=at)
    return reply


def _send(reply: Reply, *, by: User | None, at: datetime) -> None:
    if Reply.objects.filter(pk=reply.pk, state=Reply.State.WAITING).update(state=Reply.State.SENT, sent_at=at, sent_by=by) != 1:
        raise QiguanError("这份答复已经处理过", place="答复", remedy="请刷新页面", code="conflict")
    waiting = Message.objects.open().filter(pk=reply.message_id)
    if waiting.update(state=Message.State.ANSWERED, answered_at=at) != 1:
        raise QiguanError("已经答复了", place="答复", remedy="请刷新页面", code="conflict")
    reply.refresh_from_db()
    reply.message.refresh_from_db()
    tell_citizen(message=reply.message, occasion=f"answered:{reply.pk}")


def _handler(message: Message) -> Organ:
    if message.handler is None:
        raise QiguanError("还没有分给哪个单位", place="答复", remedy="请先分办", code="conflict")
    return message.handler
