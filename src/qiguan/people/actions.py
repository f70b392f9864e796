"""Writes on people: found, rename, merge, abolish an organ; add a user; record the audit row of any action."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.db.models.functions import Cast, Concat

from qiguan.core.errors import QiguanError
from qiguan.core.platforms import name_key
from qiguan.people.models import AuditEntry, Membership, Organ, OrganEvent, OrganName, Role, User
from qiguan.people.queries import demand_role, pinyin_key


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
    """Write one audit row in the transaction of the action. A machine batch writes one row with its `count`."""
    object_id = str(getattr(on, "public_id", None) or getattr(on, "pk", "") or "") if on is not None else ""
    return AuditEntry.objects.create(
        at=at,
        by=by,
        action=action,
        model=on._meta.label_lower if on is not None else "",
        object_id=object_id,
        organ_path=organ.path if organ else "",
        fields=sorted(fields),
        count=count,
    )


def found_organ(
    *,
    name: str,
    parent: Organ | None,
    level: str,
    sort: str = Organ.Sort.DEPARTMENT,
    founded_on: date | None = None,
    document: str = "",
    by: User | None,
    at: datetime,
) -> Organ:
    """Found an organ below `parent` (a root without one)."""
    if by is not None and parent is not None:
        demand_role(by, Role.SUPERVISOR, organ=parent)
    name = name.strip()
    if not name:
        raise QiguanError("单位名称是空的", place="单位名称", remedy="请填写单位全称")
    with transaction.atomic():
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
            OrganEvent.objects.create(organ=organ, what=OrganEvent.What.FOUNDED, on=founded_on, document=document)
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


def add_user(
    *,
    username: str,
    shown_name: str,
    password: str,
    roles: Iterable[tuple[Organ, str]],
    by: User | None,
    at: datetime,
    **more: Any,
) -> User:
    """Add a log-in with its roles."""
    roles = list(roles)
    if by is not None:
        for organ, _ in roles:
            demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=organ)
    with transaction.atomic():
        user = User.objects.create_user(username, password=password, shown_name=shown_name, **more)
        Membership.objects.bulk_create([Membership(user=user, organ=organ, role=role) for organ, role in roles])
        record_audit(action="add_user", by=by, at=at, on=user, organ=roles[0][0] if roles else None, fields=["username", "roles"])
    return user
