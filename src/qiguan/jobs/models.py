"""Progress of long work, ticks of the schedule, and the editable working-day calendar."""

from __future__ import annotations

from django.db import models

from qiguan.jobs.keys import public_id


class Progress(models.Model):
    """How far a long piece of work has come. `by` is a user's id as text: jobs stands below people."""

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    by = models.CharField(max_length=40, blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    message = models.CharField(max_length=400, blank=True)
    state = models.CharField(
        max_length=10,
        default="waiting",
        choices=[("waiting", "排队"), ("running", "进行中"), ("done", "完成"), ("failed", "没有完成")],
    )
    started_at = models.DateTimeField()
    moved_at = models.DateTimeField()

    @property
    def percent(self) -> int:
        """Whole per cent done, 0 to 100."""
        return 100 if self.state == "done" else min(99, self.done * 100 // self.total) if self.total else 0

    def __str__(self) -> str:
        return f"{self.title} {self.percent}%"


class Tick(models.Model):
    """One line of the schedule: claimed by a lease, so that any number of workers runs it once."""

    name = models.CharField(max_length=60, primary_key=True)
    next_at = models.DateTimeField(db_index=True)
    lease_until = models.DateTimeField(null=True)
    owner = models.CharField(max_length=60, blank=True)
    last_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=400, blank=True)

    def __str__(self) -> str:
        return self.name


class WorkingDay(models.Model):
    """A day of the official calendar: seeded from the yearly notice, editable; a year not here is unknown."""

    day = models.DateField(primary_key=True)
    is_working = models.BooleanField()
    note = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {'工作日' if self.is_working else '休息日'} {self.note}".strip()
