"""分设: one organ becomes several; each account goes to one of them, or waits flagged for a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from qiguan.core.errors import QiguanError
from qiguan.core.platforms import name_key
from qiguan.people.actions import found_organ, record_audit, split_up_organ
from qiguan.people.models import Organ, Role, User
from qiguan.people.queries import demand_role, has_role
from qiguan.register.actions.accounts import copy_owners, index_accounts, publish_entries
from qiguan.register.models import Account

_MOST = 20
_CHUNK = 200


@dataclass(frozen=True, slots=True)
class Successor:
    """One of those an organ is split into; without `organ` it is to be founded beside the one that is split."""

    name: str
    organ: Organ | None


def successors_named(*, organ: Organ, names: Sequence[str], by: User | None) -> list[Successor]:
    """Return who the names mean: living organs the user supervises, or new ones. Raises QiguanError where that is not plain."""
    if organ.ended_on is not None:
        raise QiguanError("这个单位已经撤并", place=organ.name, remedy="请刷新页面", code="conflict")
    if organ.parent is None:
        raise QiguanError("最上级单位不能分设", place=organ.name, remedy="请选下属单位")
    keys = [name_key(name) for name in names]
    if not 2 <= len(set(keys)) == len(keys) <= _MOST or "" in keys:
        raise QiguanError(f"分设要写2到{_MOST}个不同的单位", place="分设为", remedy="一行写一个；原单位保留的，把它也写上")
    found = []
    for name, key in zip(names, keys, strict=True):
        if len(name) > 120:
            raise QiguanError("单位名称超过120个字", place=name[:30], remedy="请核对全称")
        living = list(Organ.objects.filter(name_key=key, ended_on=None).order_by("path"))
        ours = [o for o in living if by is None or has_role(by, Role.SUPERVISOR, organ=o)]
        near = [o for o in ours if o == organ] or [o for o in ours if o.parent_id == organ.parent_id] or ours
        if len(near) > 1:
            raise QiguanError(f"有{len(near)}个单位都叫“{name[:30]}”", place="分设为", remedy="请先更名，把它们分开")
        found.append(Successor(near[0].name if near else name, near[0] if near else None))
    return found


def split_organ(
    *,
    organ: Organ,
    into: Sequence[str],
    on: date,
    document: str = "",
    given: Mapping[str, str],
    by: User | None,
    at: datetime,
) -> list[Organ]:
    """Split an organ into those named; `given`: account (public id) → name of its successor.

    1. Find or found the successors beside it. 2. The organ ends, unless it is one of them. 3. Hand over the accounts given;
    the others stay with it and so are flagged 主办单位已撤并. All in one transaction. Returns the successors.
    """
    if by is not None:
        demand_role(by, Role.SUPERVISOR, organ=organ.parent or organ)
    with transaction.atomic():
        wanted = successors_named(organ=organ, names=into, by=by)
        organs = [s.organ or _found(s.name, organ, on, document, by, at) for s in wanted]
        split_up_organ(organ=organ, into=organs, on=on, document=document, by=by, at=at)
        by_key = {name_key(o.name): o for o in organs}
        count = _hand_over(organ, {pk: by_key.get(name_key(name)) for pk, name in given.items()}, at)
        record_audit(action="split_organ", by=by, at=at, on=organ, organ=organ, fields=["owner"], count=count)
    return organs


def _found(name: str, organ: Organ, on: date, document: str, by: User | None, at: datetime) -> Organ:
    return found_organ(
        name=name, parent=organ.parent, level=organ.level, sort=organ.sort, founded_on=on, document=document, split_from=organ, by=by, at=at
    )  # fmt: skip


def _hand_over(organ: Organ, given: Mapping[str, Organ | None], at: datetime) -> int:
    """Give the accounts their new owners, with all that follows from the owner. Returns how many changed hands."""
    if None in given.values():
        raise QiguanError("有账号给了不在分设名单里的单位", place="每个账号归谁", remedy="请从列表里选")
    accounts = list(Account.objects.filter(owner=organ, public_id__in=list(given)).order_by("pk"))
    if len(accounts) != len(given):
        raise QiguanError("有账号已经不在这个单位名下", place="每个账号归谁", remedy="请刷新页面", code="conflict")
    moved = []
    for account in accounts:
        owner = given[account.public_id]
        if owner is not None and owner.pk != organ.pk:
            account.owner, account.owner_path, account.changed_at = owner, owner.path, at
            moved.append(account)
    Account.objects.bulk_update(moved, ["owner", "owner_path", "changed_at"], batch_size=_CHUNK)
    index_accounts(moved, fresh=False)
    publish_entries(moved, at=at)
    copy_owners(moved)
    return len(moved)
