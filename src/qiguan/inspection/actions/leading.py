"""The responsible leader's three buttons: 安排更新, 申请移交, 申请关停; each question is answered once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.inspection.actions.warnings import KIND, Beside
from qiguan.inspection.queries.watched import runners_of
from qiguan.inspection.warned import LeaderDecision
from qiguan.people.actions import record_audit
from qiguan.people.models import Membership, Organ, Role, User
from qiguan.people.outbox.models import Notice
from qiguan.people.outbox.queueing import queue_notice
from qiguan.people.queries import has_role
from qiguan.register.actions.filings import submit_filing
from qiguan.register.models import Account, Filing

Choice = LeaderDecision.Choice
WHAT = {Choice.HAND_OVER: Filing.What.CHANGE, Choice.CLOSE: Filing.What.STOP}
ANSWERS = {Choice.UPDATE: ("note",), Choice.HAND_OVER: ("owner", "why"), Choice.CLOSE: ("notice_on", "closes_on", "instead")}

_TOLD_FOR = timedelta(days=31)  # an older application is in the list, not news


def decide_as_leader(*, decision: LeaderDecision, choice: str, said: Mapping[str, str], by: User, at: datetime) -> LeaderDecision:
    """Record what the leader decides, submit the application where it is one, tell the operators.

    The link must be open, the leader still the owner's, the question unanswered: of two presses the second is refused.
    """
    link, account = decision.link, decision.account
    if link.leader_id != by.pk or not by.is_active or not has_role(by, Role.LEADER, organ=account.owner):
        raise NotPermitted("这个账号不归您分管", remedy="请联系本单位管理员", code="forbidden")
    if not link.is_open(at):
        raise QiguanError("这个链接已过期", place="链接", remedy="请登录后办理，或等下一次提醒", code="expired")
    if choice not in Choice.values:
        raise QiguanError("没有这个选项", place="决定", remedy="请从三个按钮里选")
    picked = Choice(choice)
    if picked is Choice.HAND_OVER and not said.get("owner", "").strip():
        raise QiguanError("没有写移交给哪个单位", place="新主办单位", remedy="请写单位全称")
    with transaction.atomic():
        mine = LeaderDecision.objects.filter(pk=decision.pk, choice="")
        if not mine.update(choice=picked, decided_at=at, note=said.get("note", "").strip()[:200]):
            raise QiguanError("这件事已经办过了", place="决定", remedy="请刷新页面看结果", code="conflict")
        decision.refresh_from_db()
        if picked in WHAT:
            decision.filing = _filing(account, picked, said, by, at)
            decision.save(update_fields=["filing"])
        record_audit(action="decide_as_leader", by=by, at=at, on=decision, organ=account.owner, fields=["choice"])
        _tell(decision, account, by, at)
    return decision


def _filing(account: Account, choice: Choice, said: Mapping[str, str], by: User, at: datetime) -> Filing:
    """Submit the application, or take the one that already waits."""
    what = WHAT[choice]
    waiting = Filing.objects.filter(account=account, what=what, state=Filing.State.SUBMITTED).first()
    answers = {key: said.get(key, "") for key in ANSWERS[choice]}
    return waiting or submit_filing(what=what, organ=account.owner, account=account, said=answers, by=by, at=at)


def supervisors_of(account: Account) -> list[User]:
    """Return the supervisors of the organ that supervises the account, else of the nearest above its owner that has any."""
    organs = [account.supervisor_path] if account.supervisor_path else []
    path = account.owner_path
    while len(path) > 1:
        organs.append(path)
        path = path[: path.rstrip("/").rfind("/") + 1]
    held = Membership.objects.filter(role=Role.SUPERVISOR, until=None, user__is_active=True)
    for organ in Organ.objects.filter(path__in=organs).order_by("-path"):
        found = User.objects.filter(pk__in=held.filter(organ=organ).values("user")).order_by("pk")
        if found:
            return list(found)
    return []


def _tell(decision: LeaderDecision, account: Account, by: User, at: datetime) -> None:
    word, key = decision.get_choice_display(), decision.public_id
    to_do = {
        Choice.UPDATE: "请今天安排一篇更新；来不及的，请告诉负责人。",
        Choice.HAND_OVER: "申请已提交，等上级审批；批准以前仍请按时更新。",
        Choice.CLOSE: "申请已提交，等上级审批；批准并公告以前仍请按时更新。",
    }[Choice(decision.choice)]
    note = [f"负责人说：{decision.note}"] if decision.note else []
    page = reverse("account", args=[account.public_id])
    for user in User.objects.filter(pk__in=runners_of(account.pk, account.owner_id, at)).order_by("pk"):
        queue_notice(
            to=user, kind="leader", key=key, title=f"{account.name}：负责人决定{word}", lines=[*note, to_do], link=page, by=by, at=at
        )  # fmt: skip


def leader_mornings(at: datetime) -> dict[int, Beside]:
    """Return what the applications of leaders add to the message of the supervisors who decide on them; each is told once.

    Whoever supervises sees a list, not alarms: 安排更新 asks nothing of him, and what waits for him stands in 待我处理 at once.
    """
    waiting = (
        LeaderDecision.objects.filter(filing__state=Filing.State.SUBMITTED, decided_at__lte=at, decided_at__gt=at - _TOLD_FOR)
        .select_related("account__owner")
        .order_by("decided_at", "pk")
    )
    lines: dict[int, list[str]] = {}
    last: dict[int, datetime | None] = {}
    for decision in waiting:
        for user in supervisors_of(decision.account):
            if user.pk not in last:
                told = Notice.objects.filter(to=user, kind=KIND).order_by("-at").values_list("at", flat=True)
                last[user.pk] = told.first()
            before = last[user.pk]
            if before is None or (decision.decided_at is not None and decision.decided_at > before):
                account = decision.account
                words = f"{account.owner.name}：{account.name}{decision.get_choice_display()}，等您审批"
                lines.setdefault(user.pk, []).append(words)
    link = reverse("waiting")
    return {user: Beside(f"{len(said)}件申请等您审批", said, link, False, _nothing) for user, said in lines.items()}


def _nothing(notice: Notice) -> None:
    """Keep no record: the moment of the message itself says what was told."""
