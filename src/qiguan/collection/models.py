"""Sources, what they answered, the posts they showed, and what they vouch for."""

from __future__ import annotations

from django.db import models

from qiguan.connectors.wechat_component import set_words
from qiguan.jobs.keys import public_id
from qiguan.people.fields import BytewiseCharField
from qiguan.people.models import Organ, User
from qiguan.register.models import Account


class WechatComponent(models.Model):
    """第三方平台: a supervisor's own third-party platform at WeChat. One row, one refresher; secrets are encrypted like all others."""

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    organ = models.OneToOneField(Organ, models.PROTECT, related_name="+")
    appid = models.CharField(max_length=60)
    secret = models.BinaryField(default=b"")  # JSON: secret, token, aes_key, aes_key_before
    ticket = models.BinaryField(default=b"")
    ticket_at = models.DateTimeField(null=True)  # when the platform made it
    token = models.BinaryField(default=b"")
    token_until = models.DateTimeField(null=True)
    refresh_lease_until = models.DateTimeField(null=True)
    base = models.CharField(max_length=200, blank=True)  # a stand-in on loopback; "" for WeChat
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.appid


class WechatPush(models.Model):
    """A push that was taken, kept as long as its signature would be: the same one again changes nothing."""

    component = models.ForeignKey(WechatComponent, models.CASCADE, related_name="+")
    signature = models.CharField(max_length=40)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["component", "signature"], name="wechat_push_once")]

    def __str__(self) -> str:
        return self.signature


class Credential(models.Model):
    """A shared platform token: one row, one refresher. Secrets are encrypted with a key outside the database."""

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    kind = models.CharField(
        max_length=20, choices=[("wechat_component", "第三方平台授权"), ("agent", "单位侧采集程序"), ("push", "推送接口")]
    )
    secret = models.BinaryField(default=b"")
    key_hash = models.CharField(max_length=80, blank=True, db_index=True)
    token = models.BinaryField(default=b"")
    token_until = models.DateTimeField(null=True)
    refresh_lease_until = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    component = models.ForeignKey(WechatComponent, models.PROTECT, null=True, blank=True, related_name="credentials")
    authorizer_appid = models.CharField(max_length=60, blank=True, db_index=True)
    sets = models.JSONField(default=list, blank=True)  # ids of the permission sets that the account granted
    authorised_at = models.DateTimeField(null=True)  # machine time: compared with the platform's notices

    def __str__(self) -> str:
        return self.title

    @property
    def sets_words(self) -> str:
        """The granted permission sets, for people."""
        return set_words(self.sets)


class WechatRequest(models.Model):
    """授权请求: a link for the unit's administrator, and what became of it. The link can only give, never read."""

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", "等主办单位授权"
        GRANTED = "granted", "已授权"
        REFUSED = "refused", "未采用"

    hangs_as = "授权请求"  # undoing an import keeps the account

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="wechat_requests")
    component = models.ForeignKey(WechatComponent, models.PROTECT, related_name="requests")
    credential = models.ForeignKey(Credential, models.SET_NULL, null=True, related_name="requests")
    link_key = models.CharField(max_length=60, unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    said = models.CharField(max_length=300, blank=True)  # why it was not taken
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    pre_auth = models.BinaryField(default=b"")
    pre_auth_hash = models.CharField(max_length=80, blank=True, db_index=True)
    pre_auth_until = models.DateTimeField(null=True)
    code = models.BinaryField(default=b"")  # an authorisation code that waits to be exchanged
    used_hash = models.CharField(
        max_length=80, blank=True
    )  # of the code exchanged last: it comes back twice, by page and by push
    lease_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.account} {self.state}"


class Source(models.Model):
    """采集源: one way to read one account. The row is the schedule: a claim pushes `next_at` ahead (the lease)."""

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="sources")
    connector = models.CharField(max_length=20)
    url = models.URLField(max_length=1000, blank=True)
    settings = models.JSONField(default=dict, blank=True)
    credential = models.ForeignKey(Credential, models.PROTECT, null=True, blank=True, related_name="sources")
    complete = models.BooleanField(default=False)
    complete_said_by = models.CharField(max_length=60, blank=True)
    enabled = models.BooleanField(default=True)
    next_at = models.DateTimeField(null=True, blank=True)
    owner = models.CharField(max_length=60, blank=True)
    interval = models.PositiveIntegerField(default=14400)  # seconds
    etag = models.CharField(max_length=300, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    body_hash = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    outcome_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    read_at = models.DateTimeField(null=True)
    seen_name = models.CharField(max_length=120, blank=True)
    moved_to = models.URLField(max_length=1000, blank=True)
    # where the open rows stand, so that a poll extends them without looking for them
    poll_ref = models.BigIntegerField(null=True)
    span_ref = models.BigIntegerField(null=True)
    span_start = models.DateTimeField(null=True)
    span_until = models.DateTimeField(null=True)
    line_at = models.DateTimeField(null=True)  # the account's next line, as inspection told it: it is looked at more often before
    added_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="source_due", condition=models.Q(enabled=True))]
        constraints = [models.UniqueConstraint(fields=["account", "connector", "url"], name="source_once")]

    def __str__(self) -> str:
        return f"{self.connector} {self.url}"


class CoverageSpan(models.Model):
    """观测覆盖: a complete source showed every post in [start, until]. Contiguous readings extend one row; kept for ever."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="spans")
    account = models.ForeignKey(Account, models.CASCADE, related_name="spans")
    start = models.DateTimeField(null=True)
    until = models.DateTimeField()
    read_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account", "until"])]

    def __str__(self) -> str:
        return f"{self.start} – {self.until}"


class Poll(models.Model):
    """采集记录: equal outcomes in a row extend one row."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="polls")
    outcome = models.CharField(max_length=20)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)
    items = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    detail = models.CharField(max_length=400, blank=True)
    blob = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["source", "-last_at"])]

    def __str__(self) -> str:
        return f"{self.outcome} ×{self.times}"


