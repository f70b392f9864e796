"""备案: 登记, 变更, 关停, 注销, each approved by another person above; approval changes the account and the public entry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.platforms import PLATFORM_NAMES, name_key
from qiguan.core.written_dates import SHANGHAI, Unreadable, parse_day
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, Role, User
from qiguan.people.queries import demand_role, has_role, organs_named
from qiguan.register.actions.accounts import copy_owners, index_accounts, note_former_names, note_ids, publish_entries
from qiguan.register.models import Account, AccountAlias, Filing
from qiguan.register.queries.lookup import accounts_meant

What, State = Filing.What, Filing.State
LOOK_AFTER = timedelta(days=90)
# what an opening request must state, with the words of its form
OPENING = {"name": "账号名称", "platform": "平台", "purpose": "开设目的", "why_not_existing": "现有账号为什么不行", "runner": "谁来运营", "deputy": "谁来替班", "cadence": "打算多久更新一次", "close_when": "什么情况下关停"}  # fmt: skip
CHANGING = {"name": "新名称", "platform_id": "新账号ID", "owner": "新主办单位", "why": "为什么变更"}
STOPPING = {"notice_on": "公告日期", "closes_on": "注销日期", "instead": "请群众改用哪个账号"}
CANCELLING = {"note": "说明"}
FORMS: dict[str, dict[str, str]] = {What.OPEN: OPENING, What.CHANGE: CHANGING, What.STOP: STOPPING, What.CANCEL: CANCELLING}
NO_SUCCESSOR = "无"


def submit_filing(*, what: str, organ: Organ, account: Account | None, said: Mapping[str, str], by: User, at: datetime) -> Filing:
    """Submit a filing. An opening request without its reasons is refused with the missing words."""
    demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, Role.LEADER, organ=organ)
    needed = OPENING if what == What.OPEN else STOPPING if what == What.STOP else {}
    missing = [word for key, word in needed.items() if not str(said.get(key, "")).strip()]
    if missing:
        raise QiguanError("还缺：" + "、".join(missing), place="备案申请", remedy="请补全后再提交")
    if what != What.OPEN and account is None:
        raise QiguanError("没有选账号", place="备案申请", remedy="请从账号页发起")
    if what == What.OPEN and said["platform"] not in PLATFORM_NAMES:
        raise QiguanError("没有这个平台", place="平台", remedy="请从列表里选")
    if what == What.CHANGE and not any(str(said.get(k, "")).strip() for k in ("name", "platform_id", "owner")):
        raise QiguanError("没有写要改什么", place="变更备案", remedy="新名称、新账号ID、新主办单位至少写一样")
    if what == What.STOP:
        notice, closes = _day(said["notice_on"], "公告日期"), _day(said["closes_on"], "注销日期")
        if closes < notice:
            raise QiguanError("注销日期在公告日期之前", place="注销日期", remedy="先公告，再注销")
        if account is not None:
            said = _with_successor(said, account)
    if account is not None and Filing.objects.filter(account=account, what=what, state=State.SUBMITTED).exists():
        raise QiguanError(
            "这个账号已有一件同样的申请在等审批", place="备案申请", remedy="请等审批，或请上级先退回那一件", code="conflict"
        )
    with transaction.atomic():
        filing = Filing.objects.create(
            what=what, organ=organ, organ_path=organ.path, account=account, said={k: str(v).strip()[:400] for k, v in said.items()}, submitted_at=at, submitted_by=by
        )  # fmt: skip
        record_audit(action="submit_filing", by=by, at=at, on=filing, organ=organ, fields=list(said))
    return filing


def decide_filing(*, filing: Filing, approve: bool, reason: str, by: User, at: datetime) -> Filing:
    """Approve or return a filing; the one who submitted it cannot decide it, and a return needs a reason."""
    demand_role(by, Role.SUPERVISOR, organ=filing.organ)
    if filing.submitted_by_id == by.pk:
        raise NotPermitted("提交人不能审批自己的申请", remedy="请另一位监管员审批", code="forbidden")
    if not approve and not reason.strip():
        raise QiguanError("退回要写理由", place="理由", remedy="写清楚要改什么")
    with transaction.atomic():
        state = State.APPROVED if approve else State.RETURNED
        if not Filing.objects.filter(pk=filing.pk, state=State.SUBMITTED).update(state=state):
            raise QiguanError("这件申请已经审批过了", place="备案", remedy="请刷新页面", code="conflict")
        filing.state, filing.decided_at, filing.decided_by, filing.reason = state, at, by, reason.strip()[:400]
        if approve:
            _carry_out(filing, by, at)
        filing.save()
        record_audit(action="approve_filing" if approve else "return_filing", by=by, at=at, on=filing, organ=filing.organ)
    return filing


def note_look(*, filing: Filing, found: str, by: User, at: datetime) -> Filing:
    """Note what the look ninety days after an opening found; it is then done with."""
    demand_role(by, Role.SUPERVISOR, organ=filing.organ)
    if not found.strip():
        raise QiguanError("没有写回看的结果", place="回看", remedy="写一句：在更新、不更新、可以关停")
    with transaction.atomic():
        filing.said = {**filing.said, "looked": found.strip()[:400]}
        filing.look_again_on = None
        filing.save(update_fields=["said", "look_again_on"])
        record_audit(action="note_look", by=by, at=at, on=filing, organ=filing.organ)
    return filing


def _carry_out(filing: Filing, by: User, at: datetime) -> None:
    today = at.astimezone(SHANGHAI).date()
    said, account = filing.said, filing.account
    if filing.what == What.OPEN:
        account = Account(
            platform=said["platform"], name=said["name"][:120], name_key=name_key(said["name"]), owner=filing.organ, owner_path=filing.organ.path,
            purpose=said["purpose"][:400], opened_on=today, has_cover=True, registered_at=at, changed_at=at,
        )  # fmt: skip
        account.save()
        filing.account, filing.look_again_on = account, (at + LOOK_AFTER).astimezone(SHANGHAI).date()
    if account is None:
        return
    if filing.what == What.CHANGE:
        _change(account, said, by, today)
    elif filing.what == What.STOP:
        account.status = Account.Status.CLOSING
        account.closing_filed_on = today
        account.closing_notice_on, account.closes_on = _day(said["notice_on"], "公告日期"), _day(said["closes_on"], "注销日期")
        account.replaced_by = _instead(said, account)
    elif filing.what == What.CANCEL:
        account.status, account.closed_on = Account.Status.CLOSED, today
    account.changed_at = at
    account.save()
    index_accounts([account], fresh=False)
    note_ids([account])
    publish_entries([account], at=at)
    if filing.what == What.CHANGE:
        copy_owners([account])


def _change(account: Account, said: Mapping[str, str], by: User, today: date) -> None:
    """Rename, or hand over to another owner (变更主办单位, 移交)."""
    if said.get("name") and said["name"] != account.name:
        note_former_names([(account, account.name)], until=today)
        account.name, account.name_key = said["name"][:120], name_key(said["name"])
    if said.get("platform_id"):
        new = said["platform_id"][:120]
        taken = Account.objects.filter(platform=account.platform, platform_id=new).exclude(pk=account.pk).first()
        alias = AccountAlias.objects.filter(platform=account.platform, value=new).exclude(account=account).first()
        if taken or alias:
            raise QiguanError(f"账号ID“{new[:30]}”已经登记在另一个账号上", place="新账号ID", remedy="请核对，或退回这件申请")
        account.platform_id = new
    if said.get("owner"):
        account.owner = _new_owner(said["owner"], by)
        account.owner_path = account.owner.path
        account.staff.filter(until=None).update(until=today)  # whoever ran it for the old unit; the new one names its own


def _new_owner(name: str, by: User) -> Organ:
    """The organ meant, living and supervised by whoever approves: a hand-over binds both sides."""
    living = [o for o in organs_named(name_key(name)).order_by("path") if o.ended_on is None]
    ours = [o for o in living if has_role(by, Role.SUPERVISOR, organ=o)]
    if living and not ours:
        raise NotPermitted(f"“{name[:30]}”不归您监管", remedy="移交要由两家共同的上级审批", code="forbidden")
    if len(ours) != 1:
        what = f"有{len(ours)}个单位都叫“{name[:30]}”" if ours else f"没有叫“{name[:30]}”的单位"
        raise QiguanError(what, place="新主办单位", remedy="请先登记这个单位，或写全称")
    return ours[0]


def _instead(said: Mapping[str, str], account: Account) -> Account | None:
    """The account citizens are told to follow: by name, id or link; 无 where there is none."""
    text = said.get("instead", "").strip()
    if text == NO_SUCCESSOR:
        return None
    found = accounts_meant(text).exclude(pk=account.pk).exclude(status=Account.Status.CLOSED).select_related("owner")
    if said.get("instead_id"):
        found = Account.objects.filter(public_id=said["instead_id"])

    def distance(a: Account) -> tuple[bool, bool]:
        return a.owner_path != account.owner_path, a.platform != account.platform

    ours = sorted(found[:20], key=distance)
    if len(ours) > 1 and distance(ours[0]) == distance(ours[1]):
        raise QiguanError(
            f"叫“{text[:30]}”的账号不止一个：{'、'.join(_identity(a) for a in ours[:4])}",
            place="请群众改用哪个账号",
            remedy="请写其中一个的账号ID或链接",
        )
    if not ours:
        raise QiguanError(
            f"登记册里没有“{text[:30]}”",
            place="请群众改用哪个账号",
            remedy=f"写在册账号的名称、ID或链接；没有就写“{NO_SUCCESSOR}”",
        )
    return ours[0]


def _with_successor(said: Mapping[str, str], account: Account) -> dict[str, str]:
    """Write down which account a name was taken for: whoever submits and whoever approves must see it."""
    chosen = _instead({key: value for key, value in said.items() if key != "instead_id"}, account)
    if chosen is None:
        return {key: value for key, value in said.items() if key != "instead_id"}
    return {**said, "instead": _identity(chosen), "instead_id": chosen.public_id}


def _identity(account: Account) -> str:
    """名称（平台，账号ID，主办单位）."""
    parts = [PLATFORM_NAMES.get(account.platform, account.platform), account.platform_id, account.owner.name]
    return f"{account.name}（{'，'.join(part for part in parts if part)}）"


def _day(text: str, place: str) -> date:
    found = parse_day(text)
    if isinstance(found, date):
        return found
    raise QiguanError(found.message if isinstance(found, Unreadable) else "没有写日期", place=place, remedy="请写成2026年9月30日")
