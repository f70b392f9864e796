"""Writes on people: found, rename, merge, abolish, move, split an organ; add a user; record the audit row of any action."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from secrets import token_hex
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Cast, Concat, Length, Substr

from qiguan.core.errors import QiguanError
from qiguan.core.platforms import name_key
from qiguan.people.models import AuditEntry, Membership, Organ, OrganEvent, OrganName, Role, User, within
from qiguan.people.queries import demand_role, pinyin_key

_PATH_LENGTH = 200  # of the columns that hold paths
NAMES_A_PERSON = {"people.user", "people.membership"}  # models whose id is a personal part of the row
_CODE = re.compile(r"[a-z][a-z0-9_.:-]{0,159}")


def record_audit(
    *,
    action: str,
    by: User | None,
    at: datetime,
    on: models.Model | None = None,
    organ: Organ | None = None,
    fields: Iterable[str] = (),
    count: int = 1,
) -> AuditEntry:
    """Write one audit row in the transaction of the action. A machine batch writes one row with its `count`.

    `fields` are names and codes, never contents: what was written does not belong into the log, and anything that
    is not a code raises ValueError. The sealer chains the row within seconds (people.audit.sealing).
    """
    fields = sorted(fields)
    if not all(_CODE.fullmatch(name) for name in [action, *fields]):
        raise ValueError("the audit log takes names of fields and codes, never contents")
    object_id = str(getattr(on, "public_id", None) or getattr(on, "pk", "") or "") if on is not None else ""
    model = on._meta.label_lower if on is not None else ""
    return AuditEntry.objects.create(
        at=at,
        by=by,
        action=action,
        model=model,
        object_id=object_id,
        organ_path=organ.path if organ else "",
        fields=fields,
        count=count,
        by_salt=token_hex(16) if by is not None else "",
        object_salt=token_hex(16) if model in NAMES_A_PERSON else "",
    )


def found_organ(
    *,
    name: str,
    parent: Organ | None,
    level: str,
    sort: str = Organ.Sort.DEPARTMENT,
    founded_on: date | None = None,
    document: str = "",
    split_from: Organ | None = None,
    by: User | None,
    at: datetime,
) -> Organ:
    """Found an organ below `parent` (a root without one); `split_from` where it comes of another's 分设."""
    if by is not None and parent is not None:
        demand_role(by, Role.SUPERVISOR, organ=parent)
    name = name.strip()
    if not name:
        raise QiguanError("单位名称是空的", place="单位名称", remedy="请填写单位全称")
    with transaction.atomic():
        if parent is not None:  # read anew under lock: the parent may just have been moved
            parent = Organ.objects.select_for_update().get(pk=parent.pk)
        organ = Organ.objects.create(
            name=name,
            name_key=name_key(name),
            sort_key=pinyin_key(name),
            level=level,
            sort=sort,
            parent=parent,
            founded_on=founded_on,
        )
        organ.path = f"{parent.path if parent else '/'}{organ.pk}/"
        organ.save(update_fields=["path"])
        if founded_on:
            note = f"由{split_from.name}分设" if split_from is not None else ""
            OrganEvent.objects.create(
                organ=organ, what=OrganEvent.What.FOUNDED, on=founded_on, document=document, other=split_from, note=note
            )
        record_audit(action="found_organ", by=by, at=at, on=organ, organ=organ, fields=["name", "parent"])
    return organ


def found_organs(*, wanted: Sequence[tuple[str, Organ, str]], by: User | None, at: datetime) -> list[Organ]:
    """Found many organs that a register names (name, parent, level), with one audit row of their count.

    Whoever may import the register may found what it names below its sender: the caller has checked that.
    """
    with transaction.atomic():
        organs = Organ.objects.bulk_create(
            [
                Organ(name=n[:120], name_key=name_key(n[:120]), sort_key=pinyin_key(n[:120]), level=level, parent=p)
                for n, p, level in wanted
            ]
        )
        for organ in organs:
            organ.path = f"{organ.parent.path if organ.parent else '/'}{organ.pk}/"
        for parent in {o.parent for o in organs if o.parent is not None}:
            path = Concat(models.Value(parent.path), Cast("pk", models.CharField()), models.Value("/"))
            Organ.objects.filter(pk__in=[o.pk for o in organs if o.parent == parent]).update(path=path)
        if organs:
            record_audit(
                action="found_organs",
                by=by,
                at=at,
                on=organs[0],
                organ=organs[0].parent,
                fields=["name", "parent"],
                count=len(organs),
            )
    return organs


def rename_organ(*, organ: Organ, name: str, on: date, document: str = "", by: User | None, at: datetime) -> Organ:
    """Give the organ a new name from a day on; the old one stays findable."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, organ=organ)
    with transaction.atomic():
        OrganName.objects.create(organ=organ, name=organ.name, name_key=organ.name_key, until=on)
        OrganEvent.objects.create(organ=organ, what=OrganEvent.What.RENAMED, on=on, document=document, note=f"原名{organ.name}")
        organ.name, organ.name_key, organ.sort_key = name, name_key(name), pinyin_key(name)
        organ.save(update_fields=["name", "name_key", "sort_key"])
        record_audit(action="rename_organ", by=by, at=at, on=organ, organ=organ, fields=["name"])
    return organ


def end_organ(
    *,
    organ: Organ,
    on: date,
    successor: Organ | None,
    what: str = OrganEvent.What.ABOLISHED,
    document: str = "",
    by: User | None,
    at: datetime,
) -> Organ:
    """Abolish or merge an organ; its functions go to `successor` (职能承接单位)."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, organ=organ.parent or organ)
    if successor is not None and successor.pk == organ.pk:
        raise QiguanError("承接单位不能是它自己", place="职能承接单位", remedy="请另选一个单位")
    with transaction.atomic():
        organ.ended_on, organ.successor = on, successor
        organ.save(update_fields=["ended_on", "successor"])
        OrganEvent.objects.create(organ=organ, what=what, on=on, document=document, other=successor)
        record_audit(action="end_organ", by=by, at=at, on=organ, organ=organ, fields=["ended_on", "successor"])
    return organ


