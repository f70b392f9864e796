"""Ticket 整改单: one for each account with confirmed findings in a settled round; its history is only added to."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models

from qiguan.archive.models import Blob
from qiguan.core.platforms import PLATFORM_NAMES
from qiguan.core.ticket import MOVES, NEXT, Cause, Outcome, TicketState, What, Who, is_late
from qiguan.inspection.models import Finding, Round, RoundAccount, Verdict
from qiguan.jobs.keys import public_id
from qiguan.people.fields import BytewiseCharField
from qiguan.people.models import Organ, Role, User, any_within
from qiguan.people.outbox.models import Notice
from qiguan.register.models import Account, AccountStaff, Filing


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Tickets of a jurisdiction."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Keep what the user may see: the office and whoever stands above it all of its own; a unit its own; operators their own."""
        from qiguan.people.queries import memberships_of, paths_seen_by

        seen = paths_seen_by(user)
        if seen is None:
            return self
        offices = [m.organ.path for m in memberships_of(user, roles=[Role.SUPERVISOR, Role.AUDITOR])]
        mine = any_within(["office_path"], offices) | any_within(["owner_path", "supervisor_path"], seen)
        if memberships_of(user, roles=[Role.OPERATOR, Role.CONTRACTOR]):
            mine |= models.Q(account__in=AccountStaff.objects.filter(user_id=user.pk or 0, until=None).values("account"))
        return self.filter(mine)


