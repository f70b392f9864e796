"""离岗 with the accounts: whoever ran them no longer does, each that is left alone gets somebody or is said to have no one yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.written_dates import SHANGHAI
from qiguan.people.actions import record_audit
from qiguan.people.leaving import deactivate_user, may_end, reactivate_user, roles_held
from qiguan.people.models import Departure, User
from qiguan.register.actions.custody import keeps
from qiguan.register.models import Account, AccountStaff, Custody
from qiguan.register.queries.runners import runners_for

NO_ONE = ""  # 还没有人


def staff_to_end(user: User, by: User, at: datetime) -> list[AccountStaff]:
    """Return what the person runs that `by` may end: in the organs whose roles he may end; all where no other role is left."""
    held = roles_held(user, at)
    mine = [m for m in held if may_end(by, m)]
    rows = AccountStaff.objects.filter(user=user, until=None).exclude(account__status=Account.Status.CLOSED)
    if mine and len(mine) < len(held):
        inside = Q(pk__in=[])
        for role in mine:
            inside |= Q(account__owner_path__startswith=role.organ.path)
        rows = rows.filter(inside)
    elif not mine and not by.is_superuser:
        return []
    return list(rows.select_related("account__owner").order_by("account__name", "pk"))


def left_alone(rows: list[AccountStaff], user: User) -> list[Account]:
    """Return the accounts that nobody else runs."""
    accounts = {row.account_id: row.account for row in rows}
    others = AccountStaff.objects.filter(account__in=accounts, until=None, user__is_active=True).exclude(user=user)
    kept = set(others.values_list("account_id", flat=True))
    return [account for pk, account in accounts.items() if pk not in kept]


def leave(*, user: User, stand_ins: Mapping[str, str], reason: str = "", by: User, at: datetime) -> Departure:
    """End the person's roles, log-in and staffings in one transaction.

    `stand_ins`: public id of each account that is left alone → public id of who runs it now, NO_ONE for 还没有人; one that is
    missing is asked for. Custody of every account that the person ran is flagged until it is handed over or confirmed.
    """
    rows = staff_to_end(user, by, at)
    today = at.astimezone(SHANGHAI).date()
    with transaction.atomic():
        for account in left_alone(rows, user):
            if account.public_id not in stand_ins:
                raise QiguanError(f"“{account.name}”没有人运营了", place=account.name, remedy="选一个人接手，或选“还没有人”")
        made = deactivate_user(user=user, reason=reason, by=by, at=at)
        AccountStaff.objects.filter(pk__in=[row.pk for row in rows]).update(until=today)
        for account in {row.account_id: row.account for row in rows}.values():
            chosen = stand_ins.get(account.public_id, NO_ONE)
            if chosen != NO_ONE:
                _take_over(account, chosen, user, by, at)
            Custody.objects.filter(account=account, until=None).update(check_since=today)
            record_audit(action="end_staff", by=by, at=at, on=account, organ=account.owner, fields=["staff", "custody"])
        made.kept = {**made.kept, "staff": [row.pk for row in rows]}
        made.save(update_fields=["kept"])
    return made


def _take_over(account: Account, chosen: str, user: User, by: User, at: datetime) -> None:
    person = next((p for p in runners_for(account, at) if p.public_id == chosen and p != user), None)
    if person is None:
        raise QiguanError("接手的人不是本单位的运营人员", place=account.name, remedy="请从列表里选")
    AccountStaff.objects.get_or_create(
        account=account, user=person, part="operator", until=None, defaults={"since": at.astimezone(SHANGHAI).date()}
    )
    record_audit(action="assign_staff", by=by, at=at, on=account, organ=account.owner, fields=["operator"])


def come_back(*, departure: Departure, by: User, at: datetime) -> User:
    """Give back roles, log-in and the staffings that nobody has given anew; whoever stood in stays until taken out."""
    with transaction.atomic():
        user = reactivate_user(departure=departure, by=by, at=at)
        for row in AccountStaff.objects.filter(pk__in=departure.kept.get("staff", [])).select_related("account__owner"):
            same = AccountStaff.objects.filter(account=row.account_id, user=user, part=row.part, until=None)
            if row.account.status != Account.Status.CLOSED and not same.exists():
                AccountStaff.objects.create(account=row.account, user=user, part=row.part, since=at.astimezone(SHANGHAI).date())
                record_audit(action="assign_staff", by=by, at=at, on=row.account, organ=row.account.owner, fields=[row.part])
    return user


def confirm_custody(*, account: Account, by: User, at: datetime) -> int:
    """Say that what is written of the account's custody still holds; returns how many lines were confirmed."""
    if not keeps(by, account):
        raise NotPermitted("账号保管由本单位管理员办理", remedy="请联系主办单位的管理员", code="forbidden")
    with transaction.atomic():
        done = Custody.objects.filter(account=account, until=None, check_since__isnull=False).update(check_since=None)
        if done:
            record_audit(action="confirm_custody", by=by, at=at, on=account, organ=account.owner, count=done)
    return done
