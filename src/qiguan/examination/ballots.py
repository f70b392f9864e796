"""Tables of the ballot box. No row here has a time, an address, a session or an audit row beside it (docs/threat-model-ballots.md)."""

from __future__ import annotations

from django.db import models

from qiguan.examination.keys import RandomKeyField
from qiguan.examination.models import Candidate
from qiguan.people.models import User


class Panel(models.TextChoices):
    """Two panels, never added up."""

    INVITED = "invited", "邀请组"
    OPEN = "open", "公开组"


class Code(models.Model):
    """答卷码: a letter's code that nobody has used, known by its digest. Spending deletes the row."""

    key = RandomKeyField()
    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="codes")
    digest = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return self.digest[:8]


class SpentCode(models.Model):
    """已用的码: that something was used, a letter's code or an open form, and with which form, so that a retry counts once.

    `settled`: it has left the pool whose rows are written anew, in random order, with every ballot.
    """

    key = RandomKeyField()
    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="spent", db_index=False)
    panel = models.CharField(max_length=8, choices=Panel)
    digest = models.CharField(max_length=64, unique=True)
    form = models.CharField(max_length=64)
    settled = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["candidate", "panel"], condition=models.Q(settled=False), name="spent_pool")]

    def __str__(self) -> str:
        return self.digest[:8]


class Ballot(models.Model):
    """答卷: marks in the order of the paper (core.marking.written), the grade of the account as a whole, and nothing about who."""

    class Doubt(models.TextChoices):
        """Why an open ballot is doubted. It is counted and shown all the same, and the result without it beside."""

        NONE = "", "无"
        SOURCE = "source", "同一来源投得多"
        DEVICE = "device", "同一设备投过"

    key = RandomKeyField()
    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="ballots")
    panel = models.CharField(max_length=8, choices=Panel)
    grade = models.PositiveSmallIntegerField()
    marks = models.CharField(max_length=80)
    group = models.PositiveSmallIntegerField(default=0)  # place in season.groups, from 1; 0: not said
    verified = models.BooleanField(default=True)  # open panel: the work was done
    doubt = models.CharField(max_length=8, choices=Doubt, blank=True)
    settled = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["candidate", "panel"], condition=models.Q(settled=False), name="ballot_pool")]

    def __str__(self) -> str:
        return self.marks


class PaperEntry(models.Model):
    """纸质答卷录入: a paper ballot typed once. The row goes when another person has typed the same."""

    key = RandomKeyField()
    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="entries")
    digest = models.CharField(max_length=64, unique=True)
    grade = models.PositiveSmallIntegerField()
    marks = models.CharField(max_length=80)
    group = models.PositiveSmallIntegerField(default=0)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.digest[:8]


class PressureReport(models.Model):
    """被要求好评: told by whoever holds a code of the candidate, once a code; no way leads to a ballot."""

    key = RandomKeyField()
    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="pressure")
    digest = models.CharField(max_length=64, unique=True)  # of the code, in a context of its own
    words = models.CharField(max_length=500, blank=True)
    day = models.DateField()

    def __str__(self) -> str:
        return f"{self.candidate} {self.day}"


class OpenSource(models.Model):
    """公开组来源: how many ballots of the open panel came from one address, as a keyed digest; gone when the season is counted."""

    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="sources")
    source = models.CharField(max_length=64)
    times = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["candidate", "source"], name="open_source_once")]

    def __str__(self) -> str:
        return f"{self.source[:8]} {self.times}"


class OpenHour(models.Model):
    """公开组时段: how many ballots of the open panel came in an hour; gone when the season is counted."""

    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="hours")
    hour = models.DateTimeField()
    times = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["candidate", "hour"], name="open_hour_once")]

    def __str__(self) -> str:
        return f"{self.hour:%m-%d %H} {self.times}"
