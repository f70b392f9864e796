"""Undo a whole file: put back what stood before, delete what it made unless something else hangs on it.

1. Refuse under a later file that changed the same accounts. 2. In chunks, each safe to do twice: restore a value where it
still is what the file wrote; delete accounts on which nothing hangs. 3. The same for organs it founded and ended. What is
left standing is said in words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import models, transaction

from qiguan.core.errors import QiguanError
from qiguan.core.platforms import name_key
from qiguan.core.written_dates import SHANGHAI
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, OrganEvent, Role, User
from qiguan.people.queries import demand_role
from qiguan.register.actions.accounts import index_accounts, publish_entries
from qiguan.register.models import Account, AccountAlias, AccountName, Custody, SheetFile, SheetRow
from qiguan.register.queries.planning import CONTACT, as_words

CHUNK = 200
Fate, State = SheetRow.Fate, SheetFile.State
_DAYS = {
    f.name for f in Account._meta.concrete_fields if isinstance(f, models.DateField) and not isinstance(f, models.DateTimeField)
}


def undo_file(*, file: SheetFile, by: User | None, at: datetime, moved: Callable[[int, int], None] | None = None) -> SheetFile:
    """Put back what stood before the file; may be called again after a crash. Raises QiguanError under a later file."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=file.organ)
    if file.state not in {State.APPLIED, State.UNDOING}:
        raise QiguanError(
            f"这个文件{file.get_state_display()}，不能再做这一步",
            place=file.name,
            remedy="请刷新页面看看现在的状态",
            code="conflict",
        )
    demand_last(file)
    SheetFile.objects.filter(pk=file.pk).update(state=State.UNDOING)
    kept: Counter[str] = Counter()
    rows = list(
        SheetRow.objects.filter(file=file, fate__in=[Fate.CREATED, Fate.CHANGED]).order_by("-number").values_list("pk", flat=True)
    )
    for i in range(0, len(rows), CHUNK):
        with transaction.atomic():
            kept += _undo_rows(list(SheetRow.objects.filter(pk__in=rows[i : i + CHUNK])), file, at)
        if moved:
            moved(min(i + CHUNK, len(rows)), len(rows))
    organs = _undo_organs(file)
    with transaction.atomic():
        file.state, file.undone_at = State.UNDONE, at
        file.notes = [f"{n}个账号留着，因为{word}" for word, n in kept.items()] + organs
        file.save(update_fields=["state", "undone_at", "notes"])
        record_audit(action="undo_file", by=by, at=at, on=file, organ=file.organ, count=len(rows) or 1)
    return file


def demand_last(file: SheetFile, *, but: Sequence[SheetFile] = ()) -> None:
    """Raise QiguanError where a file applied later (`but` these) changed an account that this one made or changed."""
    later = _later(file, [file, *but])
    if later is not None:
        raise QiguanError(
            f"后来的文件“{later.name}”又改了这些账号", place=file.name, remedy="请先撤销后来的那个文件", code="conflict"
        )


def _later(file: SheetFile, but: Sequence[SheetFile]) -> SheetFile | None:
    ours = SheetRow.objects.filter(file=file, fate__in=[Fate.CREATED, Fate.CHANGED], account_id=models.OuterRef("account_id"))
    after = models.Q(file__applied_at__gt=file.applied_at) | models.Q(file__applied_at=file.applied_at, file_id__gt=file.pk)
    theirs = SheetRow.objects.filter(
        models.Q(file__state=State.APPLYING) | (after & models.Q(file__state=State.APPLIED)),
        models.Exists(ours),
        fate=Fate.CHANGED,
    ).exclude(file__in=[f.pk for f in but])
    row = theirs.select_related("file").first()
    return row.file if row is not None else None


