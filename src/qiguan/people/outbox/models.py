"""Notice, the ways to reach a person, and one Delivery for each of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models

from qiguan.core.robots import Robot
from qiguan.jobs.keys import public_id

if TYPE_CHECKING:
    from qiguan.people.models import User

PRIVATE_FOR = timedelta(days=30)  # how long the private link of a notice is kept, encrypted, for another attempt


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Notices of people."""

    def inbox_of(self, user: User) -> Self:
        """Return the person's own notices, newest first."""
        return self.filter(to=user).order_by("-id")

    def unread(self) -> Self:
        """Keep those not yet read."""
        return self.filter(read_at=None)


class Notice(models.Model):
    """What one person is told once: (to, kind, key) is queued a single time, in the transaction of what it tells of."""

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    to = models.ForeignKey("people.User", models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=120)
    title = models.CharField(max_length=200)
    lines = models.JSONField(default=list)
    link = models.CharField(max_length=300, blank=True)  # a path of the product
    private = models.BinaryField(default=b"", blank=True)  # encrypted path that needs no log-in: goes outside only
    by = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(db_index=True)
    read_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["to", "kind", "key"], name="notice_once")]
        indexes = [models.Index(fields=["to"], condition=models.Q(read_at=None), name="notice_unread")]

    def __str__(self) -> str:
        return self.title


class NoticeTarget(models.Model):
    """One way to reach a person. Address and signing key are encrypted; pages show a hint of them to their owner alone."""

    class Kind(models.TextChoices):
        """What stands at the other end."""

        EMAIL = "email", "邮件"
        WECOM = Robot.WECOM.value, "企业微信群机器人"
        DINGTALK = Robot.DINGTALK.value, "钉钉群机器人"
        FEISHU = Robot.FEISHU.value, "飞书群机器人"
        WEBHOOK = Robot.WEBHOOK.value, "Webhook"

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    user = models.ForeignKey("people.User", models.CASCADE, related_name="notice_targets")
    kind = models.CharField(max_length=10, choices=Kind)
    address = models.BinaryField()
    secret = models.BinaryField(default=b"", blank=True)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.get_kind_display()


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries in their states."""

    def due(self, now: datetime) -> Self:
        """Those to be sent at machine time `now`, the longest waiting first."""
        return self.filter(state=Delivery.State.WAITING, next_at__lte=now).order_by("next_at", "id")

    def abandoned(self, now: datetime) -> Self:
        """Those whose sender is gone: claimed, and the lease is over."""
        return self.filter(state=Delivery.State.CLAIMED, lease_until__lt=now)

    def troubled(self) -> Self:
        """What a person must see: failed, in doubt, or sent again while in doubt."""
        bad = [Delivery.State.FAILED, Delivery.State.IN_DOUBT]
        return self.filter(models.Q(state__in=bad) | models.Q(doubts__gt=0))


class Delivery(models.Model):
    """One notice by one way: claimed in one commit, settled in another; what is found claimed after a crash is in doubt.

    All its moments but `done_at` are machine time: the business clock may jump.
    """

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", "等待发送"
        CLAIMED = "claimed", "正在发送"
        SENT = "sent", "已送达"
        IN_DOUBT = "in_doubt", "不确定是否送达"
        FAILED = "failed", "没有送达"
        DROPPED = "dropped", "不再发送"

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    target = models.ForeignKey(NoticeTarget, models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    doubts = models.PositiveSmallIntegerField(default=0)  # how often nobody could tell whether it had gone
    next_at = models.DateTimeField()
    claim = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)
    error = models.CharField(max_length=20, blank=True)  # a word of the closed set in outbox/words.py
    done_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["notice", "target"], name="delivery_once")]
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(state="waiting"), name="delivery_waiting"),
            models.Index(fields=["lease_until"], condition=models.Q(state="claimed"), name="delivery_claimed"),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.public_id}"
