"""Standing: one narrow row an account, with all that the list filters and sorts by. Round, Finding, Verdict: an inspection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models

from qiguan.core.platforms import PLATFORM_NAMES
from qiguan.core.steps import FLAG_WORDS
from qiguan.jobs.keys import public_id
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


class _Unindexed(models.Func):
    """A column that SQLite's planner does not search by: its union of two indexes costs more than walking one in order."""

    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        """Put a plus before the column: https://sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_"""
        return self.as_sql(compiler, connection, template="+%(expressions)s", **extra)


class StandingQuerySet(models.QuerySet["Standing"]):
    """Standings of a jurisdiction."""

    def visible_to(self, user: User | AnonymousUser, *, many: bool = False) -> Self:
        """Keep what the user may see (see AccountQuerySet.visible_to). `many`: what is seen is a good part of all (see `under`)."""
        from qiguan.people.queries import memberships_of, paths_seen_by

        paths = paths_seen_by(user)
        if paths is None:
            return self
        others = models.Q(pk__in=[])
        if memberships_of(user, roles=[Role.OPERATOR, Role.CONTRACTOR]):
            others = models.Q(pk__in=AccountStaff.objects.filter(user_id=user.pk or 0, until=None).values("account"))
        return self.under(paths, others=others, many=many)

    def under(self, paths: Sequence[str], *, others: models.Q | None = None, many: bool = False) -> Self:
        """Keep what an organ of these subtrees owns or supervises, and `others`; all, where the subtrees hold every organ.

        `many`: read the table or an order from one end rather than every row of the subtree first.
        """
        roots = Organ.objects.filter(parent=None).values_list("path", flat=True)
        if paths and all(root.startswith(tuple(paths)) for root in roots):
            return self
        others = others or models.Q(pk__in=[])
        if not many:
            return self.filter(any_within(["owner_path", "supervisor_path"], paths) | others)
        found = self.alias(owner_plainly=_plain("owner_path"), supervisor_plainly=_plain("supervisor_path"))
        return found.filter(any_within(["owner_plainly", "supervisor_plainly"], paths) | others)


def _plain(column: str) -> _Unindexed:
    return _Unindexed(models.F(column), output_field=BytewiseCharField(max_length=200))


