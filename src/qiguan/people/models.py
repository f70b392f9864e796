"""Organs with a life, users, their roles in organs, and the audit log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.contrib.auth.models import AbstractUser
from django.db import models

from qiguan.jobs.keys import public_id
from qiguan.people.fields import BytewiseCharField


def within(column: str, path: str) -> models.Q:
    """Rows whose `column` lies in the subtree of `path` (a range, so that a plain index serves on every database)."""
    return models.Q(**{f"{column}__gte": path, f"{column}__lt": path[:-1] + "0"})  # "0" follows "/"


class Role(models.TextChoices):
    """What a person may do in an organ (PRODUCT §2)."""

    SUPERVISOR = "supervisor", "监管员"
    UNIT_ADMIN = "unit_admin", "单位管理员"
    OPERATOR = "operator", "运营人员"
    LEADER = "leader", "分管负责人"
    CHECKER = "checker", "核查员"
    COUNTER = "counter", "代填员"
    CONTRACTOR = "contractor", "代运营"
    AUDITOR = "auditor", "审计员"


class Organ(models.Model):
    """单位: founded, renamed, merged, split, abolished, moved. `path` is /id/id/…/ from the root, for subtree queries.

    Any model that keeps copies of paths names these columns in `path_copies`: they follow where an organ is moved.
    """

    class Level(models.TextChoices):
        """层级."""

        PROVINCE = "province", "省级"
        CITY = "city", "市级"
        COUNTY = "county", "县级"
        TOWN = "town", "乡镇（街道）"

    class Sort(models.TextChoices):
        """A place's government is a node of the tree; a department hangs below it."""

        PLACE = "place", "一级政府"
        DEPARTMENT = "department", "部门"
        INSTITUTION = "institution", "事业单位"

    path_copies = ("path",)

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    name = models.CharField(max_length=120)
    name_key = models.CharField(max_length=120, db_index=True)
    sort_key = BytewiseCharField(max_length=200, blank=True)
    level = models.CharField(max_length=10, choices=Level, default=Level.CITY)
    sort = models.CharField(max_length=12, choices=Sort, default=Sort.DEPARTMENT)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = BytewiseCharField(max_length=200, db_index=True, blank=True)
    founded_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="predecessors")
    filing_no = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["path"]

    def __str__(self) -> str:
        return self.name

    def has_ended(self, on: date) -> bool:
        """Say whether the organ no longer exists on that day."""
        return self.ended_on is not None and self.ended_on <= on

    @property
    def heirs(self) -> list[Organ]:
        """Who took over: the 职能承接单位, or those it was split into."""
        if self.successor is not None:
            return [self.successor]
        events = sorted(self.events.all(), key=lambda e: e.pk)
        split = [e.other for e in events if e.what == OrganEvent.What.SPLIT and e.other is not None]
        return [other for other in dict.fromkeys(split) if other.pk != self.pk]


