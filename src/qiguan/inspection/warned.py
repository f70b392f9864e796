"""Tables of warnings: what was said to whom about which line, and what the responsible leader decided."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from qiguan.core.warnings import Stage
from qiguan.jobs.keys import public_id
from qiguan.people.models import User
from qiguan.people.outbox.models import Notice
from qiguan.register.models import Account, Filing


class Warned(models.Model):
    """提醒记录: an account that stood in a person's message. `mark` names what is said once only; "" may be said again."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="+")
    account = models.ForeignKey(Account, models.CASCADE, related_name="warned")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    stage = models.CharField(max_length=8, choices=[(s.value, s.value) for s in Stage])
    mark = models.CharField(max_length=40, blank=True)
    line_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "user", "mark"], condition=~models.Q(mark=""), name="warned_once"),
        ]
        indexes = [models.Index(fields=["account", "-at"], name="warned_account")]

    def __str__(self) -> str:
        return f"{self.stage} {self.at:%Y-%m-%d}"


class LeaderLink(models.Model):
    """分管负责人链接: opens without a password what one message asked one leader. Kept as a hash; each question is answered once."""

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    leader = models.ForeignKey(User, models.CASCADE, related_name="+")
    key_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.public_id

    def is_open(self, at: datetime) -> bool:
        """Say whether it may still be used."""
        return self.made_at <= at < self.expires_at


class LeaderDecision(models.Model):
    """负责人决定: one account in a leader's message, and which of the three buttons was pressed ("" until then)."""

    class Choice(models.TextChoices):
        """The three buttons."""

        UPDATE = "update", "安排更新"
        HAND_OVER = "hand_over", "申请移交"
        CLOSE = "close", "申请关停"

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    link = models.ForeignKey(LeaderLink, models.CASCADE, related_name="decisions")
    account = models.ForeignKey(Account, models.CASCADE, related_name="leader_decisions")
    line_at = models.DateTimeField()
    choice = models.CharField(max_length=10, choices=Choice, blank=True)
    note = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    filing = models.ForeignKey(Filing, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "account"], name="decision_once")]

    def __str__(self) -> str:
        return self.get_choice_display() or "未决定"
