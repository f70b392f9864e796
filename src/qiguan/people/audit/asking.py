"""抹除申请: the erasure of a person from the log is asked for with its document by one, and decided by another."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.people.actions import record_audit
from qiguan.people.audit.erasing import BASES, erase_from_audit
from qiguan.people.models import ErasureRequest, Membership, Role, User, any_within
from qiguan.people.queries import demand_role, memberships_of

ASKS = (Role.SUPERVISOR, Role.AUDITOR)
State = ErasureRequest.State


def requests_seen_by(user: User) -> QuerySet[ErasureRequest]:
    """Return what the user asked for, decided, or may decide: requests about people of his organs. Newest first."""
    found = ErasureRequest.objects.select_related("user", "asked_by", "decided_by", "erasure").order_by("-pk")
    if user.is_superuser and user.is_active:
        return found
    paths = [m.organ.path for m in memberships_of(user, roles=ASKS)]
    people = Membership.objects.filter(any_within(["organ__path"], paths)).values("user")
    return found.filter(Q(user__in=people) | Q(asked_by=user) | Q(decided_by=user))


def ask_erasure(*, user: User, basis: str, document: str, by: User, at: datetime) -> ErasureRequest:
    """Ask for the erasure of somebody who has left. `document`: what demands it, by name and number."""
    document = document.replace("\x00", "").strip()[:200]
    if basis not in BASES:
        raise QiguanError("没有选依据", place="抹除依据", remedy="请从列表里选：" + "；".join(BASES.values()))
    if not document:
        raise QiguanError("没有写依据文件", place="依据文件", remedy="写申请书、裁判文书或销毁清册的名称和文号")
    if user.pk == by.pk:
        raise NotPermitted("不能申请抹除自己的操作记录", place="抹除", remedy="请监管员或审计员办理", code="forbidden")
    demand_role(by, *ASKS)
    for membership in Membership.objects.filter(user=user).select_related("organ"):
        demand_role(by, *ASKS, organ=membership.organ)
    if user.is_active:
        raise QiguanError("这个人还能登录，操作还要有人负责", place=str(user), remedy="先办离岗，再申请抹除")
    try:
        with transaction.atomic():
            made = ErasureRequest.objects.create(user=user, basis=basis, document=document, asked_by=by, asked_at=at)
            record_audit(action="ask_erasure", by=by, at=at, on=made, fields=[basis])
    except IntegrityError as error:
        raise QiguanError("已有一件申请在等审批", place=str(user), remedy="请等审批", code="conflict") from error
    return made


def decide_erasure(*, request: ErasureRequest, approve: bool, reason: str = "", by: User, at: datetime) -> ErasureRequest:
    """Approve: the person is erased at once, and the request names him no more. Refuse: with a reason. Never the one who asked."""
    reason = reason.replace("\x00", "").strip()[:200]
    if request.asked_by_id == by.pk:
        raise NotPermitted("申请人不能审批自己的申请", place="抹除", remedy="请另一位监管员审批", code="forbidden")
    if not approve and not reason:
        raise QiguanError("不同意要写理由", place="理由", remedy="写一句为什么")
    with transaction.atomic():
        open_ = ErasureRequest.objects.select_for_update().filter(pk=request.pk, state=State.ASKED).select_related(None)
        held = open_.first()
        if held is None or held.user is None:
            raise QiguanError("这件申请已经审批过了", place="抹除", remedy="请刷新页面", code="conflict")
        erasure = None
        if approve:
            erasure = erase_from_audit(user=held.user, basis=held.basis, by=by, at=at)
        else:
            demand_role(by, Role.SUPERVISOR)
            for membership in Membership.objects.filter(user=held.user).select_related("organ"):
                demand_role(by, Role.SUPERVISOR, organ=membership.organ)
            record_audit(action="refuse_erasure", by=by, at=at, on=request, fields=["reason"])
        open_.update(
            state=State.DONE if approve else State.REFUSED, decided_by=by, decided_at=at, reason=reason, erasure=erasure,
            user=None if approve else held.user,
        )  # fmt: skip
    request.refresh_from_db()
    return request