def reparent_organ(*, organ: Organ, parent: Organ, on: date, document: str = "", by: User | None, at: datetime) -> Organ:
    """Put an organ under another 上级 (隶属调整): its subtree and every copy of its paths follow in one transaction.

    1. Lock the root, so that two moves at a time cannot make a ring. 2. Read both organs anew; refuse what makes no tree.
    3. Rewrite the beginning of every path in the subtree, in all models that keep copies (`path_copies`).
    """
    with transaction.atomic():
        list(Organ.objects.select_for_update().filter(parent=None).values_list("pk", flat=True))
        organ.refresh_from_db(fields=["parent", "path", "ended_on"])
        parent.refresh_from_db(fields=["path", "ended_on"])
        was = organ.parent
        if by is not None:
            demand_role(by, Role.SUPERVISOR, organ=was or organ)
            demand_role(by, Role.SUPERVISOR, organ=parent)
        _demand_movable(organ, parent)
        old, new = organ.path, f"{parent.path}{organ.pk}/"
        _rewrite_paths(old, new)
        organ.parent, organ.path = parent, new
        organ.save(update_fields=["parent", "path"])
        OrganEvent.objects.create(
            organ=organ, what=OrganEvent.What.MOVED, on=on, document=document, other=parent, note=f"原隶属{was}" if was else ""
        )
        record_audit(action="move_organ", by=by, at=at, on=organ, organ=organ, fields=["parent", "path"])
    return organ


def _demand_movable(organ: Organ, parent: Organ) -> None:
    """Raise QiguanError where the organ cannot stand under that parent."""
    longest = models.Max(Length("path"))
    grown = len(parent.path) + len(f"{organ.pk}/") - len(organ.path)
    if organ.parent is None:
        why, remedy = "最上级单位没有上级，不能调整隶属", "请选下属单位"
    elif parent.path.startswith(organ.path):
        why, remedy = f"“{parent.name}”就在“{organ.name}”之下", "新的上级不能是它自己或它的下属单位"
    elif parent.pk == organ.parent_id:
        why, remedy = f"它现在就隶属{parent.name}", "请核对新的上级"
    elif organ.ended_on is not None or parent.ended_on is not None:
        why, remedy = "已经撤并的单位不能调整隶属，也不能作上级", "请选还在的单位"
    elif Organ.objects.filter(parent=parent, name_key=organ.name_key, ended_on=None).exists():
        why, remedy = f"{parent.name}之下已有“{organ.name}”", "如果是同一个单位，请登记合并"
    elif (Organ.objects.filter(within("path", organ.path)).aggregate(n=longest)["n"] or 0) + grown > _PATH_LENGTH:
        why, remedy = "这样层级太深了", "请核对新的上级"
    else:
        return
    raise QiguanError(why, place="新的上级", remedy=remedy)


def _rewrite_paths(old: str, new: str) -> None:
    for model in apps.get_models():
        for column in getattr(model, "path_copies", ()):
            rest = Substr(column, len(old) + 1)
            path = Concat(models.Value(new), rest, output_field=models.CharField())
            model._base_manager.filter(within(column, old)).update(**{column: path})


def split_up_organ(*, organ: Organ, into: Sequence[Organ], on: date, document: str = "", by: User | None, at: datetime) -> Organ:
    """Note that an organ became several (分设). It ends, unless it is itself among them: then it goes on with less."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, organ=organ.parent or organ)
        for successor in into:
            demand_role(by, Role.SUPERVISOR, organ=successor)
    if len({o.pk for o in into}) < 2 or len({o.pk for o in into}) != len(into):
        raise QiguanError("分设至少要写两个不同的单位", place="分设为", remedy="一行写一个；原单位保留的，把它也写上")
    with transaction.atomic():
        stays = any(o.pk == organ.pk for o in into)
        if not stays and not Organ.objects.filter(pk=organ.pk, ended_on=None).update(ended_on=on, successor=None):
            raise QiguanError("这个单位已经撤并", place=organ.name, remedy="请刷新页面", code="conflict")
        organ.ended_on = None if stays else on
        OrganEvent.objects.bulk_create(
            [OrganEvent(organ=organ, what=OrganEvent.What.SPLIT, on=on, document=document, other=successor) for successor in into]
        )
        record_audit(action="split_up_organ", by=by, at=at, on=organ, organ=organ, fields=["ended_on"], count=len(into))
    return organ


def add_user(
    *,
    username: str,
    shown_name: str,
    password: str | None,
    roles: Iterable[tuple[Organ, str]],
    by: User | None,
    at: datetime,
    **more: Any,
) -> User:
    """Add a log-in with its roles; without a password nobody can log in until one is set."""
    roles = list(roles)
    if by is not None:
        for organ, _ in roles:
            demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=organ)
    with transaction.atomic():
        user = User.objects.create_user(username, password=password, shown_name=shown_name, **more)
        Membership.objects.bulk_create([Membership(user=user, organ=organ, role=role) for organ, role in roles])
        record_audit(action="add_user", by=by, at=at, on=user, organ=roles[0][0] if roles else None, fields=["username", "roles"])
    return user
