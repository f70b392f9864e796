"""点题 and what became of it; what citizens give; the pool of texts; the quarter's question. Nothing here says who a citizen is."""

from __future__ import annotations

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models

from qiguan.collection.models import Post
from qiguan.jobs.keys import public_id
from qiguan.people.models import Organ, User
from qiguan.register.models import Account


class OfAccountQuerySet(models.QuerySet):
    """Rows that belong to an account."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Keep those whose account the user sees."""
        return self.filter(account__in=Account.objects.visible_to(user))

    def released(self) -> Self:
        """Keep what a person let out to the public."""
        return self.filter(released_at__isnull=False)


class TopicRequest(models.Model):
    """点题: a wish that an account explain or publish something. `code_hash` is all that ties it to who asked."""

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", "待认领"
        PLEDGED = "pledged", "已认领"
        ANSWERED = "answered", "已回应"
        DECLINED = "declined", "没做"

    class Channel(models.TextChoices):
        """Where it came in."""

        WEB = "web", "网页"
        QR = "qr", "扫码"
        MENU = "menu", "菜单"
        POSTER = "poster", "海报"
        PLACE = "counter", "窗口代填"

    hangs_as = "群众点题"  # undoing an import keeps the account

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="topic_requests")
    words = models.CharField(max_length=200)
    more = models.TextField(blank=True)
    words_public = models.BooleanField(default=False)  # the asker's own, unticked consent
    subject = models.CharField(max_length=20)
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.WEB)
    code_hash = models.CharField(max_length=64, unique=True)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    released_at = models.DateTimeField(null=True)
    held_by_rule = models.CharField(max_length=20, blank=True)  # a key of HOLDS
    held_why = models.CharField(max_length=200, blank=True)
    appealed_at = models.DateTimeField(null=True)
    due_on = models.DateField(null=True)
    why_not = models.CharField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True)
    post = models.ForeignKey(Post, models.SET_NULL, null=True, related_name="+")
    post_title = models.CharField(max_length=300, blank=True)
    post_url = models.URLField(max_length=1000, blank=True)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["account", "state", "-asked_at"], name="topic_request_list")]

    def __str__(self) -> str:
        return self.public_id

    @property
    def shown(self) -> str:
        """The words as the public may see them."""
        return self.words if self.words_public else "（点题人没有同意公开原话）"


class Pledge(models.Model):
    """认领、没做、回应: what the unit said and when. Only added."""

    class What(models.TextChoices):
        """What was said."""

        PLEDGED = "pledged", "认领"
        DECLINED = "declined", "没做"
        ANSWERED = "answered", "回应"

    request = models.ForeignKey(TopicRequest, models.CASCADE, related_name="pledges")
    what = models.CharField(max_length=8, choices=What)
    words = models.CharField(max_length=300, blank=True)
    due_on = models.DateField(null=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.get_what_display()


class Second(models.Model):
    """附议: one more who wants the same. Informs; never a score."""

    request = models.ForeignKey(TopicRequest, models.CASCADE, related_name="seconds")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.request_id}"


class Wanted(models.Model):
    """是不是您想要的: 是、部分、否. The asker's own word is one and may be changed; others' are counted beside it."""

    class Said(models.TextChoices):
        """The answer."""

        YES = "yes", "是"
        PARTLY = "partly", "部分"
        NO = "no", "否"

    request = models.ForeignKey(TopicRequest, models.CASCADE, related_name="wanted")
    said = models.CharField(max_length=6, choices=Said)
    by_asker = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request"], condition=models.Q(by_asker=True), name="wanted_of_asker_once")
        ]

    def __str__(self) -> str:
        return self.get_said_display()


class Contribution(models.Model):
    """群众供稿和勘误: a text, a correction or a translation that a citizen gives. The unit edits it and answers for it."""

    class Sort(models.TextChoices):
        """What is given."""

        TEXT = "text", "供稿"
        CORRECTION = "correction", "勘误"
        TRANSLATION = "translation", "翻译"

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", "待看"
        USED = "used", "已采用"
        DECLINED = "declined", "没有采用"

    hangs_as = "群众供稿"

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="contributions")
    sort = models.CharField(max_length=12, choices=Sort)
    about = models.CharField(max_length=1000, blank=True)  # the post that is corrected or translated: its link or title
    text = models.TextField()
    credit = models.CharField(max_length=40, blank=True)  # how the giver wants to be named; "" not at all
    code_hash = models.CharField(max_length=64, unique=True)
    given_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    why_not = models.CharField(max_length=300, blank=True)
    used_url = models.URLField(max_length=1000, blank=True)
    decided_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)

    objects = OfAccountQuerySet.as_manager()

    def __str__(self) -> str:
        return self.public_id


class PoolItem(models.Model):
    """供稿池: a text that an organ offers once to all. Nobody counts who did not take it."""

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="+")
    kit = models.CharField(max_length=20, blank=True)
    title = models.CharField(max_length=120)
    text = models.TextField()
    expires_on = models.DateField()
    offered_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-offered_at"], name="pool_newest")]

    def __str__(self) -> str:
        return self.title


class PoolUse(models.Model):
    """取用: an account took a text from the pool, with its source named."""

    hangs_as = "取用供稿"

    item = models.ForeignKey(PoolItem, models.PROTECT, related_name="uses")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "account"], name="pool_use_once")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.account_id}"


class QuickQuestion(models.Model):
    """十秒小问: one question a quarter and account, two to six answers to press."""

    hangs_as = "季度小问"

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="quick_questions")
    quarter = models.CharField(max_length=6)  # 2026Q3
    words = models.CharField(max_length=60)
    options = models.JSONField(default=list)
    released_at = models.DateTimeField(null=True)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "quarter"], name="quick_question_once")]

    def __str__(self) -> str:
        return self.words


class QuickAnswer(models.Model):
    """小问的一票: which answer was pressed, and nothing else."""

    question = models.ForeignKey(QuickQuestion, models.CASCADE, related_name="answers")
    option = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.option)
