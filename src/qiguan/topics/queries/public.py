"""What citizens' pages read. Everything here demands `released_at`, but for the asker's own page, which demands the code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Q, QuerySet

from qiguan.core.days import start_of
from qiguan.core.digest import Digest, Said
from qiguan.core.written_dates import SHANGHAI
from qiguan.register.models import Account, PublicEntry
from qiguan.topics.codes import hash_of
from qiguan.topics.models import Contribution, QuickQuestion, TopicRequest, Wanted
from qiguan.ui.dates import full_day_words


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a year, in Shanghai."""

    year: int
    number: int

    @classmethod
    def of(cls, at: datetime) -> Quarter:
        """Return the quarter in which a moment lies."""
        day = at.astimezone(SHANGHAI).date()
        return cls(day.year, (day.month + 2) // 3)

    @property
    def code(self) -> str:
        """Such as 2026Q3."""
        return f"{self.year}Q{self.number}"

    @property
    def words(self) -> str:
        """Such as 2026年第三季度."""
        return f"{self.year}年第{'一二三四'[self.number - 1]}季度"

    @property
    def since(self) -> datetime:
        """Its first moment."""
        return start_of(date(self.year, 3 * self.number - 2, 1))

    @property
    def until(self) -> datetime:
        """The first moment after it."""
        return self.after.since

    @property
    def after(self) -> Quarter:
        """The next one."""
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)

    @property
    def before(self) -> Quarter:
        """The one before."""
        return Quarter(self.year - 1, 4) if self.number == 1 else Quarter(self.year, self.number - 1)


def public_topics(*, account: Account | None = None) -> QuerySet[TopicRequest]:
    """Return the released requests with their counts, the newest first."""
    rows = TopicRequest.objects.released().select_related("account__public_entry").filter(account__public_entry__isnull=False)
    rows = rows if account is None else rows.filter(account=account)
    return rows.annotate(second_count=Count("seconds", distinct=True)).order_by("-asked_at", "-pk")


def public_entry(account_ref: str) -> PublicEntry | None:
    """Return the public columns of an account."""
    return PublicEntry.objects.select_related("account").filter(account__public_id=account_ref.replace("\x00", "")[:16]).first()


def wanted_counts(request: TopicRequest) -> list[tuple[str, int]]:
    """Return how many said 是、部分、否."""
    counts = dict(request.wanted.values_list("said").annotate(n=Count("pk")))
    return [(said.label, counts.get(said.value, 0)) for said in Wanted.Said]


def topic_of_code(code: str) -> TopicRequest | None:
    """Return the asker's own request."""
    hashed = hash_of(code)
    return TopicRequest.objects.select_related("account__public_entry").filter(code_hash=hashed).first() if hashed else None


def contribution_of_code(code: str) -> Contribution | None:
    """Return the giver's own text."""
    hashed = hash_of(code)
    return Contribution.objects.select_related("account__public_entry").filter(code_hash=hashed).first() if hashed else None


def digest_of(account: Account, quarter: Quarter) -> Digest:
    """Return 您说的 / 我们做的 / 没做的原因 of requests asked or settled in a quarter; only what is released has words."""
    inside = Q(asked_at__gte=quarter.since, asked_at__lt=quarter.until)
    answered = Q(answered_at__gte=quarter.since, answered_at__lt=quarter.until)
    rows = public_topics(account=account).filter(inside | answered).order_by(F("second_count").desc(), "asked_at")[:60]
    received = TopicRequest.objects.filter(inside, account=account).count()
    return Digest(account.name, quarter.words, received, [_said(row) for row in rows])


def _said(row: TopicRequest) -> Said:
    done = ""
    if row.state == TopicRequest.State.ANSWERED and row.answered_at:
        title = f"发了《{row.post_title}》" if row.post_title else row.answer or "发了回应"
        done = f"{full_day_words(row.answered_at)}{title}"
    why_not = row.why_not if row.state == TopicRequest.State.DECLINED else ""
    return Said(row.shown, getattr(row, "second_count", 0), done, why_not)


def thanks_of(account: Account, *, most: int = 20) -> QuerySet[Contribution]:
    """Return the used texts whose givers are thanked in public."""
    return Contribution.objects.released().filter(account=account, state=Contribution.State.USED).order_by("-released_at")[:most]


def quick_question_of(account: Account, quarter: Quarter) -> QuickQuestion | None:
    """Return the quarter's question where there is one."""
    return QuickQuestion.objects.released().filter(account=account, quarter=quarter.code).first()


def quick_counts(question: QuickQuestion) -> Sequence[tuple[str, int]]:
    """Return how often each option was pressed."""
    counts = dict(question.answers.values_list("option").annotate(n=Count("pk")))
    return [(option, counts.get(nth, 0)) for nth, option in enumerate(question.options)]
