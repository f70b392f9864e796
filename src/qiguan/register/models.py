"""Account: a government new-media account, its names, identifiers, owners, staff and filings."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models.functions import Lower

from qiguan.core.facts import Kind, Scope
from qiguan.core.platforms import PLATFORM_NAMES
from qiguan.core.quota import Quota
from qiguan.jobs.keys import public_id
from qiguan.people.fields import BytewiseCharField
from qiguan.people.models import Organ, Role, User, any_within


class AccountQuerySet(models.QuerySet["Account"]):
    """Accounts of a jurisdiction."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Keep what the user may see: the subtree of the owner or of the supervising organ; for operators their own accounts."""
        from qiguan.people.queries import memberships_of, paths_seen_by

        paths = paths_seen_by(user)
        if paths is None:
            return self
        seen = any_within(["owner_path", "supervisor_path"], paths)
        if memberships_of(user, roles=[Role.OPERATOR, Role.CONTRACTOR]):
            seen |= models.Q(pk__in=AccountStaff.objects.filter(user_id=user.pk or 0, until=None).values("account"))
        return self.filter(seen)


class Account(models.Model):
    """政务新媒体账号. Identity is platform + platform id; a name is dated history. Paths are copies for scoping."""

    class Status(models.TextChoices):
        """The register's own word (what was filed), not the observed state."""

        OPEN = "open", "在用"
        CLOSING = "closing", "停更待注销"
        CLOSED = "closed", "已关停"

    class Staffing(models.TextChoices):
        """Who runs it."""

        FULL = "full", "专职"
        PART = "part", "兼职"
        CONTRACT = "contract", "代运营"
        NONE = "none", "无人"
        UNSTATED = "unstated", "未注明"

    path_copies = ("owner_path", "supervisor_path")

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    platform = models.CharField(max_length=20, choices=list(PLATFORM_NAMES.items()))
    platform_id = BytewiseCharField(max_length=120, blank=True)
    name = models.CharField(max_length=120)
    name_key = models.CharField(max_length=120, db_index=True)
    owner = models.ForeignKey(Organ, models.PROTECT, related_name="accounts")
    owner_path = BytewiseCharField(max_length=200, db_index=True)
    supervisor = models.ForeignKey(Organ, models.PROTECT, null=True, blank=True, related_name="supervised")
    supervisor_path = BytewiseCharField(max_length=200, blank=True, db_index=True)
    scope = models.CharField(
        max_length=10,
        choices=[(Scope.NATIONAL, "国办口径"), (Scope.LOCAL, "地方扩围"), (Scope.LISTED, "只登记")],
        default=Scope.NATIONAL,
    )
    scope_basis = models.CharField(max_length=200, blank=True)
    kind = models.CharField(
        max_length=12,
        choices=[(Kind.PUBLISHING, "发布类"), (Kind.SERVICE, "服务类"), (Kind.BOTH, "兼有"), (Kind.UNSTATED, "未注明")],
        default=Kind.UNSTATED,
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    link = models.URLField(max_length=500, blank=True)
    opened_on = models.DateField(null=True, blank=True)
    certified_subject = models.CharField(max_length=120, blank=True)
    feed_link = models.URLField(max_length=1000, blank=True)  # 采集地址 as registered; collection makes a source of it
    feed_complete = models.BooleanField(null=True, blank=True)  # 来源完整 as the register says
    purpose = models.CharField(max_length=400, blank=True)
    language = models.CharField(max_length=20, blank=True, default="zh")
    functions = models.JSONField(default=list, blank=True)
    staffing = models.CharField(max_length=10, choices=Staffing, default=Staffing.UNSTATED)
    staff_people = models.PositiveSmallIntegerField(null=True, blank=True)
    has_cover = models.BooleanField(null=True, blank=True)
    agreed_days = models.PositiveSmallIntegerField(null=True, blank=True)  # 约定几天更新一次: the unit's word, no official line
    push_quota = models.CharField(max_length=8, blank=True, choices=[(q.value, q.word) for q in Quota])
    closing_filed_on = models.DateField(null=True, blank=True)
    closing_notice_on = models.DateField(null=True, blank=True)
    closes_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    reopened_on = models.DateField(null=True, blank=True)
    blocked_on = models.DateField(null=True, blank=True)
    blocked_why = models.CharField(max_length=120, blank=True)
    replaced_by = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="replaces")
    registered_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = AccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "platform_id"], condition=~models.Q(platform_id=""), name="account_identity"
            )
        ]
        indexes = [models.Index(fields=["changed_at"])]

    def __str__(self) -> str:
        return f"{self.name}（{self.get_platform_display()}）"

    def owner_has_ended(self, on: date) -> bool:
        """Say whether the owner organ no longer exists: 主办单位已撤并."""
        return self.owner.has_ended(on)


