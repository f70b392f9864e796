"""What a citizen does with the code in hand: say whether it answered, reopen once, consent and take it back, erase, appeal.

The code is the permission. `by` is None and the audit row names the message only; nothing says who the citizen is.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qiguan.core.days import end_of
from qiguan.core.errors import QiguanError
from qiguan.core.plain_text import clean_text, one_line
from qiguan.core.reply_clock import Kind
from qiguan.dialogue.actions.telling import tell_officials
from qiguan.dialogue.models import Contact, MailNotice, Message, MessageOriginal, Reply, RoutingSample
from qiguan.dialogue.queries.clock import due_from
from qiguan.intake.actions.attachments import erase_attachments
from qiguan.intake.actions.holds import appeal_hold
from qiguan.people.actions import record_audit


def mark_answer(*, message: Message, mark: str, words: str = "", at: datetime) -> Message:
    """答到点子上没有: 是, 部分 or 否. The last word counts."""
    if mark not in Message.Mark.values:
        raise QiguanError("没有选", place="答到点子上没有", remedy="请选是、部分或否")
    if message.state != Message.State.ANSWERED or message.deleted_at is not None:
        raise QiguanError("还没有答复", place="答到点子上没有", remedy="有了答复再来说", code="conflict")
    with transaction.atomic():
        Message.objects.filter(pk=message.pk).update(mark=mark, mark_words=one_line(words, most=600), marked_at=at)
        record_audit(action="mark_answer", by=None, at=at, on=message, organ=message.office, fields=["mark"])
    message.refresh_from_db()
    return message


def reopen_message(*, message: Message, words: str, at: datetime) -> Message:
    """Open an answered message once more, with what is still missing; the days are counted from now."""
    words = clean_text(words, place="还差什么", most=1000, least=2)
    due = due_from(kind=message.kind, pack=message.pack, at=at)
    with transaction.atomic():
        answered = Message.objects.filter(pk=message.pk, state=Message.State.ANSWERED, reopened_at=None, deleted_at=None)
        state = Message.State.OPEN if message.handler_id else Message.State.ROUTING
        late_at = end_of(due.day) if due.day else None
        if answered.update(
            state=state, reopened_at=at, mark=Message.Mark.NO, marked_at=at, due_on=due.day, due_because=due.because[:600],
            late_at=late_at, mark_words=one_line(words, most=600), answered_at=None, order_at=None,
        ) != 1:  # fmt: skip
            raise QiguanError("只能再开一次", place="再开一次", remedy="还不满意，可以打12345，或向上一级说", code="conflict")
        record_audit(action="reopen_message", by=None, at=at, on=message, organ=message.office, fields=["state"])
        message.refresh_from_db()
        tell_officials(message=message, at=at)
    return message


def set_consent(*, message: Message, given: bool, at: datetime) -> Message:
    """Consent to publishing the text, or take it back: it is gone from every public page with this very transaction."""
    if given and (message.kind == Kind.COMPLAINT or message.deleted_at is not None):
        raise QiguanError("这条不会公开", place="公开", remedy="对单位不满意的留言一律不公开文字")
    with transaction.atomic():
        changes = {"consented_at": at} if given else {"consented_at": None, "released_at": None, "public_text": ""}
        Message.objects.filter(pk=message.pk).update(**changes)
        record_audit(action="consent_message" if given else "withdraw_consent", by=None, at=at, on=message, organ=message.office)
    message.refresh_from_db()
    return message


def erase_contact(*, message: Message, at: datetime) -> None:
    """Forget the contact at once; that there was one, and who looked at it, stays."""
    with transaction.atomic():
        Contact.objects.filter(message=message, erased_at=None).update(said=b"", mail=b"", erased_at=at)
        MailNotice.objects.filter(message=message).delete()
        record_audit(action="erase_contact", by=None, at=at, on=message, organ=message.office)


def delete_message(*, message: Message, at: datetime) -> Message:
    """Erase text, files, replies' texts, contact and sample at the writer's wish. A tombstone stays: that it was, its dates, what became of it."""
    with transaction.atomic():
        alive = Message.objects.filter(pk=message.pk, deleted_at=None)
        if (
            alive.update(text="", public_text="", mark_words="", suggested=[], consented_at=None, released_at=None, deleted_at=at)
            != 1
        ):
            raise QiguanError("已经删了", place="删除", remedy="这里只剩下日期", code="conflict")
        erase_attachments(attachments=message.files.all(), at=at)
        MessageOriginal.objects.filter(message=message).delete()
        RoutingSample.objects.filter(message=message).delete()
        Reply.objects.filter(message=message).update(text="", note="")
        message.transfers.update(why="")
        if message.hold is not None:
            type(message.hold).objects.filter(pk=message.hold.pk).update(appeal="", reason="")
        erase_contact(message=message, at=at)
        record_audit(action="delete_message", by=None, at=at, on=message, organ=message.office)
    message.refresh_from_db()
    return message


def appeal_held(*, message: Message, words: str, at: datetime) -> Message:
    """Object to a hold, once."""
    if message.hold is None or message.deleted_at is not None:
        raise QiguanError("没有被暂存", place="申诉", remedy="请刷新页面")
    with transaction.atomic():
        appeal_hold(hold=message.hold, words=words, at=at)
        record_audit(action="appeal_hold", by=None, at=at, on=message, organ=message.office)
        tell_officials(message=message, at=at)
    message.refresh_from_db()
    return message
