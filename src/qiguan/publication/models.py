"""Bulletin 通报 and what the public sees of it: a snapshot frozen when it is published. Organs only, no person."""

from __future__ import annotations

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models

from qiguan.archive.models import Blob
from qiguan.core.platforms import PLATFORM_NAMES
from qiguan.inspection.models import Round, RoundAccount
from qiguan.jobs.keys import public_id
from qiguan.people.fields import BytewiseCharField
from qiguan.people.models import Organ, Role, User, any_within
from qiguan.register.models import Account


class BulletinQuerySet(models.QuerySet["Bulletin"]):
    """Bulletins of a jurisdiction."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Keep what the user may see: the issuing office all of its own; units those that are shown to them or published."""
        from qiguan.people.queries import memberships_of, paths_seen_by

        seen = paths_seen_by(user)
        if seen is None:
            return self
        offices = [m.organ.path for m in memberships_of(user, roles=[Role.SUPERVISOR, Role.AUDITOR])]
        shown = models.Q(stage__in=[Bulletin.Stage.PREVIEW, Bulletin.Stage.PUBLISHED])
        mine = RoundAccount.objects.filter(any_within(["owner_path", "supervisor_path"], seen)).values("round") if seen else []
        return self.filter(any_within(["organ_path"], offices) | (shown & models.Q(round__in=mine)))


class Bulletin(models.Model):
    """通报: drafted, approved by another person, shown to the units, published from a frozen snapshot; corrected by another one."""

    class Stage(models.TextChoices):
        """How far it is."""

        DRAFT = "draft", "拟稿"
        APPROVED = "approved", "已审签"
        PREVIEW = "preview", "征求单位意见"
        PUBLISHED = "published", "已印发"
        DROPPED = "dropped", "不再印发"

    path_copies = ("organ_path",)

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="+")
    organ_path = BytewiseCharField(max_length=200, db_index=True)
    round = models.ForeignKey(Round, models.PROTECT, related_name="bulletins")
    title = models.CharField(max_length=200)
    number = models.CharField(max_length=60, blank=True)  # 发文字号
    addressees = models.CharField(max_length=300, blank=True)  # 主送机关
    opening = models.TextField(max_length=2000, blank=True)  # what the office adds before the computed text
    closing = models.TextField(max_length=2000, blank=True)  # 有关要求
    rectify_by = models.DateField(null=True, blank=True)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.DRAFT)
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    preview_at = models.DateTimeField(null=True)
    preview_until = models.DateField(null=True)  # three working days, to the end of the day
    preview_why = models.CharField(max_length=300, blank=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    corrects = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="corrected_by")
    correction = models.CharField(max_length=600, blank=True)  # what was wrong and what is right

    objects = BulletinQuerySet.as_manager()

    class Meta:
        ordering = ["-drafted_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(approved_by=None) | ~models.Q(approved_by=models.F("drafted_by")), name="bulletin_two_people"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class BulletinVersion(models.Model):
    """A version of a bulletin that left the office: its values frozen, and the files made from them. Kept for ever."""

    bulletin = models.ForeignKey(Bulletin, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=10, choices=Bulletin.Stage)
    at = models.DateTimeField()
    values = models.JSONField()
    digest = models.CharField(max_length=80)
    files = models.JSONField(default=dict)  # name → digest of the bytes in the archive

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bulletin", "number"], name="bulletin_version_once")]

    def __str__(self) -> str:
        return f"{self.bulletin} {self.number}"


class UnitReply(models.Model):
    """What a unit says to a line of a bulletin before it is published: printed unchanged, in the same box. The newest one counts."""

    class Sort(models.TextChoices):
        """What it says."""

        REPLY = "reply", "情况说明"
        NOT_OURS = "not_ours", "不是本单位的账号"

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    bulletin = models.ForeignKey(Bulletin, models.PROTECT, related_name="replies")
    line = models.ForeignKey(RoundAccount, models.PROTECT, related_name="replies")
    sort = models.CharField(max_length=8, choices=Sort, default=Sort.REPLY)
    words = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answered = models.CharField(max_length=300, blank=True)  # what the office made of it
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return self.words[:20]


class Snapshot(models.Model):
    """公开快照: what was true when a bulletin was published. Every public word about an account comes from here."""

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    bulletin = models.OneToOneField(Bulletin, models.PROTECT, related_name="snapshot")
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="+")
    organ_name = models.CharField(max_length=120)
    title = models.CharField(max_length=200)
    at = models.DateTimeField()  # the check point
    published_at = models.DateTimeField(db_index=True)
    text = models.JSONField(default=dict)  # the bulletin's text as printed
    totals = models.JSONField(default=dict)
    method = models.JSONField(default=dict)
    digest = models.CharField(max_length=80, blank=True)
    visible = models.BooleanField(default=False)  # set last: rows are written in chunks and shown by one small change

    class Meta:
        ordering = ["-published_at", "-id"]

    def __str__(self) -> str:
        return self.title