def _undo_rows(rows: Sequence[SheetRow], file: SheetFile, at: datetime) -> Counter[str]:
    accounts = {
        a.pk: a for a in Account.objects.filter(pk__in=[r.account_id for r in rows]).select_related("owner", "replaced_by")
    }
    kept: Counter[str] = Counter()
    restored = []
    for row in rows:
        account = accounts.get(row.account_id or 0)
        if row.fate == Fate.CHANGED and account is not None and row.before:
            if _restore(account, row.before, file):
                kept["后来又改过"] += 1
            account.changed_at = at
            restored.append(account)
    made = [r.account_id for r in rows if r.fate == Fate.CREATED and r.account_id in accounts]
    hanging = _hanging([pk for pk in made if pk is not None])
    kept.update(f"上面已有{'、'.join(sorted(words))}" for words in hanging.values())
    Account.objects.filter(pk__in=[pk for pk in made if pk not in hanging]).delete()
    if restored:
        fields = [f.name for f in Account._meta.concrete_fields if f.name not in {"id", "public_id"}]
        Account.objects.bulk_update(restored, fields, batch_size=50)
        index_accounts(restored, fresh=False)
        publish_entries(restored, at=at)
    return kept


def _hanging(accounts: Sequence[int]) -> dict[int, set[str]]:
    """Say what hangs on accounts beside what follows from the register: other apps mark such tables by `hangs_as` (a word)."""
    found: dict[int, set[str]] = {}
    for relation in Account._meta.related_objects:
        word = getattr(relation.related_model, "hangs_as", "")
        if word and isinstance(relation.field, models.ForeignKey):
            rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": accounts})
            for pk in rows.values_list(relation.field.attname, flat=True).distinct():
                found.setdefault(pk, set()).add(word)
    return found


def _restore(account: Account, before: dict[str, list[Any]], file: SheetFile) -> bool:
    """Put values back where they still are what the file wrote; say whether anything had been changed since."""
    touched = False
    for field, (was, wrote) in before.items():
        if field == CONTACT:
            Custody.objects.filter(pk__in=wrote).delete()
            Custody.objects.filter(pk__in=was).update(until=None)
        elif field in {"owner", "supervisor"}:
            if getattr(account, f"{field}_id") != wrote:
                touched = True
                continue
            organ = Organ.objects.filter(pk=was or 0).first()
            setattr(account, field, organ)
            setattr(account, f"{field}_path", organ.path if organ else "")
        elif as_words(getattr(account, field)) != wrote:
            touched = touched or as_words(getattr(account, field)) != was
        else:
            setattr(account, field, _value(field, was))
            if field == "name" and file.applied_at:
                day = file.applied_at.astimezone(SHANGHAI).date()
                AccountName.objects.filter(account=account, name=was, until=day).delete()
            if field == "platform_id":
                AccountAlias.objects.filter(account=account, platform=account.platform, value=wrote).delete()
    account.name_key = name_key(account.name)
    return touched


def _value(field: str, text: str) -> Any:
    if field in _DAYS:
        return date.fromisoformat(text) if text else None
    if field == "staff_people":
        return int(text) if text else None
    if field == "feed_complete":
        return text == "True" if text else None
    return text


def _undo_organs(file: SheetFile) -> list[str]:
    """Let organs that the file ended live again, and delete those it founded on which nothing stands."""
    effects = file.effects
    for organ in Organ.objects.filter(pk__in=effects.get("ended", []), ended_on__isnull=False):
        OrganEvent.objects.filter(organ=organ, on=organ.ended_on or date.max, what=OrganEvent.What.ABOLISHED).delete()
        organ.ended_on, organ.successor = None, None
        organ.save(update_fields=["ended_on", "successor"])
    founded = Organ.objects.filter(pk__in=effects.get("founded", [])).order_by("-pk")
    names = dict(founded.values_list("pk", "name"))
    used = _used(list(names))
    free = [pk for pk in names if pk not in used]
    for i in range(0, len(free), CHUNK):
        with transaction.atomic():
            Organ.objects.filter(pk__in=free[i : i + CHUNK]).delete()
    if not used:
        return []
    some = "、".join(names[pk] for pk in sorted(used)[:5]) + ("等" if len(used) > 5 else "")
    return [f"{len(used)}个新建的单位留着（{some}），因为名下还有账号、人员或别的记录"]


def _used(ids: Sequence[int]) -> set[int]:
    """Which of these organs anything still rests on: whatever would forbid deleting them."""
    used: set[int] = set()
    for relation in Organ._meta.related_objects:
        if relation.on_delete is models.PROTECT:
            rows = relation.related_model._base_manager.all()
            for i in range(0, len(ids), 900):
                found = rows.filter(**{f"{relation.field.name}__in": ids[i : i + 900]})
                used.update(found.values_list(relation.field.attname, flat=True))
    return used
