"""What citizens send: a request, a second, 是/部分/否, an appeal. Each form is stored once, however often it is sent."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qiguan.core.errors import UnusableInput
from qiguan.core.subject import subject_of
from qiguan.intake.actions.allow import demand_room
from qiguan.intake.actions.form_keys import use_form_key
from qiguan.people.actions import record_audit
from qiguan.people.models import User
from qiguan.register.models import Account
from qiguan.topics.codes import code_for, hash_of
from qiguan.topics.models import Second, TopicRequest, Wanted
from qiguan.topics.words import MOST_MORE, MOST_WORDS, OF_ACCOUNT, OF_VISITOR, PRESSES, take_text

ASK, SECOND, WANTED, APPEAL = "topic", "topic second", "topic wanted", "topic appeal"


def ask_topic(
    *, account: Account, words: str, more: str = "", words_public: bool = False, channel: str = "web", form_key: str, visitor: str,
    by: User | None = None, at: datetime, now: datetime,
) -> str:  # fmt: skip
    """Store a request once and return its code; the same form again returns the same code. `now` is machine time.

    Raises QiguanError for what cannot be used, TooMany where it comes too densely.
    """
    code = code_for(form_key)
    if TopicRequest.objects.filter(code_hash=hash_of(code)).exists():
        return code  # a sending repeated: answered without counting it again
    demand_room(what=ASK, who=visitor, rate=OF_VISITOR, now=now)
    demand_room(what=f"{ASK} of account", who=str(account.pk), rate=OF_ACCOUNT, now=now)
    wish = take_text(words, place="想看什么", most=MOST_WORDS)
    detail = take_text(more, place="多说几句", most=MOST_MORE, lines=True)
    if not any(letter.isalnum() for letter in wish):
        raise UnusableInput("还没有写", place="想看什么", remedy="请用一句话写您想让它讲什么")
    with transaction.atomic():
        if use_form_key(what=ASK, key=form_key, now=now):
            asked = TopicRequest.objects.create(
                account=account, words=wish, more=detail, words_public=words_public, subject=subject_of(wish).label,
                channel=channel if channel in TopicRequest.Channel.values else "web", code_hash=hash_of(code), asked_at=at,
            )  # fmt: skip
            if by is not None:
                record_audit(action="ask_topic_for", by=by, at=at, on=asked, organ=account.owner)
    return code


def second_topic(*, request: TopicRequest, form_key: str, visitor: str, at: datetime, now: datetime) -> bool:
    """Count one more who wants it; False where this form was counted before."""
    demand_room(what=SECOND, who=visitor, rate=PRESSES, now=now)
    with transaction.atomic():
        if not use_form_key(what=SECOND, key=form_key, now=now):
            return False
        Second.objects.create(request=request, at=at)
    return True


def say_wanted(
    *, request: TopicRequest, said: str, by_asker: bool, form_key: str, visitor: str, at: datetime, now: datetime
) -> bool:
    """Keep 是、部分、否 on an answer; the asker may change it. False where this form was counted before."""
    if said not in Wanted.Said.values:
        raise UnusableInput("没有选", place="是不是您想要的", remedy="请选是、部分或否")
    if request.state not in {TopicRequest.State.ANSWERED, TopicRequest.State.DECLINED}:
        raise UnusableInput("还没有回应", place="是不是您想要的", remedy="有了回应再来说")
    demand_room(what=WANTED, who=visitor, rate=PRESSES, now=now)
    with transaction.atomic():
        if not use_form_key(what=WANTED, key=form_key, now=now):
            return False
        if by_asker:
            Wanted.objects.update_or_create(request=request, by_asker=True, defaults={"said": said, "at": at})
        else:
            Wanted.objects.create(request=request, said=said, at=at)
    return True


def appeal_hold(*, request: TopicRequest, visitor: str, at: datetime, now: datetime) -> None:
    """Let the asker say that it should not be held: the level above looks at it. A second time changes nothing."""
    demand_room(what=APPEAL, who=visitor, rate=PRESSES, now=now)
    if not request.held_by_rule:
        raise UnusableInput("这一条没有被留住", place="申诉", remedy="不用申诉")
    TopicRequest.objects.filter(pk=request.pk, appealed_at=None).update(appealed_at=at)
