"""What the unit does with a request: let it out or hold it by a rule, pledge, decline with a reason, link the answer."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from qiguan.collection.models import Post
from qiguan.core.days import day_of
from qiguan.core.errors import NotPermitted, QiguanError, UnusableInput
from qiguan.net.guard import sendable
from qiguan.people.actions import record_audit
from qiguan.people.models import Role, User
from qiguan.people.queries import has_role
from qiguan.register.models import Account
from qiguan.topics.models import Pledge, TopicRequest
from qiguan.topics.words import HOLDS, take_text

_REASON, _DAYS_AHEAD = 300, 366


def may_decide(by: User, account: Account) -> bool:
    """Say whether the user speaks for the account: its unit's administrator, its operator, or the office above."""
    seen = Account.objects.visible_to(by).filter(pk=account.pk).exists()
    return seen and has_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, Role.OPERATOR)


def demand_decider(by: User, account: Account) -> None:
    """Raise NotPermitted unless `may_decide`."""
    if not may_decide(by, account):
        raise NotPermitted("您的角色不能做这件事", remedy="请联系本单位管理员或监管员", code="forbidden")


def release_topic(*, request: TopicRequest, by: User, at: datetime) -> None:
    """Let the public see a request. After an appeal only the office above may; release ends the holding."""
    with transaction.atomic():
        row = _row(request, by)
        if row.appealed_at is not None:
            _demand_above(row, by)
        row.released_at = row.released_at or at
        row.held_by_rule = row.held_why = ""
        row.save(update_fields=["released_at", "held_by_rule", "held_why"])
        _note(row, "release_topic", by, at)


def hold_topic(*, request: TopicRequest, rule: str, why: str = "", by: User, at: datetime) -> None:
    """Keep a request from the public by a published rule. The asker sees the rule and may appeal; nothing is deleted."""
    if rule not in HOLDS:
        raise UnusableInput("没有选规则", place="不公开的规则", remedy="请选一条公布了的规则")
    reason = take_text(why, place="说明", most=200)
    with transaction.atomic():
        row = _row(request, by)
        if row.appealed_at is not None:
            _demand_above(row, by)
        row.released_at, row.held_by_rule, row.held_why = None, rule, reason
        row.save(update_fields=["released_at", "held_by_rule", "held_why"])
        _note(row, "hold_topic", by, at)


def pledge_topic(*, request: TopicRequest, due_on: date, words: str = "", by: User, at: datetime) -> None:
    """Promise an answer by a day."""
    ahead = (due_on - day_of(at)).days
    if not 0 <= ahead <= _DAYS_AHEAD:
        raise UnusableInput("日期不对", place="哪天前", remedy="请写今天或今后一年内的一天")
    said = take_text(words, place="说一句", most=_REASON)
    with transaction.atomic():
        row = _row(request, by)
        if row.state == TopicRequest.State.ANSWERED:
            raise QiguanError("已经回应过了", place="认领", remedy="要改回应，请重新填回应")
        row.state, row.due_on, row.why_not = TopicRequest.State.PLEDGED, due_on, ""
        row.save(update_fields=["state", "due_on", "why_not"])
        _keep(row, Pledge.What.PLEDGED, said, by, at, due_on)


def decline_topic(*, request: TopicRequest, why: str, by: User, at: datetime) -> None:
    """Say that it will not be done, with the reason that the asker reads."""
    reason = take_text(why, place="没做的原因", most=_REASON)
    if len(reason) < 4:
        raise UnusableInput("没有写原因", place="没做的原因", remedy="请写清为什么不做，点题人看得到")
    with transaction.atomic():
        row = _row(request, by)
        row.state, row.why_not, row.due_on = TopicRequest.State.DECLINED, reason, None
        row.save(update_fields=["state", "why_not", "due_on"])
        _keep(row, Pledge.What.DECLINED, reason, by, at)


def answer_topic(
    *, request: TopicRequest, post: Post | None = None, url: str = "", words: str = "", by: User, at: datetime
) -> None:
    """Link the answering post: one that was collected, or by its link. Askers read it on their code page."""
    said = take_text(words, place="回应", most=_REASON)
    link = post.url if post is not None else sendable(url.strip()[:1000])
    if url.strip() and post is None and not link:
        raise UnusableInput("链接不对", place="回应的文章", remedy="请复制那一篇的完整链接")
    if not link and not said and post is None:
        raise UnusableInput("没有回应", place="回应的文章", remedy="请选一篇、贴链接，或写一句回应")
    with transaction.atomic():
        row = _row(request, by)
        if post is not None and post.account_id != row.account_id:
            raise UnusableInput("这一篇是另一个账号的", place="回应的文章", remedy="请选本账号的文章，或贴链接")
        row.state, row.answered_at, row.answer, row.why_not = TopicRequest.State.ANSWERED, at, said, ""
        row.post, row.post_title, row.post_url = post, post.title if post else "", link or ""
        row.save(update_fields=["state", "answered_at", "answer", "why_not", "post", "post_title", "post_url"])
        _keep(row, Pledge.What.ANSWERED, said, by, at)


def _row(request: TopicRequest, by: User) -> TopicRequest:
    row = TopicRequest.objects.select_for_update(of=("self",)).select_related("account__owner").get(pk=request.pk)
    demand_decider(by, row.account)
    return row


def _demand_above(row: TopicRequest, by: User) -> None:
    """After an appeal the unit itself no longer decides, nor whoever is only its administrator."""
    owner = row.account.owner
    above = owner.parent or owner
    if not has_role(by, Role.SUPERVISOR, organ=above):
        raise NotPermitted("点题人申诉了，由上一级决定", remedy="请等监管员处理", code="forbidden")


def _keep(row: TopicRequest, what: str, words: str, by: User, at: datetime, due_on: date | None = None) -> None:
    Pledge.objects.create(request=row, what=what, words=words, due_on=due_on, by=by, at=at)
    _note(row, {"pledged": "pledge_topic", "declined": "decline_topic", "answered": "answer_topic"}[what], by, at)


def _note(row: TopicRequest, action: str, by: User, at: datetime) -> None:
    record_audit(action=action, by=by, at=at, on=row, organ=row.account.owner)