class SnapshotAccount(models.Model):
    """One account in a snapshot: state, verdict, the unit's reply. Never edited."""

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="accounts")
    account = models.ForeignKey(Account, models.PROTECT, related_name="snapshots")
    public_id = models.CharField(max_length=16, db_index=True)
    name = models.CharField(max_length=120)
    platform = models.CharField(max_length=20)
    platform_id = BytewiseCharField(max_length=120, blank=True)
    owner_name = models.CharField(max_length=120)
    owner_ref = models.CharField(max_length=16, db_index=True)  # the organ's public id
    owner_path = BytewiseCharField(max_length=200, db_index=True)
    level = models.CharField(max_length=10)
    state = models.CharField(max_length=12)
    word = models.CharField(max_length=6)
    problems = models.JSONField(default=list)  # [code, title, because] of the confirmed findings
    because = models.CharField(max_length=1000, blank=True)
    last_post_at = models.DateTimeField(null=True)
    days_silent = models.IntegerField(null=True)
    weeks = models.CharField(max_length=52, blank=True)  # posts a week, oldest first, 9 for nine or more
    posts_year = models.PositiveIntegerField(default=0)
    longest_gap_days = models.PositiveIntegerField(null=True)
    pack_words = models.CharField(max_length=200, blank=True)
    own = models.BooleanField(default=False)
    rectified = models.CharField(max_length=60, blank=True)  # 6月24日注销; "" where it is not
    reply = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["snapshot", "account"], name="snapshot_account_once")]
        indexes = [models.Index(fields=["snapshot", "word"], name="snap_word")]

    def __str__(self) -> str:
        return f"{self.name} {self.word}"

    @property
    def platform_word(self) -> str:
        """The platform's official name."""
        return PLATFORM_NAMES.get(self.platform, self.platform)


class SnapshotSums(models.Model):
    """Sums of a place over the twelve months before a bulletin was published: outcomes and causes. Frozen with its snapshot.

    The office's own line has what it did itself as well: rounds, tickets that are late, appeals, why accounts could not be told.
    """

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="sums")
    organ_ref = models.CharField(max_length=16)  # the place's public id
    since = models.DateField()
    until = models.DateField()  # the last day counted
    outcomes = models.JSONField(default=dict)
    office = models.JSONField(default=dict)  # the office's own doings; empty for the places below

    class Meta:
        constraints = [models.UniqueConstraint(fields=["snapshot", "organ_ref"], name="snapshot_sums_once")]

    def __str__(self) -> str:
        return f"{self.organ_ref} {self.until}"


class DocumentTemplate(models.Model):
    """文书模板: how an organ's documents of one kind are printed from a moment on. Only added: the newest of an organ counts."""

    class Use(models.TextChoices):
        """What is printed on."""

        OWN = "own", "本单位的模板"
        OURS = "ours", "本系统的版式"
        ABOVE = "above", "沿用上级的"

    path_copies = ("organ_path",)

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="+")
    organ_path = BytewiseCharField(max_length=200, db_index=True)
    kind = models.CharField(max_length=40)  # a code of render.documents.library.DOCUMENTS
    use = models.CharField(max_length=6, choices=Use)
    name = models.CharField(max_length=120, blank=True)  # of the file as it came, made harmless
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(use="own", blob__isnull=False) | (~models.Q(use="own") & models.Q(blob=None)),
                name="template_own_file",
            ),
        ]
        indexes = [models.Index(fields=["kind", "organ_path"], name="template_kind_organ")]

    def __str__(self) -> str:
        return f"{self.kind} {self.use}"
