"""考评季: a season, its questions and paper, the units' answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models

from qiguan.core.days import day_of
from qiguan.jobs.keys import public_id
from qiguan.people.fields import BytewiseCharField
from qiguan.people.models import Organ, User, any_within
from qiguan.register.models import Account


class Phase(models.TextChoices):
    """Where a season is at a moment, by its stage and its published dates."""

    PROPOSING = "proposing", "征题"
    WEIGHING = "weighing", "评议题目"
    LISTING = "listing", "待公布名单"
    DRAWING = "drawing", "待抽签"
    ANSWERING = "answering", "单位答题"
    MARKING = "marking", "群众评分"
    CLOSING = "closing", "待统计"
    COUNTED = "counted", "待公布结果"
    PUBLISHED = "published", "结果已公布"


class SeasonQuerySet(models.QuerySet["Season"]):
    """Seasons of a jurisdiction."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Keep the seasons of the offices the user sees, and those in which a unit of the user's is a candidate."""
        from qiguan.people.queries import memberships_of, paths_seen_by

        paths = paths_seen_by(user)
        if paths is None:
            return self
        mine = [m.organ_id for m in memberships_of(user)]
        asked = Candidate.objects.filter(any_within(["owner_path"], paths) | models.Q(account__owner__in=mine))
        return self.filter(any_within(["organ_path"], paths) | models.Q(organ__in=mine) | models.Q(pk__in=asked.values("season")))


class Season(models.Model):
    """考评季: rules and dates are published when it opens and do not change."""

    class Stage(models.TextChoices):
        """What an official has done last; what the public may do follows from it and from the dates."""

        OPEN = "open", "征题和评议"
        LISTED = "listed", "名单已公布"
        DRAWN = "drawn", "试卷已定"
        COUNTED = "counted", "已统计"
        PUBLISHED = "published", "结果已公布"

    path_copies = ("organ_path",)

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="+")
    organ_path = BytewiseCharField(max_length=200, db_index=True)
    title = models.CharField(max_length=120)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.OPEN)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    propose_until = models.DateTimeField()
    weigh_until = models.DateTimeField()
    draw_on = models.DateField()  # the day on which the public number is known
    answer_until = models.DateTimeField()
    mark_until = models.DateTimeField()
    number_source = models.CharField(max_length=120)  # the public number, named before it is known
    questions_drawn = models.PositiveSmallIntegerField()
    least = models.PositiveIntegerField()  # answers below which no result is published
    limit = models.PositiveIntegerField()  # 1/10,000: a lower bound of 不满意 above it opens a ticket
    frame_words = models.TextField()  # whom the invited panel is drawn from, and whom that misses
    drawn_by = models.CharField(max_length=120)  # who draws and seals the codes
    groups = models.JSONField(default=list)  # [[name, how many of the frame], …]
    list_text = models.TextField(blank=True)
    list_hash = models.CharField(max_length=80, blank=True)
    listed_at = models.DateTimeField(null=True)
    seed = models.CharField(max_length=60, blank=True)
    counted_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)

    objects = SeasonQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-id"]

    def __str__(self) -> str:
        return self.title

    @property
    def propose_day(self) -> date:
        """The last day on which questions are taken."""
        return day_of(self.propose_until)

    @property
    def weigh_day(self) -> date:
        """The last day of the weighing."""
        return day_of(self.weigh_until)

    @property
    def answer_day(self) -> date:
        """The last day on which units answer."""
        return day_of(self.answer_until)

    @property
    def mark_day(self) -> date:
        """The last day on which marks are given."""
        return day_of(self.mark_until)

    def phase(self, at: datetime) -> Phase:
        """Say where the season is."""
        if self.stage == self.Stage.OPEN:
            return Phase.PROPOSING if at <= self.propose_until else Phase.WEIGHING if at <= self.weigh_until else Phase.LISTING
        if self.stage == self.Stage.LISTED:
            return Phase.DRAWING
        if self.stage == self.Stage.DRAWN:
            return Phase.ANSWERING if at <= self.answer_until else Phase.MARKING if at <= self.mark_until else Phase.CLOSING
        return Phase.COUNTED if self.stage == self.Stage.COUNTED else Phase.PUBLISHED


