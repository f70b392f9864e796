"""Tables of imported spreadsheets and returns 报送: the file, its rows, where each value came from."""

from __future__ import annotations

from django.db import models

from qiguan.jobs.keys import public_id
from qiguan.people.fields import BytewiseCharField
from qiguan.people.models import Organ, User


class ReturnTask(models.Model):
    """报送任务: a supervisor asks organs to correct their own rows by a day."""

    path_copies = ("organ_path",)

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="return_tasks")
    organ_path = BytewiseCharField(max_length=200, db_index=True)
    title = models.CharField(max_length=120)
    due_on = models.DateField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-opened_at"]

    def __str__(self) -> str:
        return self.title


class ReturnShare(models.Model):
    """One organ's share of a return: its own rows, already filled, to correct."""

    path_copies = ("organ_path",)

    task = models.ForeignKey(ReturnTask, models.CASCADE, related_name="shares")
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="+")
    organ_path = BytewiseCharField(max_length=200, db_index=True)
    expected = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    unreported = models.JSONField(default=list)  # [{account: public_id, why: "", …}] 本次未报
    file = models.ForeignKey("SheetFile", models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "organ"], name="share_once")]

    def __str__(self) -> str:
        return f"{self.task} {self.organ}"


class SheetFile(models.Model):
    """A register sheet of an uploaded file: previewed, applied, perhaps undone.

    Of a workbook with several registers the first sheet's row is the head; the others are `part_of` it.
    """

    class State(models.TextChoices):
        """Where the file stands."""

        READING = "reading", "正在读"
        PREVIEW = "preview", "待确认"
        APPLYING = "applying", "正在导入"
        APPLIED = "applied", "已导入"
        UNDOING = "undoing", "正在撤销"
        UNDONE = "undone", "已撤销"
        FAILED = "failed", "没有导入"
        LEFT = "left", "不导入"

    path_copies = ("organ_path",)

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="sheet_files")
    organ_path = BytewiseCharField(max_length=200, db_index=True)
    share = models.ForeignKey(ReturnShare, models.SET_NULL, null=True, blank=True, related_name="files")
    part_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="parts")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=80)
    sheet = models.CharField(max_length=100, blank=True)
    mapping = models.JSONField(default=dict)
    header_row = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State, default=State.PREVIEW)
    counts = models.JSONField(default=dict)
    columns = models.JSONField(default=dict)  # field → column letters as applied: with a row's number, the cell of each value
    preview = models.JSONField(default=dict)  # what the preview page shows (`queries/preview.py`); no contact in it
    effects = models.JSONField(default=dict)  # {founded: [organ ids], ended: [organ ids]}, for undoing
    left_out = models.JSONField(default=list)  # of the head: [[sheet, why it is no register], …]
    notes = models.JSONField(default=list)  # sentences: why it was not read, what undoing left standing
    progress_id = models.CharField(max_length=16, blank=True)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-sent_at"]

    def __str__(self) -> str:
        return self.name

    @property
    def sheets(self) -> list[SheetFile]:
        """Every register of this head's workbook, the head first."""
        return [self, *sorted(self.parts.all(), key=lambda f: f.pk)]

    @property
    def whole(self) -> SheetFile.State:
        """Where the head's whole workbook stands: where something is still to do, that; sheets left out do not count."""
        states = [f.state for f in self.sheets]
        order = (
            self.State.READING,
            self.State.APPLYING,
            self.State.UNDOING,
            self.State.PREVIEW,
            self.State.FAILED,
            self.State.APPLIED,
            self.State.UNDONE,
        )
        return next((s for s in order if s in states), self.State.LEFT)

    @property
    def whole_word(self) -> str:
        """That state in words."""
        return str(self.whole.label)


class SheetRow(models.Model):
    """One row as read, what became of it, and what stood before (for undoing)."""

    class Fate(models.TextChoices):
        """What became of a row."""

        CREATED = "created", "新增"
        CHANGED = "changed", "更新"
        SAME = "same", "无变化"
        ASK = "ask", "需要确认"
        CLAIM = "claim", "两家报送同一账号"
        BAD = "bad", "有错误"

    file = models.ForeignKey(SheetFile, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    fate = models.CharField(max_length=8, choices=Fate)
    values = models.JSONField(default=dict)  # field → text as read
    problems = models.JSONField(default=list)
    account_id = models.BigIntegerField(null=True, db_index=True)
    before = models.JSONField(null=True)  # field → [what stood, what the file wrote]
    answered = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="row_once")]

    def __str__(self) -> str:
        return f"{self.file} {self.number}"


class ColumnMemory(models.Model):
    """How a sender's columns were read last time, by the header's fingerprint."""

    organ = models.ForeignKey(Organ, models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organ", "fingerprint"], name="memory_once")]

    def __str__(self) -> str:
        return self.fingerprint
