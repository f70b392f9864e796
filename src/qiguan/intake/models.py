"""What all public forms share: limits and single-use keys (in the database, so that several workers count as one), attachments, holds."""

from __future__ import annotations

from django.db import models

from qiguan.archive.models import Blob
from qiguan.jobs.keys import public_id
from qiguan.people.models import User


class RateLimit(models.Model):
    """限流: how far ahead one comer has spent its allowance. A row whose `spent_until` has passed says nothing and is dropped.

    `name` is a keyed hash of what is done and by whom: no address and no key of anybody stands here.
    """

    name = models.CharField(max_length=64, unique=True)
    spent_until = models.DateTimeField(db_index=True)  # machine time

    def __str__(self) -> str:
        return f"{self.name[:8]} {self.spent_until:%H:%M:%S}"


class FormKey(models.Model):
    """表单凭据: a form that was sent, once. A second sending of the same form finds it here and stores nothing."""

    name = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(db_index=True)  # machine time

    def __str__(self) -> str:
        return self.name[:8]


class Attachment(models.Model):
    """附件: a file that came with a public form, as it may be kept: a picture drawn anew without EXIF, or a PDF. Served as a download only."""

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=60)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    size = models.PositiveIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Hold(models.Model):
    """暂存: a text held back, by which rule, and what became of it. Its sender sees the rule and may appeal once."""

    class State(models.TextChoices):
        """Where it stands."""

        HELD = "held", "暂存"
        APPEALED = "appealed", "申诉中"
        UPHELD = "upheld", "维持暂存"
        RELEASED = "released", "已放行"

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    what = models.CharField(max_length=20, db_index=True)  # which kind of text: the holder's own word
    rule = models.CharField(max_length=20)  # a code of core.holding
    state = models.CharField(max_length=10, choices=State, default=State.HELD)
    held_at = models.DateTimeField(db_index=True)
    held_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")  # None: the machine
    appeal = models.CharField(max_length=1000, blank=True)
    appealed_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=400, blank=True)

    def __str__(self) -> str:
        return f"{self.rule} {self.get_state_display()}"

    @property
    def holds(self) -> bool:
        """Say whether the text is held back now."""
        return self.state != Hold.State.RELEASED
