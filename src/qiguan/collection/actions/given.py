"""Store posts that were handed to us: pushed by a unit's program, or uploaded from a platform's back end."""

from __future__ import annotations

from datetime import datetime
from secrets import token_hex

from django.db import transaction

from qiguan.archive.actions import store_blob
from qiguan.collection.actions.evidence import KEEP_BODIES
from qiguan.collection.actions.lease import claim_due
from qiguan.collection.actions.sources import MANAGES
from qiguan.collection.actions.storing import Answered, store_answers
from qiguan.collection.actions.touched import touch_accounts
from qiguan.collection.models import Credential, Source
from qiguan.connectors.csv_export import read_export
from qiguan.connectors.given import Given
from qiguan.connectors.push import read_push
from qiguan.core.errors import NotPermitted, UnusableInput
from qiguan.core.sheet import read_workbook
from qiguan.jobs import clock
from qiguan.people.actions import record_audit
from qiguan.people.models import Role, User
from qiguan.people.queries import has_role
from qiguan.register.models import Account, AccountStaff


def receive_push(*, account: Account, payload: object, by_key: Credential, at: datetime) -> tuple[Given, int]:
    """Store a pushed list; return what was read and how many posts are new. The same list again changes nothing."""
    given = read_push(payload, at=at)
    return given, _store(account, "push", given, credential=by_key, blob="", at=at)


def receive_export(
    *, account: Account, name: str, data: bytes, exported_at: datetime | None, by: User, at: datetime
) -> tuple[Given, int]:
    """Store an uploaded list; `exported_at` is a person's word on when it was made. The file is kept as evidence."""
    runs = AccountStaff.objects.filter(account=account, user=by, until=None).exists() and has_role(by, Role.OPERATOR)
    if not runs and not has_role(by, *MANAGES, organ=account.owner):
        raise NotPermitted("您不能为这个账号上传", remedy="请由该账号的运营人员、单位管理员或监管员上传", code="forbidden")
    given = read_export(read_workbook(name, data), at=at, exported_at=exported_at)
    if not given.reading.items and not given.problems:
        raise UnusableInput("表里一篇也没有", place=name, remedy="请确认导出的时间范围；一直没有内容的账号请做人工核查")
    blob = store_blob(data=data, media_type="application/octet-stream", at=at, keep_until=at + KEEP_BODIES).digest
    with transaction.atomic():
        new = _store(account, "csv_export", given, credential=None, blob=blob, at=at)
        record_audit(action="receive_export", by=by, at=at, on=account, organ=account.owner, count=len(given.reading.items))
    return given, new


def _store(account: Account, code: str, given: Given, *, credential: Credential | None, blob: str, at: datetime) -> int:
    """Store under the source's own lease, within one transaction: two pushes at once wait for each other, none is lost."""
    owner = f"given:{token_hex(8)}"
    with transaction.atomic():
        source, made = Source.objects.get_or_create(
            account=account, connector=code, url="", defaults={"credential": credential, "added_at": at}
        )
        if made:
            touch_accounts([account.pk], at)
        elif credential is not None and source.credential_id != credential.pk:
            Source.objects.filter(pk=source.pk).update(credential=credential)
        held = claim_due(owner=owner, now=clock.machine_now(), only=[source.pk])
        return store_answers([Answered(h, given.reading, None, h.interval, blob=blob) for h in held], owner=owner, at=at)
