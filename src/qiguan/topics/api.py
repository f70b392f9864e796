"""群众点题 for machines: what is released. GET /api/v1/topics."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Query, Router, Schema

from qiguan.topics.queries.public import public_entry, public_topics

router = Router(tags=["topics"])
PAGE = 100


class TopicOut(Schema):
    """A released request. `words` is empty where the asker did not consent to its publication."""

    id: str
    account: str
    subject: str
    words: str
    state: str
    seconds: int
    asked_at: datetime
    answered_at: datetime | None
    answer_url: str
    why_not: str


class TopicsOut(Schema):
    """A page of requests, the newest first."""

    topics: list[TopicOut]
    more: bool


@router.get("/topics", response=TopicsOut, auth=None)
def topics(request: HttpRequest, account: str = "", page: int = Query(1, ge=1, le=10_000)) -> TopicsOut:
    """Return released requests, of one account where its public id is given."""
    entry = public_entry(account) if account else None
    if account and entry is None:
        return TopicsOut(topics=[], more=False)
    rows = list(public_topics(account=entry.account if entry else None)[(page - 1) * PAGE : page * PAGE + 1])
    out = [
        TopicOut(
            id=row.public_id, account=row.account.public_id, subject=row.subject, words=row.words if row.words_public else "", state=row.state,
            seconds=getattr(row, "second_count", 0), asked_at=row.asked_at, answered_at=row.answered_at, answer_url=row.post_url, why_not=row.why_not,
        )
        for row in rows[:PAGE]
    ]  # fmt: skip
    return TopicsOut(topics=out, more=len(rows) > PAGE)
