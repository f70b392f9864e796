"""Which rule pack binds an organ, and corrections of the working-day calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import Min

from qiguan.archive.actions import store_blob
from qiguan.collection.actions.touched import touch_accounts
from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.core.local_pack import BY_NAME, FIELDS, make_local_pack, read_local_pack
from qiguan.core.pack import load_packs
from qiguan.core.written_dates import parse_day
from qiguan.inspection.models import LocalPack, PackUse
from qiguan.jobs.keys import public_id
from qiguan.jobs.models import WorkingDay
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, Role, User, within
from qiguan.people.queries import demand_role
from qiguan.register.models import Account


class BadFields(UnusableInput):
    """What is wrong in a form, by field."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        first = next(iter(wrong))
        super().__init__(wrong[first], place=BY_NAME[first].label, remedy=f"共{len(wrong)}处要改")
        self.wrong = wrong


def use_pack(*, organ: Organ, pack: str, since: date, by: User | None, at: datetime) -> PackUse:
    """Inspect an organ's subtree by a pack from a day on; its accounts are judged again."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, organ=organ)
    shipped = load_packs()
    starts = {name: known.since for name, known in shipped.items()} | _local_starts()
    if pack not in starts:
        raise QiguanError(
            f"没有“{pack[:20]}”这个规则包", place="规则包", remedy="可选：" + "、".join(p.title_zh for p in shipped.values())
        )
    if since < starts[pack]:
        raise QiguanError(f"这个规则包自{starts[pack]}起施行", place="自哪天起", remedy="请选更晚的日子")
    with transaction.atomic():
        PackUse.objects.filter(organ=organ, until=None).exclude(since=since, pack=pack).update(until=since)
        use, _ = PackUse.objects.update_or_create(organ=organ, pack=pack, since=since, defaults={"until": None})
        touch_accounts(Account.objects.filter(within("owner_path", organ.path)).values_list("pk", flat=True), at)
        record_audit(action="use_pack", by=by, at=at, on=use, organ=organ, fields=["pack"])
    return use


def _local_starts() -> dict[str, date]:
    return dict(LocalPack.objects.order_by().values_list("key").annotate(first=Min("since")))


def add_local_pack(
    *,
    organ: Organ,
    said: Mapping[str, str],
    key: str = "",
    document: tuple[str, bytes] = ("", b""),
    by: User | None,
    at: datetime,
) -> LocalPack:
    """Add a local pack, or with `key` a newer version of one; the accounts that it binds are judged again.

    `document` is the source document's file name and bytes. Raises BadFields with every mistake by field; NotPermitted for
    anyone but a supervisor of the organ. The national veto stands whatever a pack says (see core.local_pack).
    """
    if by is not None:
        demand_role(by, Role.SUPERVISOR, organ=organ)
    tables, wrong = read_local_pack(said)
    if wrong:
        raise BadFields(wrong)
    if key and not LocalPack.objects.filter(key=key, organ=organ).exists():
        raise QiguanError("没有要改的这个规则包", place="规则包", remedy="请从判定口径页进入")
    name, data = document
    digest = store_blob(data=data, media_type="application/octet-stream", at=at).digest if data else ""
    key = key or f"local-{public_id()}"
    pack = make_local_pack(key, tables)
    with transaction.atomic():
        kept = LocalPack.objects.create(
            key=key, organ=organ, organ_path=organ.path, title=pack.title_zh, since=pack.since, until=pack.until, tables=tables,
            said={field.name: said.get(field.name, "") for field in FIELDS}, source_date=_day(said["source_date"]), document=digest, document_name=name[:200],
            added_at=at, added_by=by,
        )  # fmt: skip
        for use in PackUse.objects.filter(pack=key, until=None).select_related("organ"):
            touch_accounts(Account.objects.filter(within("owner_path", use.organ.path)).values_list("pk", flat=True), at)
        record_audit(action="add_local_pack", by=by, at=at, on=kept, organ=organ, fields=sorted(tables))
    return kept


def _day(text: str) -> date:
    found = parse_day(" ".join(text.split()))
    assert isinstance(found, date), "read_local_pack has read it before"
    return found


def set_working_day(*, day: date, working: bool, note: str, by: User | None, at: datetime) -> WorkingDay:
    """Correct one day. A year nobody loaded stays unknown: single days do not make it known."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR)
    if not WorkingDay.objects.filter(day__year=day.year).exists():
        raise QiguanError(
            f"{day.year}年的放假安排还没有导入", place="日期", remedy="请先导入国务院办公厅的当年通知，再改个别日子"
        )
    with transaction.atomic():
        changed, _ = WorkingDay.objects.update_or_create(day=day, defaults={"is_working": working, "note": note.strip()[:60]})
        record_audit(action="set_working_day", by=by, at=at, on=changed, fields=["is_working"])
    return changed
