"""Standing: one narrow row an account, with all that the list filters and sorts by."""

from __future__ import annotations

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models

from qiguan.core.platforms import PLATFORM_NAMES
from qiguan.people.fields import BytewiseCharField
from qiguan.people.models import Organ, Role, User, any_within
from qiguan.register.models import Account, AccountStaff

NO_LINE = 1 << 40
ORDERS = ("sort_key", "owner_sort_key", "silence_key", "line_key")  # what the list sorts by
KEPT = ("state", "platform", "level", "scope")  # what it filters by, beside place and words


class Seen(models.TextChoices):
    """How we see an account today: the best hand that vouches for it."""

    COMPLETE = "complete", "完整来源"
    CHECKED = "checked", "人工核查"
    PARTIAL = "partial", "不完整来源"
    NOTHING = "nothing", "没有来源"


class StandingQuerySet(models.QuerySet["Standing"]):
    """Standings of a jurisdiction."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Keep what the user may see (see AccountQuerySet.visible_to)."""
        from qiguan.people.queries import memberships_of, paths_seen_by

        paths = paths_seen_by(user)
        if paths is None:
            return self
        seen = any_within(["owner_path", "supervisor_path"], paths)
        if memberships_of(user, roles=[Role.OPERATOR, Role.CONTRACTOR]):
            seen |= models.Q(pk__in=AccountStaff.objects.filter(user_id=user.pk or 0, until=None).values("account"))
        return self.filter(seen)


class Standing(models.Model):
    """The present state of an account, as of the latest covered moment, and copies for the list."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="standing")
    state = models.CharField(max_length=12)
    reason = models.CharField(max_length=40)
    because = models.CharField(max_length=300)
    as_of = models.DateTimeField(null=True)
    judged_at = models.DateTimeField()
    last_post_at = models.DateTimeField(null=True)
    days_silent = models.IntegerField(null=True)
    next_line_at = models.DateTimeField(null=True)
    look_again_at = models.DateTimeField(null=True)
    pack = models.CharField(max_length=40)
    verdict = models.CharField(max_length=6, blank=True)
    next_step = models.CharField(max_length=60, blank=True)
    next_who = models.CharField(max_length=30, blank=True)
    owner_ended = models.BooleanField(default=False)
    seen = models.CharField(max_length=8, default=Seen.NOTHING, choices=Seen)
    flags = models.JSONField(default=list)
    weeks = models.CharField(max_length=52, blank=True)  # one digit a week, oldest first: the mini strip
    posts_year = models.PositiveIntegerField(default=0)
    longest_gap_days = models.PositiveIntegerField(default=0)
    days_out = models.PositiveIntegerField(default=0)
    # copies of the register
    public_id = models.CharField(max_length=16)
    name = models.CharField(max_length=120)
    sort_key = BytewiseCharField(max_length=200)
    platform = models.CharField(max_length=20)
    platform_id = BytewiseCharField(max_length=120, blank=True)
    owner_name = models.CharField(max_length=120)
    owner_sort_key = BytewiseCharField(max_length=200)
    owner_path = BytewiseCharField(max_length=200)
    supervisor_path = BytewiseCharField(max_length=200, blank=True)
    level = models.CharField(max_length=10)
    scope = models.CharField(max_length=10)

    # never null, so that every order is total and can be continued by key
    silence_key = models.BigIntegerField(default=0)  # epoch seconds of the newest post; 0 where none is known
    line_key = models.BigIntegerField(default=NO_LINE)  # epoch seconds of the next line; NO_LINE where none is ahead

    objects = StandingQuerySet.as_manager()

    class Meta:
        # one filter and one order meet in one index, so that any of the first pages is read without sorting
        indexes = [
            *(models.Index(fields=[order], name=f"st_{order[:12]}") for order in ORDERS),
            *(models.Index(fields=[kept, order], name=f"st_{kept[:8]}_{order[:12]}") for kept in KEPT for order in ORDERS),
            models.Index(fields=["owner_path", "state"], name="st_owner_path"),
            models.Index(fields=["supervisor_path", "state"], name="st_supervisor_path"),
            models.Index(fields=["look_again_at"], name="st_look_again"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"

    @property
    def platform_word(self) -> str:
        """The platform's official name."""
        return PLATFORM_NAMES.get(self.platform, self.platform)


class PackUse(models.Model):
    """Which local rule pack an organ's subtree is inspected by, from a day on."""

    organ = models.ForeignKey(Organ, models.CASCADE, related_name="pack_uses")
    pack = models.CharField(max_length=40)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organ", "pack", "since"], name="pack_use_once")]

    def __str__(self) -> str:
        return f"{self.organ} {self.pack}"
