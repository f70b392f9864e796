"""Desk, Message, Transfer, Reply and what hangs on them. The citizen's code is the only key: its keyed hash stands here, never the code."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models

from qiguan.core.days import end_of
from qiguan.core.reply_clock import Kind
from qiguan.intake.models import Attachment, Hold
from qiguan.jobs.keys import public_id
from qiguan.people.fields import BytewiseCharField
from qiguan.people.models import Organ, Role, User, any_within
from qiguan.people.queries import SEES_SUBTREE, memberships_of
from qiguan.register.models import Account, AccountStaff


class Desk(models.Model):
    """受理设置 of an organ and all below it that has none of its own: which mode, where its doors are, which pack counts the days."""

    class Mode(models.TextChoices):
        """How messages are taken."""

        REFER = "refer", "转接"  # shows the door, keeps nothing
        LINKED = "linked", "对接"  # handed to 12345 by order number, one clock
        OWN = "own", "自办"

    path_copies = ("organ_path",)

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    organ = models.OneToOneField(Organ, models.CASCADE, related_name="desk")
    organ_path = BytewiseCharField(max_length=200, db_index=True)
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.REFER)
    pack = models.CharField(max_length=40, default="national")
    review = models.BooleanField(default=False)  # a second person looks at a reply before it goes out
    doors = models.JSONField(default=dict)  # code of core.doors → address of the local door
    counter = models.CharField(max_length=200, blank=True)  # where and when one may come or call instead
    order_key = models.CharField(max_length=64, blank=True)  # keyed hash of the key by which the 12345 system comes
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.organ} {self.get_mode_display()}"


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages, cut to who may see them."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Keep what the user may see: what his organs handle, and for supervisors what their offices route.

        A complaint is kept from everybody who belongs to the organ complained of or to anything below it, in whatever
        other role he comes, and from whoever runs one of its accounts. A contractor sees no message at all.
        """
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        mine, free = memberships_of(user), self.not_about(user)
        if user.is_superuser:
            return free
        offices = [m.organ.path for m in mine if m.role in {Role.SUPERVISOR, Role.AUDITOR}]
        handlers = [m.organ.path for m in mine if m.role in SEES_SUBTREE]
        own_organs = [m.organ_id for m in mine if m.role == Role.OPERATOR]
        handled = any_within(["handler_path"], handlers) | models.Q(handler__in=own_organs)
        told = models.Q(hold=None) | models.Q(hold__state=Hold.State.RELEASED)  # what is held stays with the office
        return free.filter(any_within(["office_path"], offices) | (handled & told & ~models.Q(handler_path="")))

    def not_about(self, user: User) -> Self:
        """Leave out complaints about an organ to which, or below which, the user belongs, or whose accounts he runs."""
        runs = AccountStaff.objects.filter(user=user, until=None).values_list("account__owner_path", flat=True)
        own = [*(m.organ.path for m in memberships_of(user)), *runs]
        return self.exclude(against_path__in=ways_up(own)) if own else self.all()

    def open(self) -> Self:
        """Keep what still waits for an answer."""
        return self.filter(state__in=[Message.State.ROUTING, Message.State.OPEN], deleted_at=None)

    def overdue(self, at: datetime) -> Self:
        """Keep what waits beyond its day. `late_at` is the first moment after it."""
        return self.open().filter(late_at__lte=at)

    def public_facts(self) -> Self:
        """Keep what the public may know as a fact without its text: no complaint, nothing held, nothing deleted."""
        told = models.Q(hold=None) | models.Q(hold__state=Hold.State.RELEASED)
        return self.filter(told, against=None, deleted_at=None).exclude(kind=Kind.COMPLAINT)

    def public_texts(self) -> Self:
        """Keep those whose text is public: consented to, released by a person, not withdrawn."""
        return self.public_facts().filter(released_at__isnull=False, consented_at__isnull=False)


def ways_up(paths: Iterable[str]) -> list[str]:
    """Return every path on the way from the root to each path, itself included: /1/3/ → /1/, /1/3/."""
    found: set[str] = set()
    for path in paths:
        parts = path.strip("/").split("/")
        found |= {"/" + "/".join(parts[: n + 1]) + "/" for n in range(len(parts)) if parts[0]}
    return sorted(found)


