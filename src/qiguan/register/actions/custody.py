"""账号保管 and staffing: who runs an account, who holds what. The unit's own; whoever opens a contact leaves a trace."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.quota import Quota
from qiguan.core.written_dates import SHANGHAI
from qiguan.people.actions import record_audit
from qiguan.people.models import Membership, Role, User
from qiguan.people.queries import has_role, memberships_of
from qiguan.people.secrets import decrypt, encrypt
from qiguan.register.models import Account, AccountStaff, Custody
from qiguan.register.queries.runners import RUNNERS


def keeps(user: User, account: Account) -> bool:
    """Say whether the user administers the account's own unit: a supervisor above sees no contact."""
    return any(account.owner_path.startswith(m.organ.path) for m in memberships_of(user, roles=[Role.UNIT_ADMIN]))


def _demand_unit(account: Account, by: User) -> None:
    if not keeps(by, account):
        raise NotPermitted("账号保管由本单位管理员办理", remedy="请联系主办单位的管理员", code="forbidden")


def set_staffing(
    *, account: Account, staffing: str, people: int | None, has_cover: bool | None, by: User, at: datetime
) -> Account:
    """State 专职/兼职/代运营, how many people, and whether somebody stands in."""
    _demand_unit(account, by)
    if staffing not in Account.Staffing.values:
        raise QiguanError("没有这种人员类型", place="人员", remedy="请从列表里选")
    with transaction.atomic():
        account.staffing, account.staff_people, account.has_cover, account.changed_at = staffing, people, has_cover, at
        account.save(update_fields=["staffing", "staff_people", "has_cover", "changed_at"])
        record_audit(
            action="set_staffing", by=by, at=at, on=account, organ=account.owner, fields=["staffing", "staff_people", "has_cover"]
        )
    return account


def agree_cadence(*, account: Account, days: int | None, quota: str, by: User, at: datetime) -> Account:
    """Say how often the unit means to post (None: no agreement), and which limit of the platform binds it."""
    _demand_unit(account, by)
    if days is not None and not 1 <= days <= 90:
        raise QiguanError("约定的天数要在1到90之间", place="约定几天更新一次", remedy="请改一个数；没有约定就空着")
    if quota not in set(Quota):
        raise QiguanError("没有这种群发次数", place="群发次数", remedy="请从列表里选")
    with transaction.atomic():
        account.agreed_days, account.push_quota, account.changed_at = days, quota, at
        account.save(update_fields=["agreed_days", "push_quota", "changed_at"])
        record_audit(action="agree_cadence", by=by, at=at, on=account, organ=account.owner, fields=["agreed_days", "push_quota"])
    return account


def assign_staff(*, account: Account, user: User, part: str, by: User, at: datetime) -> AccountStaff:
    """Let somebody of the unit run the account, or stand in."""
    _demand_unit(account, by)
    today = at.astimezone(SHANGHAI).date()
    roles = Membership.objects.filter(user=user, role__in=RUNNERS).select_related("organ")
    may = any(m.in_force(today) and account.owner_path.startswith(m.organ.path) for m in roles)
    if part not in {"operator", "deputy"} or not may:
        raise QiguanError("这个人不是本单位的运营人员", place="运营人员", remedy="请先给他运营人员的角色")
    with transaction.atomic():
        staff, made = AccountStaff.objects.get_or_create(
            account=account, user=user, part=part, until=None, defaults={"since": today}
        )
        if made:
            record_audit(action="assign_staff", by=by, at=at, on=account, organ=account.owner, fields=[part])
    return staff


def end_staff(*, staff: AccountStaff, by: User, at: datetime) -> AccountStaff:
    """Somebody no longer runs the account."""
    _demand_unit(staff.account, by)
    with transaction.atomic():
        staff.until = at.astimezone(SHANGHAI).date()
        staff.save(update_fields=["until"])
        record_audit(action="end_staff", by=by, at=at, on=staff.account, organ=staff.account.owner, fields=[staff.part])
    return staff


def hand_over(*, account: Account, what: str, person: str, phone: str, by: User, at: datetime) -> Custody:
    """Somebody takes 管理员账号, 登记手机, 登记邮箱 or 认证材料; whoever held it before is closed, the contact encrypted."""
    _demand_unit(account, by)
    if what not in dict(Custody._meta.get_field("what").flatchoices) or not person.strip():
        raise QiguanError("要写保管什么、由谁保管", place="账号保管", remedy="请补全")
    today = at.astimezone(SHANGHAI).date()
    with transaction.atomic():
        Custody.objects.filter(account=account, what=what, until=None).update(until=today)
        made = Custody.objects.create(
            account=account, what=what, contact=encrypt(f"{person.strip()[:60]}\n{phone.strip()[:120]}"), since=today
        )
        record_audit(action="hand_over", by=by, at=at, on=account, organ=account.owner, fields=[what])
    return made


def open_contacts(*, account: Account, by: User, at: datetime) -> list[tuple[Custody, str, str]]:
    """Return who holds what now, with name and telephone, and leave a trace that they were opened."""
    _demand_unit(account, by)
    rows = Custody.objects.filter(account=account, until=None).order_by("what", "pk")
    opened = [(row, *_parted(decrypt(bytes(row.contact)))) for row in rows]
    record_audit(action="open_contacts", by=by, at=at, on=account, organ=account.owner, count=len(opened) or 1)
    return opened


def _parted(text: str) -> tuple[str, str]:
    person, _, phone = text.partition("\n")
    return person, phone


def sees_custody(user: User, account: Account) -> bool:
    """Say whether the user may see that something is held, without its contact."""
    return keeps(user, account) or has_role(user, Role.SUPERVISOR, organ=account.owner)
