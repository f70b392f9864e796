"""A unit answers the paper, openly, until the deadline."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qiguan.core.errors import NotPermitted, QiguanError, UnusableInput
from qiguan.core.said import plain_words
from qiguan.examination.models import Answer, Candidate, PaperQuestion, Phase
from qiguan.examination.queries.permits import may_answer
from qiguan.net.guard import sendable
from qiguan.people.actions import record_audit
from qiguan.people.models import User

MOST = 1000  # characters


def answer_question(
    *, candidate: Candidate, question: PaperQuestion, words: str, link: str = "", by: User | None, at: datetime
) -> Answer:
    """Answer a question of the paper; it is public at once and may be changed until the deadline."""
    if by is not None and not may_answer(by, candidate):
        raise NotPermitted("只有被考单位自己能作答", remedy="请由该单位的管理员或运营人员作答", code="forbidden")
    if candidate.season.phase(at) != Phase.ANSWERING:
        raise QiguanError("现在不是答题的时候", place=candidate.season.title, remedy="过了答题截止就不能再答，也不能改")
    if question.paper.season_id != candidate.season_id:
        raise QiguanError("这不是这张试卷上的题", place="题目", remedy="请刷新页面")
    said = plain_words(words, place="回答", most=MOST, least=4)
    shown = sendable(link.strip()) if link.strip() else ""
    if shown is None or (link.strip() and (not shown or len(shown) > 500)):
        raise UnusableInput("链接不对", place="链接", remedy="请复制完整的链接，或者不填")
    with transaction.atomic():
        answer, _ = Answer.objects.update_or_create(
            candidate=candidate,
            question=question,
            defaults={"words": said, "link": shown, "answered_at": at, "answered_by": by},
        )
        record_audit(
            action="answer_question", by=by, at=at, on=candidate, organ=candidate.account.owner, fields=["words", "link"]
        )
    return answer