class OrganName(models.Model):
    """A name an organ bore, with its dates: organs are found by every former name."""

    organ = models.ForeignKey(Organ, models.CASCADE, related_name="names")
    name = models.CharField(max_length=120)
    name_key = models.CharField(max_length=120, db_index=True)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class OrganEvent(models.Model):
    """One event in an organ's life, with its date, document and counterpart."""

    class What(models.TextChoices):
        """What happened."""

        FOUNDED = "founded", "设立"
        RENAMED = "renamed", "更名"
        MERGED = "merged", "合并"
        SPLIT = "split", "分设"
        ABOLISHED = "abolished", "撤销"
        MOVED = "moved", "隶属调整"

    organ = models.ForeignKey(Organ, models.CASCADE, related_name="events")
    what = models.CharField(max_length=10, choices=What)
    on = models.DateField()
    document = models.CharField(max_length=200, blank=True)
    other = models.ForeignKey(Organ, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["on", "id"]

    def __str__(self) -> str:
        return f"{self.on} {self.get_what_display()}"


class User(AbstractUser):
    """An official's or staff member's log-in. Citizens need none. Contacts are never shown in public."""

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    shown_name = models.CharField(max_length=60, blank=True)

    def __str__(self) -> str:
        return self.shown_name or self.username


class Membership(models.Model):
    """A role of a user in an organ, for a time."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "organ", "role"], name="membership_once")]

    def in_force(self, on: date) -> bool:
        """Say whether the role holds on that day; `until` is the first day on which it no longer does."""
        return (self.since is None or self.since <= on) and (self.until is None or on < self.until)

    def __str__(self) -> str:
        return f"{self.organ} {self.get_role_display()}"


class Departure(models.Model):
    """离岗: what a person gave up when leaving, so that it can be given back. `kept` holds ids: roles, and what higher apps ended."""

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="departures")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    kept = models.JSONField(default=dict)  # {"roles": [id, …], "staff": [id, …], "log_in": was it switched off}
    back_at = models.DateTimeField(null=True)
    back_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.user} {self.at:%Y-%m-%d}"


class AuditSeal(models.Model):
    """One link of the audit chain: a batch of entries bound to the seal before it (core.audit_chain, docs/adr/0011)."""

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()  # machine time: proof of work
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    count = models.PositiveIntegerField()
    previous = models.CharField(max_length=80, blank=True)
    digest = models.CharField(max_length=80)  # "sha256:…"
    leaves = models.BinaryField()  # id and SHA-256 of each entry, so that the broken one can be named

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.digest}"


class AuditEntry(models.Model):
    """Who did what when. Field names and ids only, never contents, so that a person's data can be erased.

    `seal` is empty until the sealer has taken the row. The salts make the digests of the personal parts unguessable once
    they are erased; `object_salt` is set where `object_id` names a person.
    """

    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=60, db_index=True)
    model = models.CharField(max_length=40, blank=True)
    object_id = models.CharField(max_length=40, blank=True, db_index=True)
    organ_path = BytewiseCharField(max_length=200, blank=True, db_index=True)
    fields = models.JSONField(default=list)
    count = models.PositiveIntegerField(default=1)
    by_salt = models.CharField(max_length=32, blank=True)
    object_salt = models.CharField(max_length=32, blank=True)
    seal = models.ForeignKey(AuditSeal, models.PROTECT, null=True, db_index=False, related_name="entries")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["seal", "id"], name="audit_by_seal")]  # serves "not yet sealed" as well

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.object_id}"


class AuditTombstone(models.Model):
    """What stays of a personal part of an entry that the law had erased: its salted digest, and the entry of the erasure."""

    class Part(models.TextChoices):
        """Which part."""

        BY = "by", "操作人"
        OBJECT = "object", "对象"

    entry = models.ForeignKey(AuditEntry, models.PROTECT, related_name="tombstones")
    part = models.CharField(max_length=6, choices=Part)
    digest = models.CharField(max_length=80)
    erasure = models.ForeignKey(AuditEntry, models.PROTECT, related_name="erased")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "part"], name="tombstone_once")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.part}"


class ErasureRequest(models.Model):
    """抹除申请: one person asks with the document that demands it, another decides. Once it is done it names nobody."""

    class State(models.TextChoices):
        """What became of it."""

        ASKED = "asked", "待审批"
        DONE = "done", "已抹除"
        REFUSED = "refused", "不同意"

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    basis = models.CharField(max_length=20)
    document = models.CharField(max_length=200)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    erasure = models.ForeignKey(AuditEntry, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user"], condition=models.Q(state="asked"), name="erasure_one_at_a_time")]

    def __str__(self) -> str:
        return self.get_state_display()


def any_within(columns: Iterable[str], paths: Iterable[str]) -> models.Q:
    """Rows in the subtree of any path by any of the columns; nothing where there is no path."""
    condition = models.Q(pk__in=[])
    for path in paths:
        for column in columns:
            condition |= within(column, path)
    return condition


from qiguan.people.outbox.models import Delivery, Notice, NoticeTarget  # noqa: E402, F401  found here by Django