class Standing(models.Model):
    """The present state of an account, as of the latest covered moment, and copies for the list."""

    path_copies = ("owner_path", "supervisor_path")
    # what the row says of the owner, from the account's new owner: it follows a hand-over at once, not with the next judging
    owner_copies = {"owner_path": "path", "owner_name": "name", "owner_sort_key": "sort_key", "level": "level"}

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
        # one filter and one order meet in one index, so that any of the first pages is read without sorting; the id stands in it
        # too, so that skipped rows are never fetched (in SQLite this key is not the row's own number)
        indexes = [
            *(models.Index(fields=[order, "account"], name=f"st_{order[:12]}") for order in ORDERS),
            *(
                models.Index(fields=[kept, order, "account"], name=f"st_{kept[:8]}_{order[:12]}")
                for kept in KEPT
                for order in ORDERS
            ),
            models.Index(fields=["owner_path", "state"], name="st_owner_path"),
            models.Index(fields=["supervisor_path", "state"], name="st_supervisor_path"),
            models.Index(fields=["look_again_at"], name="st_look_again"),
            # holds all that the list counts by, so that counting never reads the rows themselves
            models.Index(
                fields=["state", "platform", "level", "scope", "owner_path", "supervisor_path", "account", "seen", "owner_ended"],
                name="st_tally",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"

    @property
    def platform_word(self) -> str:
        """The platform's official name."""
        return PLATFORM_NAMES.get(self.platform, self.platform)

    @property
    def flag_words(self) -> list[str]:
        """What a list must say beside the state; an ended owner is said at the owner's name."""
        return [FLAG_WORDS[flag] for flag in self.flags if flag in FLAG_WORDS and flag != "owner_ended"]


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


class Round(models.Model):
    """检查批次: every account of a scope, or some drawn by lot, at one check point. The scope is frozen as rows when it opens."""

    class Sort(models.TextChoices):
        """How the accounts are chosen."""

        FULL = "full", "全部检查"
        FILTERED = "filtered", "按条件检查"
        DRAWN = "drawn", "随机抽查"

    class Stage(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", "等抽签号码"
        JUDGING = "judging", "机器检查中"
        REVIEWING = "reviewing", "待研判"
        SETTLED = "settled", "已定案"

    path_copies = ("organ_path",)

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="+")
    organ_path = BytewiseCharField(max_length=200, db_index=True)
    title = models.CharField(max_length=120)
    at = models.DateTimeField()  # 监测时间点
    sort = models.CharField(max_length=8, choices=Sort)
    wanted = models.JSONField(default=dict)  # what the scope was narrowed to
    percent = models.PositiveSmallIntegerField(default=100)
    number_source = models.CharField(max_length=120, blank=True)  # the public number, named before it is known
    seed = models.CharField(max_length=60, blank=True)
    list_hash = models.CharField(max_length=80, blank=True)  # of the numbered list, published before the draw
    stage = models.CharField(max_length=10, choices=Stage)
    before = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")  # the last round of this organ
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    judged_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    progress = models.CharField(max_length=16, blank=True)  # jobs.Progress of the judging or settling

    class Meta:
        ordering = ["-opened_at", "-id"]

    def __str__(self) -> str:
        return self.title


class RoundAccount(models.Model):
    """检查对象: an account in a round's frame, as it stood that day, and what the machine found at the check point."""

    class Why(models.TextChoices):
        """Why it is in."""

        SCOPE = "scope", "在检查范围"
        DRAWN = "drawn", "抽中"
        RECHECK = "recheck", "上期不合格复查"
        FRAME = "frame", "未抽中"

    round = models.ForeignKey(Round, models.CASCADE, related_name="accounts")
    account = models.ForeignKey(Account, models.PROTECT, related_name="rounds")
    why = models.CharField(max_length=8, choices=Why)
    own = models.BooleanField(default=False)  # the supervising office's own account: confirmed by the level above, and labelled
    public_id = models.CharField(max_length=16)
    name = models.CharField(max_length=120)
    platform = models.CharField(max_length=20)
    platform_id = BytewiseCharField(max_length=120, blank=True)
    owner_name = models.CharField(max_length=120)
    owner_path = BytewiseCharField(max_length=200)
    supervisor_path = BytewiseCharField(max_length=200, blank=True)
    level = models.CharField(max_length=10)
    scope = models.CharField(max_length=10)
    judged_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, blank=True)
    last_post_at = models.DateTimeField(null=True)
    days_silent = models.IntegerField(null=True)
    weeks = models.CharField(max_length=52, blank=True)  # one digit a week, oldest first
    posts_year = models.PositiveIntegerField(default=0)
    longest_gap_days = models.PositiveIntegerField(null=True)
    pack = models.CharField(max_length=40, blank=True)
    word = models.CharField(max_length=6, blank=True)  # the machine's; the verdict is written when the round is settled
    outcomes = models.JSONField(default=dict)  # code → [outcome, because, version]
    evidence = models.JSONField(default=list)  # what was seen, when, by which hand, and the stored copy's hash

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "account"], name="round_account_once")]
        indexes = [
            models.Index(fields=["round", "judged_at"], name="ra_judged"),
            models.Index(fields=["round", "word"], name="ra_word"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.word}"

    @property
    def platform_word(self) -> str:
        """The platform's official name."""
        return PLATFORM_NAMES.get(self.platform, self.platform)


class FindingQuerySet(models.QuerySet["Finding"]):
    """Findings of a jurisdiction."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Keep what the user may see: the inspecting office everything, a unit what is confirmed about its own accounts."""
        from qiguan.people.queries import memberships_of, paths_seen_by

        seen = paths_seen_by(user)
        if seen is None:
            return self
        offices = [m.organ.path for m in memberships_of(user, roles=[Role.SUPERVISOR, Role.AUDITOR])]
        mine = any_within(["account__owner_path", "account__supervisor_path"], seen) & models.Q(state=Finding.State.CONFIRMED)
        return self.filter(any_within(["round__organ_path"], offices) | mine)


class Finding(models.Model):
    """问题: a breach in a round. The machine suspects, a person confirms, dismisses with a reason, or merges it into another."""

    class State(models.TextChoices):
        """What a person made of it."""

        SUSPECTED = "suspected", "待研判"
        CONFIRMED = "confirmed", "已确认"
        DISMISSED = "dismissed", "不属实"
        MERGED = "merged", "已合并"

    class Origin(models.TextChoices):
        """Who found it."""

        MACHINE = "machine", "规则检查"
        PERSON = "person", "人工发现"

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    round = models.ForeignKey(Round, models.CASCADE, related_name="findings")
    line = models.ForeignKey(RoundAccount, models.CASCADE, related_name="findings")
    account = models.ForeignKey(Account, models.PROTECT, related_name="findings")
    rule = models.CharField(max_length=20)
    rule_version = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=120)
    veto = models.BooleanField(default=False)
    because = models.CharField(max_length=600)
    evidence = models.JSONField(default=list)
    origin = models.CharField(max_length=8, choices=Origin)
    again = models.BooleanField(default=False)  # the same rule was confirmed for this account in the round before
    state = models.CharField(max_length=10, choices=State, default=State.SUSPECTED)
    reason = models.CharField(max_length=300, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    found_at = models.DateTimeField()
    found_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = FindingQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line", "rule"], name="finding_once")]
        indexes = [models.Index(fields=["round", "state"], name="finding_state")]

    def __str__(self) -> str:
        return f"{self.title} {self.state}"


class Verdict(models.Model):
    """检查结论, never edited: a correction is another row that names the one it replaces."""

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    line = models.ForeignKey(RoundAccount, models.PROTECT, related_name="verdicts")
    account = models.ForeignKey(Account, models.PROTECT, related_name="verdicts")
    at = models.DateTimeField()
    word = models.CharField(max_length=6)  # 合格 | 不合格 | 未能判定
    rules = models.JSONField(default=list)  # [code, version, title] of those that decide
    because = models.CharField(max_length=1000)
    covered = models.JSONField(default=list)
    not_looked = models.JSONField(default=dict)
    pack = models.CharField(max_length=40)
    pack_words = models.CharField(max_length=200)
    evidence = models.JSONField(default=list)
    own = models.BooleanField(default=False)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    correction = models.CharField(max_length=300, blank=True)  # why it replaces another

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line"], condition=models.Q(replaces=None), name="verdict_first_once"),
        ]
        indexes = [models.Index(fields=["account", "-at"], name="verdict_account")]

    def __str__(self) -> str:
        return f"{self.word} {self.at:%Y-%m-%d}"


class LocalPack(models.Model):
    """本地规则包: one version of a pack that a clerk filled in. Never edited: a correction or a new law is another row of its key.

    Of the versions of a key, the newest that has begun is in force; of two that begin on one day, the one added later.
    """

    path_copies = ("organ_path",)

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    key = models.CharField(max_length=40, db_index=True)  # the pack's id, the same for all its versions
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="+")
    organ_path = BytewiseCharField(max_length=200, db_index=True)
    title = models.CharField(max_length=200)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    tables = models.JSONField()  # see core.local_pack
    said = models.JSONField(default=dict)  # the form's texts, to begin the next version from
    source_date = models.DateField()
    document = models.CharField(max_length=80, blank=True)  # digest of the source document
    document_name = models.CharField(max_length=200, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.title} {self.since}"


from qiguan.inspection.warned import LeaderDecision, LeaderLink, Warned  # noqa: E402, F401  found here by Django
