"""Tables of what only people can find, and of the window check; the app's models module brings them to Django."""

from __future__ import annotations

from django.db import models

from qiguan.jobs.keys import public_id
from qiguan.people.models import User
from qiguan.register.models import Account


class HumanFinding(models.Model):
    """人工发现的问题: what only a person can find, by the code of its rule, with its proof. Never edited; a later one ends it.

    `found` False: a supervisor looked and found nothing, or saw that it was put right.
    """

    hangs_as = "人工发现的问题"  # undoing an import keeps the account

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    client_key = models.CharField(max_length=40, unique=True)  # made with the form: sent twice, stored once
    account = models.ForeignKey(Account, models.CASCADE, related_name="human_findings")
    rule = models.CharField(max_length=20)
    found = models.BooleanField(default=True)
    at = models.DateTimeField()  # when it was seen
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    words = models.CharField(max_length=300)
    link = models.URLField(max_length=1000, blank=True)
    proof = models.CharField(max_length=80, blank=True)  # digest of the screenshot
    stored_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account", "at"], name="finding_by_account")]

    def __str__(self) -> str:
        return f"{self.account} {self.rule}"


class WindowItem(models.Model):
    """窗口项: one link of an account's front door that a machine tries. The row is the schedule, as with a Source."""

    hangs_as = "窗口项"

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="window_items")
    part = models.CharField(max_length=8)  # core.window.Part
    label = models.CharField(max_length=60)
    link = models.URLField(max_length=1000)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)  # machine time; a claim pushes it ahead
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="window_due", condition=models.Q(removed_at=None))]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "part", "label"], condition=models.Q(removed_at=None), name="window_item_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.label}"


class WindowLook(models.Model):
    """窗口体检记录: a machine's tries of one item; equal answers in a row extend one row."""

    item = models.ForeignKey(WindowItem, models.CASCADE, related_name="looks")
    works = models.BooleanField(null=True)
    outcome = models.CharField(max_length=20)
    because = models.CharField(max_length=100)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)
    blob = models.CharField(max_length=80, blank=True)  # the page as it came, where it says that nothing is there

    class Meta:
        indexes = [models.Index(fields=["item", "-last_at"], name="window_look_last")]

    def __str__(self) -> str:
        return f"{self.outcome} ×{self.times}"
