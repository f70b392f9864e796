"""供稿池: offered once, taken with one touch and with its source named, or not; and the quarter's question."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from qiguan.core.days import day_of
from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.intake.actions.allow import demand_room
from qiguan.intake.actions.form_keys import use_form_key
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, Role, User
from qiguan.people.queries import demand_role
from qiguan.register.models import Account
from qiguan.topics.actions.deciding import demand_decider
from qiguan.topics.models import PoolItem, PoolUse, QuickAnswer, QuickQuestion
from qiguan.topics.words import MOST_TEXT, PRESSES, take_text

QUICK = "quick question"


def offer_text(*, organ: Organ, title: str, text: str, expires_on: date, kit: str = "", by: User, at: datetime) -> PoolItem:
    """Put a text into the pool, once for all. It stands there until it expires."""
    demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=organ)
    head, body = take_text(title, place="标题", most=120), take_text(text, place="正文", most=MOST_TEXT, lines=True)
    if not head or not body:
        raise UnusableInput("标题和正文都要写", place="供稿", remedy="请补上")
    if expires_on < day_of(at):
        raise UnusableInput("有效期已过", place="有效期", remedy="请写今后的一天，过期自动撤下")
    with transaction.atomic():
        item = PoolItem.objects.create(organ=organ, kit=kit, title=head, text=body, expires_on=expires_on, offered_at=at, by=by)
        record_audit(action="offer_text", by=by, at=at, on=item, organ=organ)
    return item


def take_from_pool(*, item: PoolItem, account: Account, by: User, at: datetime) -> str:
    """Take a text for an account and return it with its source. Taken again it is returned again and counted once."""
    demand_decider(by, account)
    if item.expires_on < day_of(at):
        raise QiguanError("这一篇已过有效期", place=item.title, remedy="不要再用，请向来源单位要新的")
    with transaction.atomic():
        _, fresh = PoolUse.objects.get_or_create(item=item, account=account, defaults={"by": by, "at": at})
        if fresh:
            record_audit(action="take_from_pool", by=by, at=at, on=item, organ=account.owner)
    return f"{item.title}\n\n{item.text}\n\n来源：{item.organ.name}"


def ask_quickly(*, account: Account, quarter: str, words: str, options: Sequence[str], by: User, at: datetime) -> QuickQuestion:
    """Put the quarter's question on the account's page: one a quarter, so that it stays ten seconds."""
    demand_decider(by, account)
    asked = take_text(words, place="小问", most=60)
    offered = [take_text(option, place="选项", most=20) for option in options]
    offered = list(dict.fromkeys(option for option in offered if option))
    if not asked or not 2 <= len(offered) <= 6:
        raise UnusableInput("要一句话和两到六个选项", place="小问", remedy="请补上，一行一个选项")
    with transaction.atomic():
        question, fresh = QuickQuestion.objects.get_or_create(
            account=account, quarter=quarter, defaults={"words": asked, "options": offered, "released_at": at}
        )
        if not fresh:
            raise QiguanError("这个季度已经问过一次", place="小问", remedy="一个季度只问一次，下个季度再问")
        record_audit(action="ask_quickly", by=by, at=at, on=question, organ=account.owner)
    return question


def answer_quickly(*, question: QuickQuestion, option: int, form_key: str, visitor: str, at: datetime, now: datetime) -> bool:
    """Count one answer; False where this form was counted before."""
    if not 0 <= option < len(question.options):
        raise UnusableInput("没有选", place="小问", remedy="请选一个")
    demand_room(what=QUICK, who=visitor, rate=PRESSES, now=now)
    with transaction.atomic():
        if not use_form_key(what=QUICK, key=form_key, now=now):
            return False
        QuickAnswer.objects.create(question=question, option=option, at=at)
    return True
