"""Tell officials that messages wait: at most one line a person and day, which names no message; and citizens by mail that there is news."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from qiguan.core.days import day_of
from qiguan.dialogue.models import Contact, MailNotice, Message
from qiguan.jobs import clock
from qiguan.people.models import Membership, Organ, Role, User
from qiguan.people.outbox.queueing import queue_notice

KIND = "messages"


def tell_officials(*, message: Message, at: datetime) -> int:
    """Tell those who have to do with the message, if they may see it; return how many were told. Part of the caller's transaction."""
    told = 0
    organ = message.handler or message.office
    roles = (Role.SUPERVISOR, Role.UNIT_ADMIN) if organ.pk == message.office_id else (Role.UNIT_ADMIN, Role.OPERATOR)
    for user in _people(organ, roles, at):
        if Message.objects.visible_to(user).filter(pk=message.pk).exists():
            told += queue_notice(
                to=user, kind=KIND, key=f"{day_of(at)}", title="有留言等您办", lines=["在“民情互动”里，按期限先后排着。"],
                link=reverse("messages"), by=None, at=at,
            ) is not None  # fmt: skip
    return told


def _people(organ: Organ, roles: tuple[str, ...], at: datetime) -> list[User]:
    found = Membership.objects.filter(organ=organ, role__in=roles).select_related("user").order_by("user")
    return list({m.user_id: m.user for m in found if m.in_force(day_of(at)) and m.user.is_active}.values())


def tell_citizen(*, message: Message, occasion: str) -> None:
    """Queue a mail where the citizen left an address: that there is news, never what. Part of the caller's transaction."""
    if Contact.objects.filter(message=message, erased_at=None).exclude(mail=b"").exists():
        MailNotice.objects.get_or_create(message=message, occasion=occasion[:40], defaults={"next_at": clock.machine_now()})
