"""备案: 登记, 变更, 关停, 注销, each approved by another person above; approval changes the account and the public entry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.platforms import name_key
from qiguan.core.written_dates import SHANGHAI, Unreadable, parse_day
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, Role, User
from qiguan.people.queries import demand_role
from qiguan.register.actions.accounts import index_accounts, note_former_names, note_ids, publish_entries
from qiguan.register.models import Account, Filing

What, State = Filing.What, Filing.State
LOOK_AFTER = timedelta(days=90)
# what an opening request must state, with the words of its form
OPENING = {"name": "账号名称", "platform": "平台", "purpose": "开设目的", "why_not_existing": "现有账号为什么不行", "runner": "谁来运营", "deputy": "谁来替班", "cadence": "打算多久更新一次", "close_when": "什么情况下关停"}  # fmt: skip
STOPPING = {"notice_on": "公告日期", "closes_on": "注销日期", "instead": "请群众改用哪个账号"}


def submit_filing(*, what: str, organ: Organ, account: Account | None, said: Mapping[str, str], by: User, at: datetime) -> Filing:
    """Submit a filing. An opening request without its reasons is refused with the missing words."""
    demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=organ)
    needed = OPENING if what == What.OPEN else STOPPING if what == What.STOP else {}
    missing = [word for key, word in needed.items() if not str(said.get(key, "")).strip()]
    if missing:
        raise QiguanError("还缺：" + "、".join(missing), place="备案申请", remedy="请补全后再提交")
    if what != What.OPEN and account is None:
        raise QiguanError("没有选账号", place="备案申请", remedy="请从账号页发起")
    if what == What.STOP:
        _day(said["notice_on"], "公告日期"), _day(said["closes_on"], "注销日期")
    with transaction.atomic():
        filing = Filing.objects.create(
            what=what,
            organ=organ,
            organ_path=organ.path,
            account=account,
            said={k: str(v)[:400] for k, v in said.items()},
            submitted_at=at,
            submitted_by=by,
        )
        record_audit(action="submit_filing", by=by, at=at, on=filing, organ=organ, fields=list(said))
    return filing


def decide_filing(*, filing: Filing, approve: bool, reason: str, by: User, at: datetime) -> Filing:
    """Approve or return a filing; the one who submitted it cannot decide it, and a return needs a reason."""
    demand_role(by, Role.SUPERVISOR, organ=filing.organ)
    if filing.submitted_by_id == by.pk:
        raise NotPermitted("提交人不能审批自己的申请", remedy="请另一位监管员审批", code="forbidden")
    if filing.state != State.SUBMITTED:
        raise QiguanError("这件申请已经审批过了", place="备案", remedy="请刷新页面", code="conflict")
    if not approve and not reason.strip():
        raise QiguanError("退回要写理由", place="理由", remedy="写清楚要改什么")
    with transaction.atomic():
        filing.state = State.APPROVED if approve else State.RETURNED
        filing.decided_at, filing.decided_by, filing.reason = at, by, reason.strip()[:400]
        if approve:
            _carry_out(filing, at)
        filing.save()
        record_audit(action="approve_filing" if approve else "return_filing", by=by, at=at, on=filing, organ=filing.organ)
    return filing


def _carry_out(filing: Filing, at: datetime) -> None:
    today = at.astimezone(SHANGHAI).date()
    said, account = filing.said, filing.account
    if filing.what == What.OPEN:
        account = Account(
            platform=said["platform"], name=said["name"][:120], name_key=name_key(said["name"]), owner=filing.organ, owner_path=filing.organ.path,
            purpose=said["purpose"][:400], opened_on=today, has_cover=True, registered_at=at, changed_at=at,
        )  # fmt: skip
        account.save()
        filing.account, filing.look_again_on = account, (at + LOOK_AFTER).astimezone(SHANGHAI).date()
        index_accounts([account], fresh=True)
    if account is None:
        return
    if filing.what == What.CHANGE:
        _change(account, said, today)
    elif filing.what == What.STOP:
        account.status = Account.Status.CLOSING
        account.closing_filed_on, account.closing_notice_on, account.closes_on = (
            today,
            _day(said["notice_on"], "公告日期"),
            _day(said["closes_on"], "注销日期"),
        )
        account.replaced_by = Account.objects.filter(name_key=name_key(said.get("instead", ""))).exclude(pk=account.pk).first()
    elif filing.what == What.CANCEL:
        account.status, account.closed_on = Account.Status.CLOSED, today
    account.changed_at = at
    account.save()
    index_accounts([account], fresh=False)
    note_ids([account])
    publish_entries([account], at=at)


def _change(account: Account, said: Mapping[str, str], today: date) -> None:
    """Rename, or hand over to another owner (变更主办单位, 移交)."""
    if said.get("name") and said["name"] != account.name:
        note_former_names([(account, account.name)], until=today)
        account.name, account.name_key = said["name"][:120], name_key(said["name"])
    if said.get("platform_id"):
        account.platform_id = said["platform_id"][:120]
    if said.get("owner"):
        organ = Organ.objects.filter(name_key=name_key(said["owner"])).order_by("-path").first()
        if organ is None:
            raise QiguanError(f"没有叫“{said['owner'][:30]}”的单位", place="新主办单位", remedy="请先登记这个单位，或核对名称")
        account.owner, account.owner_path = organ, organ.path


def _day(text: str, place: str) -> date:
    found = parse_day(text)
    if isinstance(found, date):
        return found
    raise QiguanError(found.message if isinstance(found, Unreadable) else "没有写日期", place=place, remedy="请写成2026年9月30日")