class Post(models.Model):
    """发布内容, once per (account, key). `published_at` None where the source gives no date."""

    hangs_as = "发布内容"  # undoing an import keeps the account

    account = models.ForeignKey(Account, models.CASCADE, related_name="posts")
    key = BytewiseCharField(max_length=200)
    title = models.CharField(max_length=300)
    url = models.URLField(max_length=1000, blank=True)
    published_at = models.DateTimeField(null=True)
    precision = models.CharField(max_length=6, default="second")
    raw_date = models.CharField(max_length=80, blank=True)
    first_seen_at = models.DateTimeField()
    pushed = models.BooleanField(null=True)
    original = models.BooleanField(null=True)
    deleted_seen_at = models.DateTimeField(null=True)
    first_source = models.ForeignKey(Source, models.SET_NULL, null=True, related_name="+", db_index=False)
    asked_about = models.BooleanField(default=False)  # stated long before a covering source first saw it (倒填)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="post_once")]
        indexes = [models.Index(fields=["account", "-published_at"])]

    def __str__(self) -> str:
        return self.title


class PostAlias(models.Model):
    """A source's own id of a post."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="aliases")
    source = models.ForeignKey(Source, models.CASCADE, related_name="+")
    value = BytewiseCharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "value"], name="post_alias_once")]

    def __str__(self) -> str:
        return self.value


class PostRevision(models.Model):
    """What a post said before an edit was noticed."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="revisions")
    noticed_at = models.DateTimeField()
    title = models.CharField(max_length=300)
    published_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.title


class CheckRound(models.Model):
    """One human round 人工核查 over a jurisdiction; 5 % drawn by lot are checked twice."""

    path_copies = ("organ_path",)

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="+")
    organ_path = BytewiseCharField(max_length=200, db_index=True)
    title = models.CharField(max_length=120)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    point = models.DateTimeField(null=True)  # the check point of the inspection that this round is looked for; None: for today
    seed = models.CharField(max_length=60)  # published with the round, so that anyone can redo the draw

    class Meta:
        ordering = ["-opened_at"]

    def __str__(self) -> str:
        return self.title


class CheckTask(models.Model):
    """One account to look at in a round. `turn` 2 is the second look of the drawn 5 %, by another person."""

    round = models.ForeignKey(CheckRound, models.CASCADE, related_name="tasks")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    turn = models.PositiveSmallIntegerField(default=1)
    position = models.PositiveIntegerField(default=0)
    held_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    held_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "account", "turn"], name="check_task_once")]
        indexes = [models.Index(fields=["round", "done_at", "position"])]

    def __str__(self) -> str:
        return f"{self.account} {self.turn}"


class HumanCheck(models.Model):
    """人工核查: what a person saw in the platform, complete evidence at its moment. Never edited; a later one stands beside it."""

    hangs_as = "人工核查记录"  # undoing an import keeps the account

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    client_key = models.CharField(max_length=40, unique=True)  # made on the phone: sent twice, stored once
    account = models.ForeignKey(Account, models.CASCADE, related_name="checks")
    task = models.ForeignKey(CheckTask, models.SET_NULL, null=True, related_name="checks")
    at = models.DateTimeField()
    at_precision = models.CharField(max_length=6, default="minute")  # "day": `at` is the last moment at which it can have been
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    hand = models.CharField(max_length=60, blank=True)
    said = models.CharField(max_length=10)
    newest_at = models.DateTimeField(null=True)
    newest_precision = models.CharField(max_length=6, default="day")
    point = models.DateTimeField(null=True)  # a check point before the look, about which something was said too
    before_said = models.CharField(max_length=10, blank=True)  # newest, never, or unclear: what was there up to the point
    before_at = models.DateTimeField(null=True)  # the newest post at or before the point, end of its day
    new_name = models.CharField(max_length=120, blank=True)
    message_box = models.BooleanField(null=True)
    menu = models.BooleanField(null=True)
    window = models.JSONField(default=dict, blank=True)  # other parts that were tried: core.window.Part → works
    note = models.CharField(max_length=400, blank=True)
    screenshot = models.CharField(max_length=80, blank=True)
    came_by = models.CharField(max_length=8, default="page", choices=[("page", "网页"), ("sheet", "表格")])
    stored_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account", "at"])]

    def __str__(self) -> str:
        return f"{self.account} {self.said}"


class Sighting(models.Model):
    """A citizen saw a post: link and time. Proves life, never silence."""

    hangs_as = "目击记录"  # undoing an import keeps the account

    account = models.ForeignKey(Account, models.CASCADE, related_name="sightings")
    at = models.DateTimeField()
    posted_at = models.DateTimeField()
    precision = models.CharField(max_length=6, default="minute")  # "day": the post's own hour is not known
    url = models.URLField(max_length=1000)

    def __str__(self) -> str:
        return self.url


class Touched(models.Model):
    """An account with new facts: inspection pulls the mark and judges again. One row an account."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="+")
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.account_id)


from qiguan.collection.front_door import (  # noqa: E402  the app's other tables: one concern a module, found here by Django
    HumanFinding,
    WindowItem,
    WindowLook,
)

__all__ = [
    "CheckRound",
    "CheckTask",
    "CoverageSpan",
    "Credential",
    "HumanCheck",
    "HumanFinding",
    "Poll",
    "Post",
    "PostAlias",
    "PostRevision",
    "Sighting",
    "Source",
    "Touched",
    "WechatComponent",
    "WechatPush",
    "WechatRequest",
    "WindowItem",
    "WindowLook",
]
