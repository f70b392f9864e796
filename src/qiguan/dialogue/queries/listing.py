"""The list of messages for officials: cut to who may see them, by what they wait for, the nearest day first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db.models import F, Q

from qiguan.core.plain_text import heading_of
from qiguan.dialogue.models import Message, MessageQuerySet, Reply
from qiguan.intake.models import Hold
from qiguan.people.models import User

VIEWS: Final = {
    "waiting": "等我办的",
    "late": "超期",
    "routing": "待分办",
    "review": "待审核",
    "held": "暂存",
    "answered": "已答复",
    "unsolved": "说没答上的",
    "all": "全部",
}


def messages_like(user: User, view: str, query: str, *, at: datetime) -> MessageQuerySet:
    """Return the messages of a view; `query` is a public id, a 12345 order number or words of the text."""
    seen = Message.objects.visible_to(user).select_related("handler", "office", "organ", "hold", "against")
    seen = _view(seen, view, at)
    text = query.replace("\x00", "").strip()[:60]
    if text:
        seen = seen.filter(Q(public_id=text) | Q(order_no=text) | Q(text__contains=text) | Q(organ__name__contains=text))
    if view in {"answered", "unsolved", "all"}:
        return seen.order_by("-received_at", "-id")
    return seen.order_by(F("due_on").asc(nulls_last=True), "id")


def counts_of(user: User, *, at: datetime) -> Mapping[str, int]:
    """Return how many stand in each view."""
    seen = Message.objects.visible_to(user)
    return {view: _view(seen, view, at).count() for view in VIEWS}


def _view(seen: MessageQuerySet, view: str, at: datetime) -> MessageQuerySet:
    free = Q(hold=None) | Q(hold__state=Hold.State.RELEASED)
    if view == "late":
        return seen.overdue(at)
    if view == "routing":
        return seen.filter(free, state=Message.State.ROUTING, deleted_at=None)
    if view == "review":
        return seen.filter(replies__state=Reply.State.WAITING, deleted_at=None)
    if view == "held":
        return seen.filter(hold__state__in=[Hold.State.HELD, Hold.State.APPEALED], deleted_at=None)
    if view == "answered":
        return seen.filter(state=Message.State.ANSWERED)
    if view == "unsolved":
        return seen.filter(mark__in=[Message.Mark.NO, Message.Mark.PART])
    if view == "all":
        return seen
    return seen.open().filter(free)


def headed(message: Message) -> str:
    """Return what the list says of a message."""
    return "（内容已按本人的意思删去）" if message.deleted_at else heading_of(message.text)