class AccountName(models.Model):
    """A name the account bore or was seen under, with its dates."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="names")
    name = models.CharField(max_length=120)
    name_key = models.CharField(max_length=120, db_index=True)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class AccountAlias(models.Model):
    """Another identifier of the account: WeChat's gh_…, 微信号 and __biz are three of them."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="aliases")
    platform = models.CharField(max_length=20)
    sort = models.CharField(max_length=12)
    value = BytewiseCharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["platform", "value"], name="alias_once")]
        indexes = [models.Index(Lower("value"), name="alias_value_key")]  # 微信号 is one whatever the case of its letters

    def __str__(self) -> str:
        return f"{self.sort}:{self.value}"


class AccountGram(models.Model):
    """Pieces for search: two characters of names (trigrams find nothing for 南昌), four of ids (`queries/ids.py`)."""

    gram = BytewiseCharField(max_length=4)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+", db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gram", "account"], name="gram_once")]

    def __str__(self) -> str:
        return self.gram


class CoOwner(models.Model):
    """协办 or 承办 beside the lead owner."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="co_owners")
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="+")
    part = models.CharField(max_length=10, choices=[("assist", "协办"), ("undertake", "承办")])

    def __str__(self) -> str:
        return f"{self.organ} {self.get_part_display()}"


class AccountStaff(models.Model):
    """Who runs the account: operator or deputy."""

    hangs_as = "运营人员"  # undoing an import keeps an account on which this hangs, and says this word

    account = models.ForeignKey(Account, models.CASCADE, related_name="staff")
    user = models.ForeignKey(User, models.PROTECT, related_name="runs")
    part = models.CharField(max_length=10, choices=[("operator", "运营人员"), ("deputy", "替班")], default="operator")
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "user", "part"], condition=models.Q(until=None), name="staff_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_part_display()}"


class Custody(models.Model):
    """账号保管: who holds what. The contact is encrypted (`register/contacts.py`) and shown to the unit alone."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="custody")
    what = models.CharField(
        max_length=12, choices=[("admin", "管理员账号"), ("phone", "登记手机"), ("mail", "登记邮箱"), ("licence", "认证材料")]
    )
    holder = models.CharField(max_length=60, blank=True)
    contact = models.BinaryField(default=b"", blank=True)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    handed_over_to = models.CharField(max_length=60, blank=True)
    check_since = models.DateField(null=True, blank=True)  # somebody who ran the account has left: to be handed over or confirmed

    def __str__(self) -> str:
        return self.get_what_display()


class Filing(models.Model):
    """登记 / 变更 / 关停 / 注销, with its approval. `said` holds the form's answers."""

    hangs_as = "备案"

    class What(models.TextChoices):
        """What is filed."""

        OPEN = "open", "登记"
        CHANGE = "change", "变更"
        STOP = "stop", "关停"
        CANCEL = "cancel", "注销"

    class State(models.TextChoices):
        """Where the filing stands."""

        SUBMITTED = "submitted", "待审批"
        APPROVED = "approved", "已同意"
        RETURNED = "returned", "已退回"

    path_copies = ("organ_path",)

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="filings")
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="filings")
    organ_path = BytewiseCharField(max_length=200, db_index=True)
    what = models.CharField(max_length=8, choices=What)
    state = models.CharField(max_length=10, choices=State, default=State.SUBMITTED)
    said = models.JSONField(default=dict)
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=400, blank=True)
    look_again_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-submitted_at"]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.organ}"


class PublicEntry(models.Model):
    """What the public look-up reads: written when a filing or an import is approved; no state, no person."""

    account = models.OneToOneField(Account, models.CASCADE, related_name="public_entry")
    platform = models.CharField(max_length=20)
    platform_id = BytewiseCharField(max_length=120, blank=True)
    name = models.CharField(max_length=120)
    name_key = models.CharField(max_length=120, db_index=True)
    owner_name = models.CharField(max_length=120)
    place = models.CharField(max_length=120, blank=True)
    certified_subject = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=10, choices=Account.Status)
    link = models.URLField(max_length=500, blank=True)
    instead = models.CharField(max_length=200, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    approved_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(Lower("platform_id"), name="entry_id_key")]

    def __str__(self) -> str:
        return self.name


from qiguan.register.sheets import (  # noqa: E402  the app's other tables: one concern a module, found here by Django
    ColumnMemory,
    ReturnShare,
    ReturnTask,
    SheetFile,
    SheetRow,
)

__all__ = [
    "Account", "AccountAlias", "AccountGram", "AccountName", "AccountQuerySet", "AccountStaff", "CoOwner", "ColumnMemory", "Custody", "Filing",
    "PublicEntry", "ReturnShare", "ReturnTask", "SheetFile", "SheetRow",
]  # fmt: skip
