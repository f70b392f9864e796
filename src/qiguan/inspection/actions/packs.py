"""Which rule pack binds an organ, and corrections of the working-day calendar."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from qiguan.collection.actions.touched import touch_accounts
from qiguan.core.errors import QiguanError
from qiguan.core.pack import load_packs
from qiguan.inspection.models import PackUse
from qiguan.jobs.models import WorkingDay
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, Role, User, within
from qiguan.people.queries import demand_role
from qiguan.register.models import Account


def use_pack(*, organ: Organ, pack: str, since: date, by: User | None, at: datetime) -> PackUse:
    """Inspect an organ's subtree by a pack from a day on; its accounts are judged again."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, organ=organ)
    known = load_packs()
    if pack not in known:
        raise QiguanError(
            f"没有“{pack[:20]}”这个规则包", place="规则包", remedy="可选：" + "、".join(p.title_zh for p in known.values())
        )
    if since < known[pack].since:
        raise QiguanError(f"这个规则包自{known[pack].since}起施行", place="自哪天起", remedy="请选更晚的日子")
    with transaction.atomic():
        PackUse.objects.filter(organ=organ, until=None).exclude(since=since, pack=pack).update(until=since)
        use, _ = PackUse.objects.update_or_create(organ=organ, pack=pack, since=since, defaults={"until": None})
        touch_accounts(Account.objects.filter(within("owner_path", organ.path)).values_list("pk", flat=True), at)
        record_audit(action="use_pack", by=by, at=at, on=use, organ=organ, fields=["pack"])
    return use


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