class Candidate(models.Model):
    """考评对象: an account whose unit sits the paper. `invited` letters went out, `returned` came back undelivered."""

    path_copies = ("owner_path",)

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    season = models.ForeignKey(Season, models.CASCADE, related_name="candidates")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    platform = models.CharField(max_length=20)
    owner_name = models.CharField(max_length=120)
    owner_path = BytewiseCharField(max_length=200, db_index=True)
    frame = models.PositiveIntegerField(null=True)  # how many the letters were drawn from
    invited = models.PositiveIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["season", "account"], name="candidate_once")]

    def __str__(self) -> str:
        return self.name


class Question(models.Model):
    """考题: a citizen's words, and beside them a moderator's neutral ones where the citizen wished for them."""

    class Stage(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", "等审核"
        ADMITTED = "admitted", "已通过"
        REFUSED = "refused", "没有通过"
        APPEALED = "appealed", "申诉中"
        FINAL = "final", "申诉后仍未通过"

    class Why(models.TextChoices):
        """The published rule: for nothing else is a question refused."""

        PRIVATE = "private", "含有个人信息"
        ATTACK = "attack", "辱骂或针对个人"
        UNLAWFUL = "unlawful", "违反法律"
        CASE = "case", "是个人要办的具体事项，请走留言"
        OFF = "off", "与政务新媒体无关"
        SAME = "same", "与已有的题目相同"

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    season = models.ForeignKey(Season, models.CASCADE, related_name="questions")
    words = models.CharField(max_length=200)
    wants_neutral = models.BooleanField(default=False)
    neutral = models.CharField(max_length=200, blank=True)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.WAITING)
    why = models.CharField(max_length=10, choices=Why, blank=True)
    why_words = models.CharField(max_length=300, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    appeal = models.CharField(max_length=300, blank=True)
    appeal_words = models.CharField(max_length=300, blank=True)  # what was answered to the appeal
    proposed_at = models.DateTimeField()
    track = models.CharField(max_length=64, unique=True)  # digest of the proposer's code
    number = models.CharField(max_length=8, blank=True)  # in the published list
    left_out = models.BooleanField(default=False)  # weighed down by the published rule

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.asked

    @property
    def asked(self) -> str:
        """The words that go on the list."""
        return self.neutral or self.words


class Weighing(models.Model):
    """题目评议: what one visitor thinks of a question. It informs; it enters no score."""

    class View(models.TextChoices):
        """What can be said."""

        AGREE = "agree", "赞成"
        DISAGREE = "disagree", "不赞成"
        PASS = "pass", "跳过"

    question = models.ForeignKey(Question, models.CASCADE, related_name="weighings")
    view = models.CharField(max_length=8, choices=View)
    visitor = models.CharField(max_length=64)  # digest of a cookie: weak, and said to be

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "visitor"], name="weighed_once")]

    def __str__(self) -> str:
        return self.get_view_display()


class Paper(models.Model):
    """试卷: what the lot drew, the same for every candidate."""

    season = models.OneToOneField(Season, models.CASCADE, related_name="paper")
    drawn_at = models.DateTimeField()
    drawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return str(self.season)


class PaperQuestion(models.Model):
    """试题: a question of the paper, in order. `again`: asked before and not well answered then; not drawn."""

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="questions")
    order = models.PositiveSmallIntegerField()
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    words = models.CharField(max_length=200)
    again = models.BooleanField(default=False)

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "order"], name="paper_order"),
            models.UniqueConstraint(fields=["paper", "question"], name="paper_question_once"),
        ]

    def __str__(self) -> str:
        return self.words


class Answer(models.Model):
    """作答: what a unit says to a question, openly; it may be changed until the deadline."""

    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="answers")
    question = models.ForeignKey(PaperQuestion, models.CASCADE, related_name="answers")
    words = models.CharField(max_length=1000)
    link = models.URLField(max_length=500, blank=True)
    answered_at = models.DateTimeField()
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["candidate", "question"], name="answered_once")]

    def __str__(self) -> str:
        return self.words[:40]


class Result(models.Model):
    """考评结果: a season counted once, after its last day. Pages show this and count nothing themselves."""

    season = models.OneToOneField(Season, models.CASCADE, related_name="result")
    data = models.JSONField()

    def __str__(self) -> str:
        return str(self.season)


from qiguan.examination.ballots import (  # noqa: E402, F401  found here by Django
    Ballot,
    Code,
    OpenHour,
    OpenSource,
    PaperEntry,
    PressureReport,
    SpentCode,
)