class Ticket(models.Model):
    """整改单. `office` decides on it: the inspecting organ, for its own account the one above."""

    class Ending(models.TextChoices):
        """How the unit wants to end it."""

        CANCEL = "cancel", "关停注销"
        MERGE = "merge", "合并到另一账号"
        HAND = "hand", "移交另一单位"

    path_copies = ("office_path", "owner_path", "supervisor_path")  # follow an organ that is moved

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    line = models.OneToOneField(RoundAccount, models.PROTECT, related_name="ticket")
    account = models.ForeignKey(Account, models.PROTECT, related_name="tickets")
    round = models.ForeignKey(Round, models.PROTECT, related_name="tickets")
    office = models.ForeignKey(Organ, models.PROTECT, related_name="+")
    office_path = BytewiseCharField(max_length=200, db_index=True)
    own = models.BooleanField(default=False)  # an account of the inspecting office itself: the level above decides
    name = models.CharField(max_length=120)
    platform = models.CharField(max_length=20)
    owner_name = models.CharField(max_length=120)
    owner_path = BytewiseCharField(max_length=200, db_index=True)
    supervisor_path = BytewiseCharField(max_length=200, blank=True, db_index=True)
    state = models.CharField(max_length=10, choices=[(s.value, s.word) for s in TicketState], default=TicketState.WAITING)
    opened_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    # the deadline: counted again whenever a part of it changes
    counts_from = models.DateField()
    base_days = models.PositiveSmallIntegerField()
    extra_days = models.PositiveSmallIntegerField(default=0)  # extensions
    waited_days = models.PositiveSmallIntegerField(default=0)  # working days that the answer to an appeal or a filing took
    due_on = models.DateField(null=True, db_index=True)  # null: a year on the way is not published yet
    due_because = models.CharField(max_length=600, blank=True)
    chased_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    escalated_to = models.ForeignKey(Organ, models.PROTECT, null=True, related_name="+")
    reported_at = models.DateTimeField(null=True)
    recheck = models.CharField(max_length=600, blank=True)  # what the last recheck saw
    needs_person = models.BooleanField(default=False)  # the machine cannot tell
    # ending the account
    ending = models.CharField(max_length=8, choices=Ending, blank=True)
    ending_said = models.JSONField(default=dict)  # basis, notice_on, closes_on, instead, wait
    ending_approved_at = models.DateTimeField(null=True)
    filing = models.ForeignKey(Filing, models.SET_NULL, null=True, related_name="tickets")
    handed_at = models.DateTimeField(null=True)
    # how it ended
    cause = models.CharField(max_length=10, choices=[(c.value, c.value) for c in Cause], blank=True)
    outcome = models.CharField(max_length=10, choices=[(o.value, o.word) for o in Outcome], blank=True)
    fixed_on = models.DateField(null=True)  # the day on which it was put right, as far as the facts tell
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reopened_at = models.DateTimeField(null=True)  # the account posts again after its end

    objects = TicketQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "due_on"], name="ticket_state_due"),
            models.Index(fields=["owner_path", "state"], name="ticket_owner"),
            models.Index(fields=["office_path", "state"], name="ticket_office"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {TicketState(self.state).word}"

    @property
    def platform_word(self) -> str:
        """The platform's official name."""
        return PLATFORM_NAMES.get(self.platform, self.platform)

    @property
    def standing(self) -> TicketState:
        """The state as the machine's value."""
        return TicketState(self.state)

    @property
    def turn(self) -> str:
        """Whose turn it is, and for what; "" where it is over."""
        who, what = NEXT[self.standing]
        return f"{Who.OFFICE}{what}" if self.needs_person and self.state == TicketState.REPORTED else f"{who}{what}"

    def is_late(self, at: datetime) -> bool:
        """Say whether the unit's time is over; who has filed the cancellation waits for the office."""
        filing = self.filing if self.ending_approved_at is not None else None
        filed = filing is not None and filing.what == Filing.What.CANCEL and filing.state == Filing.State.SUBMITTED
        return is_late(self.standing, self.due_on, at, end_approved=self.ending_approved_at is not None and not filed)


class TicketItem(models.Model):
    """A confirmed finding on its ticket; `dropped_at` where an appeal about it was upheld."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="items")
    finding = models.OneToOneField(Finding, models.PROTECT, related_name="ticket_item")
    dropped_at = models.DateTimeField(null=True)
    recheck = models.CharField(max_length=10, blank=True)  # Clear, Breach, Unknown, NotLooked
    because = models.CharField(max_length=600, blank=True)

    class Meta:
        ordering = ["-finding__veto", "finding__rule"]

    def __str__(self) -> str:
        return self.finding.title


class Step(models.Model):
    """One step in a ticket's history. Only added: saving or deleting one that is kept is refused."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="steps")
    what = models.CharField(max_length=16)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    words = models.CharField(max_length=2000, blank=True)
    state = models.CharField(max_length=10)  # after it

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.word

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep it once."""
        if self.pk is not None:
            raise TypeError("a step is never edited")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise TypeError("a step is never deleted")

    @property
    def word(self) -> str:
        """The step's word."""
        return MOVES[What(self.what)].word


class StepTold(models.Model):
    """整改消息: one person has heard of one step, in the morning's message or at once. The next morning leaves it out."""

    step = models.ForeignKey(Step, models.CASCADE, related_name="told")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="+")

    class Meta:
        verbose_name_plural = "steps told"
        constraints = [models.UniqueConstraint(fields=["step", "user"], name="step_told_once")]

    def __str__(self) -> str:
        return f"{self.step_id} {self.user_id}"


class StepFile(models.Model):
    """整改材料: a file handed in with a step; served as an attachment only."""

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    step = models.ForeignKey(Step, models.CASCADE, related_name="files")
    name = models.CharField(max_length=120)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.name


class Extension(models.Model):
    """延期申请, one at a time."""

    class State(models.TextChoices):
        """What became of it."""

        ASKED = "asked", "待答复"
        GRANTED = "granted", "已同意"
        REFUSED = "refused", "不同意"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="extensions")
    days = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=400)
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    given_days = models.PositiveSmallIntegerField(default=0)
    answer = models.CharField(max_length=400, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=models.Q(state="asked"), name="extension_one_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.days} {self.get_state_display()}"


class Appeal(models.Model):
    """申诉: one for a ticket; the unit's words are kept as written, and answered by another person than the one who confirmed."""

    class State(models.TextChoices):
        """What became of it."""

        ASKED = "asked", "待答复"
        UPHELD = "upheld", "成立"
        PART = "part", "部分成立"
        REJECTED = "rejected", "不成立"

    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="appeal")
    words = models.CharField(max_length=1000)
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answer = models.CharField(max_length=600, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    correction = models.ForeignKey(Verdict, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return self.get_state_display()
