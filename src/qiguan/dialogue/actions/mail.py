"""Send the mail notices of citizens: claim in one commit, settle in another; found claimed after a crash, it goes again with the same id.

A mail says that there is news and nothing else: neither what, nor to whom the citizen wrote, nor a code.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q

from qiguan.core.robots import Answer, Letter
from qiguan.dialogue.models import Contact, MailNotice
from qiguan.people.outbox.mail import Mail, send_mails
from qiguan.people.secrets import decrypt

BATCH = 40
LEASE = timedelta(minutes=5)
PAUSES = [timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1440)]
TITLE = "您的留言有进展"
LINES = ("用您手里的查询码打开下面的网页看。", "这封邮件不写内容；不想再收，在同一页抹掉联系方式。")
State = MailNotice.State


def send_mail_notices(*, now: datetime) -> int:
    """Send what is due; return how many went out. `now` is machine time. Safe to run twice and by several workers."""
    claim = secrets.token_hex(16)
    due = Q(state=State.WAITING, next_at__lte=now) | Q(state=State.CLAIMED, lease_until__lt=now)
    ids = list(MailNotice.objects.filter(due).order_by("next_at").values_list("pk", flat=True)[:BATCH])
    if not ids:
        return 0
    MailNotice.objects.filter(due, pk__in=ids).update(state=State.CLAIMED, claim=claim, lease_until=now + LEASE)
    mine = list(MailNotice.objects.filter(claim=claim, state=State.CLAIMED))
    contacts = {c.message_id: c for c in Contact.objects.filter(message__in=[m.message_id for m in mine], erased_at=None)}
    mails = []
    for notice in mine:
        contact = contacts.get(notice.message_id)
        address = decrypt(bytes(contact.mail)) if contact is not None else ""
        if not address:
            MailNotice.objects.filter(pk=notice.pk, claim=claim).delete()
            continue
        link = f"{settings.PUBLIC_URL}/ask/track/"
        mails.append(Mail(notice.pk, address, Letter(f"ask-{notice.pk}", "message", TITLE, LINES, link)))
    results: list[tuple[int, Answer]] = []
    send_mails(mails, lambda pk, answer, word: results.append((pk, answer)))
    sent = 0
    for pk, answer in results:
        sent += _settle(pk, claim, answer, now)
    return sent


def _settle(pk: int, claim: str, answer: Answer, now: datetime) -> int:
    rows = MailNotice.objects.filter(pk=pk, claim=claim)
    if answer is Answer.RECEIVED:
        rows.update(state=State.SENT, lease_until=None)
        return 1
    tried = rows.values_list("attempts", flat=True).first() or 0
    if answer is Answer.REFUSED or tried >= len(PAUSES):
        rows.update(state=State.FAILED, lease_until=None)
    else:
        rows.update(state=State.WAITING, lease_until=None, attempts=F("attempts") + 1, next_at=now + PAUSES[tried])
    return 0
