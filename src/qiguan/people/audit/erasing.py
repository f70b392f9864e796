"""Erase a person from the audit log where the law asks for it; the chain still verifies, and the erasure is itself an entry.

Of each part only its salted digest stays (a tombstone); salt and value go, so that nobody can try users' numbers against it.
The entry of the erasure holds how many parts went and a digest of which, so that no row can be passed off as erased later.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from qiguan.core.audit_chain import ALGORITHM, leaf, part_digest
from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.jobs.many import among
from qiguan.people.actions import record_audit
from qiguan.people.audit.rows import BY, OBJECT
from qiguan.people.models import AuditEntry, AuditTombstone, Membership, Role, User
from qiguan.people.queries import demand_role

ACTION = "erase_from_audit"
BASES = {
    "pipl_47": "个人信息保护法第四十七条：目的已实现、期限届满、撤回同意或违法处理",
    "court": "人民法院、仲裁机构的生效文书",
    "archive_law": "档案保管期限届满，按规定销毁",
}


def erase_from_audit(*, user: User, basis: str, by: User, at: datetime) -> AuditEntry:
    """Erase who `user` is from every entry, as actor and as object; return the entry of the erasure.

    Only a supervisor of every organ of the person (or the administrator) may, never the person.
    """
    if basis not in BASES:
        raise QiguanError("没有写依据", place="抹除依据", remedy="请从列表里选：" + "；".join(BASES.values()))
    if user.pk == by.pk:
        raise NotPermitted("不能抹除自己的操作记录", remedy="请另一位监管员办理", code="forbidden")
    demand_role(by, Role.SUPERVISOR)
    for membership in Membership.objects.filter(user=user).select_related("organ"):
        demand_role(by, Role.SUPERVISOR, organ=membership.organ)
    with transaction.atomic():
        numbers = [str(pk) for pk in Membership.objects.filter(user=user).values_list("pk", flat=True)]
        as_object = Q(model="people.user", object_id=user.public_id) | Q(model="people.membership", object_id__in=numbers)
        acted = _parts(BY, AuditEntry.objects.filter(by=user))
        suffered = _parts(OBJECT, AuditEntry.objects.filter(as_object).exclude(object_salt=""))
        parts = [*acted, *suffered]
        if not parts:
            raise QiguanError("操作记录里没有这个人", place=str(user), remedy="不用抹除", code="conflict")
        which = erased_digest((pk, part) for pk, part, _ in parts)
        erasure = record_audit(action=ACTION, by=by, at=at, fields=[basis, which], count=len(parts))
        AuditTombstone.objects.bulk_create(
            [AuditTombstone(entry_id=pk, part=part, digest=digest, erasure=erasure) for pk, part, digest in parts],
            batch_size=2000,
        )
        AuditEntry.objects.filter(pk__in=among([pk for pk, _, _ in acted])).update(by=None, by_salt="")
        AuditEntry.objects.filter(pk__in=among([pk for pk, _, _ in suffered])).update(object_id="", object_salt="")
    return erasure


def erased_digest(parts: Iterable[tuple[int, str]]) -> str:
    """Return the digest that binds an erasure to the parts it erased."""
    return ALGORITHM + leaf(" ".join(f"{pk}:{part}" for pk, part in sorted(parts))).hex()


def _parts(part: str, rows: QuerySet[AuditEntry]) -> list[tuple[int, str, str]]:
    """(entry, part, digest) of rows as they stand."""
    salt, value = ("by_salt", "by_id") if part == BY else ("object_salt", "object_id")
    return [(pk, part, part_digest(s, part, str(v))) for pk, s, v in rows.values_list("pk", salt, value)]
