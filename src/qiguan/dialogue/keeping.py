"""Tables beside the message: contacts and who opened them, mail that tells of progress, templates, routing samples, 必须告知."""

from __future__ import annotations

from django.db import models

from qiguan.jobs.keys import public_id
from qiguan.people.models import Organ, User
from qiguan.register.models import Account


class Contact(models.Model):
    """联系方式 of a message's writer: encrypted, in a table of its own, erasable; what stays of it is when and by whom it was erased."""

    message = models.OneToOneField("dialogue.Message", models.CASCADE, related_name="contact")
    said = models.BinaryField(default=b"", blank=True)  # encrypted: a telephone number or whatever was written
    mail = models.BinaryField(default=b"", blank=True)  # encrypted address for notices
    given_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return "已抹除" if self.erased_at else "有联系方式"


class ContactLook(models.Model):
    """查看留痕: who opened a contact, an original or a deleted part, when and why. The citizen sees organ, time and reason."""

    class What(models.TextChoices):
        """What was opened."""

        CONTACT = "contact", "联系方式"
        ORIGINAL = "original", "原文"

    message = models.ForeignKey("dialogue.Message", models.CASCADE, related_name="looks")
    what = models.CharField(max_length=10, choices=What)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    organ_name = models.CharField(max_length=120)
    why = models.CharField(max_length=200)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.organ_name} {self.get_what_display()}"


class MailNotice(models.Model):
    """邮件提醒: tells a citizen that there is news, never what it is. Claim and sent are two commits."""

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", "等待发送"
        CLAIMED = "claimed", "正在发送"
        SENT = "sent", "已发出"
        FAILED = "failed", "没有发出"

    message = models.ForeignKey("dialogue.Message", models.CASCADE, related_name="mails")
    occasion = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()  # machine time, as the lease
    lease_until = models.DateTimeField(null=True)
    claim = models.CharField(max_length=32, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "occasion"], name="mail_notice_once")]
        indexes = [models.Index(fields=["next_at"], condition=models.Q(state__in=["waiting", "claimed"]), name="mail_notice_due")]

    def __str__(self) -> str:
        return f"{self.occasion} {self.get_state_display()}"


class ReplyTemplate(models.Model):
    """答复模板 of an organ, also offered to all below it."""

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    organ = models.ForeignKey(Organ, models.CASCADE, related_name="+")
    title = models.CharField(max_length=60)
    text = models.TextField()
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title


class RoutingSample(models.Model):
    """分办样本: a text and where a person sent it, for the router to learn from. Numbers struck out, no contact, no complaint."""

    message = models.OneToOneField("dialogue.Message", models.CASCADE, related_name="sample")  # goes when its writer deletes it
    organ = models.ForeignKey(Organ, models.CASCADE, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()
    learned_at = models.DateTimeField(null=True, db_index=True)  # None: no model has learned it as it stands

    def __str__(self) -> str:
        return f"{self.organ}"


class RoutingModel(models.Model):
    """分办模型 of an office: what its samples taught, as weights under hashes. It can always be learned anew from the samples."""

    office = models.OneToOneField(Organ, models.CASCADE, related_name="+")
    kept = models.BinaryField()  # of core.learner
    samples = models.PositiveIntegerField()  # that it learned; where fewer are left, it is learned anew
    begun_at = models.DateTimeField()
    learned_at = models.DateTimeField()
    version = models.CharField(max_length=16, unique=True)  # another with every change: processes keep what they read under it

    def __str__(self) -> str:
        return f"{self.office} {self.samples}"


class MustTell(models.Model):
    """必须告知: an emergency, the law, a deadline that touches rights; at most two a month and place. No chase, no percentages."""

    class Basis(models.TextChoices):
        """What allows it to ask for a receipt."""

        EMERGENCY = "emergency", "突发事件"
        LAW = "law", "法律法规要求"
        RIGHTS = "rights", "涉及权利的期限"

    public_id = models.CharField(max_length=16, unique=True, default=public_id, editable=False)
    organ = models.ForeignKey(Organ, models.PROTECT, related_name="+")
    basis = models.CharField(max_length=10, choices=Basis)
    basis_words = models.CharField(max_length=200)
    title = models.CharField(max_length=120)
    text = models.TextField()
    link = models.URLField(max_length=500, blank=True)
    until = models.DateField()
    sent_at = models.DateTimeField(db_index=True)
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-sent_at"]

    def __str__(self) -> str:
        return self.title


class MustTellReceipt(models.Model):
    """告知回执: the link of the post in which an account told it, found by the machine among what it reads anyway."""

    notice = models.ForeignKey(MustTell, models.CASCADE, related_name="receipts")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    link = models.URLField(max_length=1000, blank=True)
    posted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "account"], name="receipt_once")]

    def __str__(self) -> str:
        return self.link
