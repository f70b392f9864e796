"""What officials read: the list of requests, posts that may answer one, supply against demand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

from django.db.models import Count, Q, QuerySet

from qiguan.collection.models import Post
from qiguan.core.likeness import likest
from qiguan.core.subject import UNCLEAR, subject_of
from qiguan.people.models import User
from qiguan.register.models import Account
from qiguan.topics.models import Contribution, TopicRequest

SPAN = timedelta(days=90)
SAMPLE = 400
_LOOKED_THROUGH = 500
LEADERS = "领导活动"


def topics_seen_by(user: User, *, state: str = "", held: bool = False, new: bool = False) -> QuerySet[TopicRequest]:
    """Return the requests the user may see, the most wanted first within the newest."""
    rows = TopicRequest.objects.visible_to(user).select_related("account").annotate(second_count=Count("seconds", distinct=True))
    if held:
        rows = rows.exclude(held_by_rule="")
    elif new:
        rows = rows.filter(released_at=None, held_by_rule="")
    elif state:
        rows = rows.filter(state=state)
    return rows.order_by("-asked_at", "-pk")


def counts_for(user: User) -> dict[str, int]:
    """Return how many there are of each sort."""
    rows = TopicRequest.objects.visible_to(user)
    counts = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    counts["new"] = rows.filter(released_at=None, held_by_rule="").count()
    counts["held"] = rows.exclude(held_by_rule="").count()
    counts["given"] = Contribution.objects.visible_to(user).filter(state=Contribution.State.WAITING).count()
    return counts


def posts_like(request: TopicRequest, *, most: int = 3) -> list[Post]:
    """Return the account's posts that may answer a request: alike in words, none older than a month before it."""
    since = request.asked_at - timedelta(days=30)
    posts = list(
        Post.objects.filter(account=request.account, published_at__gte=since, deleted_seen_at=None)
        .order_by("-published_at")
        .only("pk", "title", "url", "published_at", "account_id")[:_LOOKED_THROUGH]
    )
    return [posts[nth] for nth, _ in likest(f"{request.words} {request.more[:200]}", [p.title for p in posts], most=most)]


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """One subject: posts of the sample and requests about it, in counts."""

    subject: str
    posts: int
    requests: int


@dataclass(frozen=True, slots=True)
class Supply:
    """Supply against demand. Shares are of what is clear; `unclear` stands beside them. Shown, never scored."""

    lines: list[SubjectLine]
    posts: int  # in the sample
    all_posts: int  # in the span
    unclear_posts: int
    requests: int
    unclear_requests: int
    leaders: tuple[int, int, int] | None  # share of leaders' activity in per cent, with its 95% interval


def supply_and_demand(user: User, *, account: Account | None = None, at: datetime) -> Supply:
    """Count subjects of the newest posts (at most SAMPLE) and of all requests, both of the last ninety days."""
    accounts = Account.objects.visible_to(user) if account is None else Account.objects.filter(pk=account.pk)
    inside = Q(published_at__gte=at - SPAN, published_at__lte=at)
    posts = Post.objects.filter(inside, account__in=accounts)
    titles = list(posts.order_by("-published_at").values_list("title", flat=True)[:SAMPLE])
    supply = Counter(subject_of(title).label for title in titles)
    asked = TopicRequest.objects.filter(account__in=accounts, asked_at__gte=at - SPAN)
    demand = Counter(dict(asked.order_by().values_list("subject").annotate(n=Count("pk"))))
    unclear, unclear_asked = supply.pop(UNCLEAR, 0), demand.pop(UNCLEAR, 0)
    lines = [SubjectLine(s, supply[s], demand[s]) for s in sorted({*supply, *demand}, key=lambda s: (-demand[s], -supply[s], s))]
    clear = sum(supply.values())
    return Supply(
        lines, len(titles), posts.count(), unclear, sum(demand.values()) + unclear_asked, unclear_asked,
        interval(supply[LEADERS], clear) if clear else None,
    )  # fmt: skip


def interval(hits: int, total: int) -> tuple[int, int, int]:
    """Return a share in per cent with Wilson's 95% interval."""
    z, share = 1.96, hits / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return round(100 * share), max(0, round(100 * (middle - half))), min(100, round(100 * (middle + half)))
