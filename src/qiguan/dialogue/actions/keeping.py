"""Hold and release, strike out, open a contact, publish a consented text: each leaves a trace, some of it for the citizen's eyes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qiguan.core.errors import QiguanError
from qiguan.core.plain_text import clean_text
from qiguan.core.private_numbers import mask
from qiguan.core.reply_clock import Kind
from qiguan.dialogue.actions.routing import SAMPLE
from qiguan.dialogue.actions.telling import tell_citizen, tell_officials
from qiguan.dialogue.models import Contact, ContactLook, Message, MessageOriginal, Reply, RoutingSample, Transfer
from qiguan.dialogue.queries.permits import acts_for_handler, acts_for_office, demand_office
from qiguan.dialogue.queries.placing import place_message
from qiguan.intake.actions.holds import decide_hold, hold_text
from qiguan.people.actions import record_audit
from qiguan.people.models import User
from qiguan.people.queries import memberships_of
from qiguan.people.secrets import decrypt


def hold_message(*, message: Message, rule: str, reason: str = "", by: User, at: datetime) -> Message:
    """Hold a message back by a published rule; it goes back to the office until it is decided."""
    demand_office(by, message)
    if message.hold is not None:
        raise QiguanError("已经按规则处理过一次", place="暂存", remedy="放行过的不能再暂存", code="conflict")
    with transaction.atomic():
        hold = hold_text(what="message", rule=rule, reason=reason, by=by, at=at)
        Message.objects.filter(pk=message.pk).update(hold=hold, released_at=None)
        record_audit(action="hold_message", by=by, at=at, on=message, organ=message.office, fields=[rule])
        tell_citizen(message=message, occasion="held")
    message.refresh_from_db()
    return message


def decide_held(*, message: Message, release: bool, reason: str = "", by: User, at: datetime) -> Message:
    """Let a held message go on its way, or keep it held with a reason that its writer reads. The clock has run on."""
    demand_office(by, message)
    if message.hold is None:
        raise QiguanError("没有被暂存", place="暂存", remedy="请刷新页面", code="conflict")
    with transaction.atomic():
        decide_hold(hold=message.hold, release=release, reason=reason, by=by, at=at)
        record_audit(action="decide_hold", by=by, at=at, on=message, organ=message.office, fields=["state"])
        if release and message.handler is None and message.state == Message.State.ROUTING:
            _go_on(message, by=by, at=at)
        tell_citizen(message=message, occasion=f"hold:{message.hold.state}"[:40])
    message.refresh_from_db()
    return message


def _go_on(message: Message, *, by: User, at: datetime) -> None:
    """Send a released message where it was going."""
    named = message.against is not None
    placed = place_message(text=message.text, organ=message.organ, up=True if named else None)
    handler = message.office if named else placed.handler
    Message.objects.filter(pk=message.pk).update(suggested=placed.suggested)
    if handler is not None and (named or not placed.complaint):
        Message.objects.filter(pk=message.pk).update(handler=handler, handler_path=handler.path, state=Message.State.OPEN)
        Transfer.objects.create(message=message, sort=placed.sort, start=None, to=handler, at=at, by=by)
        message.refresh_from_db()
        tell_officials(message=message, at=at)


def redact_message(*, message: Message, text: str, why: str, by: User, at: datetime) -> Message:
    """Strike out what another need not see. The original stays apart, and whoever opens it leaves a trace."""
    demand_office(by, message)
    text = clean_text(text, place="划去以后", most=5000, least=1)
    why = clean_text(why, place="划去的理由", most=200, least=2)
    with transaction.atomic():
        MessageOriginal.objects.get_or_create(
            message=message, defaults={"text": message.text, "redacted_at": at, "redacted_by": by, "why": why}
        )
        Message.objects.filter(pk=message.pk, deleted_at=None).update(text=text, public_text="", released_at=None, suggested=[])
        RoutingSample.objects.filter(message=message).update(text=mask(text[:SAMPLE]), learned_at=None)
        record_audit(action="redact_message", by=by, at=at, on=message, organ=message.office, fields=["text"])
    message.refresh_from_db()
    return message


def open_contact(*, message: Message, why: str, by: User, at: datetime) -> str:
    """Return the contact, and leave a trace that the citizen sees."""
    if not (acts_for_handler(by, message) or acts_for_office(by, message)):
        demand_office(by, message)
    contact = Contact.objects.filter(message=message, erased_at=None).first()
    if contact is None or not (contact.said or contact.mail):
        raise QiguanError("没有联系方式", place="联系方式", remedy="对方没有留，或已经抹除；答复写在这里，对方凭查询码看")
    _leave_trace(message, ContactLook.What.CONTACT, why=why, by=by, at=at, action="open_contacts")
    return "，".join(text for text in (decrypt(bytes(contact.said)), decrypt(bytes(contact.mail))) if text)


def open_original(*, message: Message, why: str, by: User, at: datetime) -> str:
    """Return what was struck out with the rest, and leave a trace."""
    demand_office(by, message)
    original = MessageOriginal.objects.filter(message=message).first()
    if original is None:
        raise QiguanError("没有划去过什么", place="原文", remedy="页面上就是原文")
    _leave_trace(message, ContactLook.What.ORIGINAL, why=why, by=by, at=at, action="open_original")
    return original.text


def release_message(*, message: Message, public_text: str, by: User, at: datetime) -> Message:
    """Publish a text that its writer has consented to, as it will appear: numbers are struck out in any case."""
    demand_office(by, message)
    if message.kind == Kind.COMPLAINT or message.held or message.deleted_at is not None or message.consented_at is None:
        raise QiguanError("写的人没有同意公开，或这条不公开", place="公开", remedy="公开的只有日期和是否答复")
    if not message.replies.filter(state=Reply.State.SENT).exists():
        raise QiguanError("还没有答复", place="公开", remedy="答复以后再公开")
    text = mask(clean_text(public_text, place="公开的文字", most=5000, least=2))
    with transaction.atomic():
        free = Message.objects.filter(pk=message.pk, consented_at__isnull=False, deleted_at=None)
        if free.update(released_at=at, public_text=text) != 1:
            raise QiguanError("写的人刚刚撤回了", place="公开", remedy="请刷新页面", code="conflict")
        record_audit(action="release_message", by=by, at=at, on=message, organ=message.office, fields=["public_text"])
    message.refresh_from_db()
    return message


def _leave_trace(message: Message, what: str, *, why: str, by: User, at: datetime, action: str) -> None:
    why = clean_text(why, place="为什么要看", most=200, least=2)
    organ = next((m.organ.name for m in memberships_of(by)), "系统管理员")
    with transaction.atomic():
        ContactLook.objects.create(message=message, what=what, at=at, by=by, organ_name=organ, why=why)
        record_audit(action=action, by=by, at=at, on=message, organ=message.office, fields=[what])