class Message(models.Model):
    """网民留言. `office` routes and watches, `handler` answers. A complaint has `against` and an office above it."""

    class State(models.TextChoices):
        """Where it stands. 已答复 is not 解决: the citizen's own word is `mark`."""

        ROUTING = "routing", "待分办"
        OPEN = "open", "办理中"
        ANSWERED = "answered", "已答复"

    class Mark(models.TextChoices):
        """答到点子上没有."""

        YES = "yes", "是"
        PART = "part", "部分"
        NO = "no", "否"

    class Way(models.TextChoices):
        """How it came."""

        WEB = "web", "网页"
        COUNTER = "counter", "窗口代填"
        PHONE = "phone", "电话代填"
        PAPER = "paper", "来信代填"
        OPEN311 = "open311", "Open311"

    path_copies = ("handler_path", "office_path", "against_path")

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    tracking = models.CharField(max_length=64, unique=True)  # keyed hashes of the two codes
    spoken = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=12, choices=[(k.value, k.word) for k in Kind])
    text = models.TextField()
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="+")  # written to
    account = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    office = models.ForeignKey(Organ, models.PROTECT, related_name="+")
    office_path = BytewiseCharField(max_length=200, db_index=True)
    handler = models.ForeignKey(Organ, models.PROTECT, null=True, related_name="+")
    handler_path = BytewiseCharField(max_length=200, blank=True, db_index=True)
    against = models.ForeignKey(Organ, models.PROTECT, null=True, related_name="+")
    against_path = BytewiseCharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State)
    suggested = models.JSONField(default=list)  # [public id of an organ, p in 1/10,000, [[start, end], …]], likeliest first
    received_at = models.DateTimeField(db_index=True)
    pack = models.CharField(max_length=40)
    due_on = models.DateField(null=True)
    due_because = models.CharField(max_length=600)
    late_at = models.DateTimeField(null=True, db_index=True)
    answered_at = models.DateTimeField(null=True)
    raised_at = models.DateTimeField(null=True)
    mark = models.CharField(max_length=4, choices=Mark, blank=True)
    mark_words = models.CharField(max_length=600, blank=True)
    marked_at = models.DateTimeField(null=True)
    reopened_at = models.DateTimeField(null=True)
    way = models.CharField(max_length=8, choices=Way, default=Way.WEB)
    entered_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    entered_where = models.CharField(max_length=120, blank=True)
    hold = models.OneToOneField(Hold, models.PROTECT, null=True, related_name="message")
    consented_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True, db_index=True)
    public_text = models.TextField(blank=True)  # as it appears: numbers struck out
    linked = models.BooleanField(default=False)  # taken for 12345
    order_no = models.CharField(max_length=60, blank=True, db_index=True)
    order_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    files = models.ManyToManyField(Attachment, related_name="+")

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-id"]
        indexes = [models.Index(fields=["late_at"], condition=models.Q(state__in=["routing", "open"]), name="message_waiting")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.public_id}"

    @property
    def held(self) -> bool:
        """Say whether it is held back now."""
        return self.hold is not None and self.hold.holds

    def is_late(self, at: datetime) -> bool:
        """Say whether the day to answer is over: it ends at 24:00."""
        return self.state != Message.State.ANSWERED and self.due_on is not None and at >= end_of(self.due_on)


class MessageOriginal(models.Model):
    """原文: what the citizen wrote, kept apart once a person has struck something out. Opening it leaves a trace."""

    message = models.OneToOneField(Message, models.CASCADE, related_name="original")
    text = models.TextField()
    redacted_at = models.DateTimeField()
    redacted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    why = models.CharField(max_length=200)

    def __str__(self) -> str:
        return str(self.message)


class Transfer(models.Model):
    """转办: from whom to whom, why, by whom. The clock of the message does not begin anew."""

    class Sort(models.TextChoices):
        """What kind of passing on."""

        ADDRESSED = "addressed", "按所写单位"
        MACHINE = "machine", "系统分办"
        ROUTED = "routed", "分办"
        UP = "up", "由上一级受理"
        RETURNED = "returned", "退回重新分办"
        RAISED = "raised", "上报一级"

    message = models.ForeignKey(Message, models.CASCADE, related_name="transfers")
    sort = models.CharField(max_length=10, choices=Sort)
    start = models.ForeignKey(Organ, models.PROTECT, null=True, related_name="+")
    to = models.ForeignKey(Organ, models.PROTECT, related_name="+")
    why = models.CharField(max_length=400, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.get_sort_display()} {self.to}"


class Reply(models.Model):
    """答复. It goes out when sent; where the unit wants a review, another person sends it."""

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", "待审核"
        RETURNED = "returned", "退回修改"
        SENT = "sent", "已答复"

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="replies")
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="+")
    text = models.TextField()
    state = models.CharField(max_length=8, choices=State)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=400, blank=True)  # why it was sent back
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name_plural = "replies"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["message"], condition=models.Q(state="waiting"), name="one_reply_under_review")
        ]

    def __str__(self) -> str:
        return f"{self.message} {self.get_state_display()}"


from qiguan.dialogue.keeping import (  # noqa: E402  the app's other tables: one concern a module, found here by Django
    Contact,
    ContactLook,
    MailNotice,
    MustTell,
    MustTellReceipt,
    ReplyTemplate,
    RoutingModel,
    RoutingSample,
)

__all__ = [
    "Contact", "ContactLook", "Desk", "MailNotice", "Message", "MessageOriginal", "MessageQuerySet", "MustTell", "MustTellReceipt", "Reply",
    "ReplyTemplate", "RoutingModel", "RoutingSample", "Transfer", "ways_up",
]  # fmt: skip
