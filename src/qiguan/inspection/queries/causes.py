"""Why an account entered or left a round's scope, and by whom: what the register recorded between the two rounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qiguan.core.days import day_of, say_day
from qiguan.core.facts import Scope
from qiguan.inspection.models import Round, RoundAccount, Verdict
from qiguan.jobs.many import among
from qiguan.people.models import AuditEntry, OrganEvent
from qiguan.register.models import Account, Filing, SheetFile, SheetRow

# what a change of these fields says about the scope
_FIELDS = {
    "scope": "口径", "status": "状态", "closed_on": "关停时间", "closes_on": "注销日期", "opened_on": "开设时间", "owner": "主办单位",
    "owner_id": "主办单位", "supervisor": "主管单位", "supervisor_id": "主管单位",
}  # fmt: skip
_SILENT = {"open_contacts", "set_staffing", "assign_staff", "end_staff", "hand_over", "receive_export"}  # touch no scope


@dataclass(frozen=True, slots=True)
class Cause:
    """One recorded change: what, when, and by whom. `by` and `decided_by` are people, for officials' pages alone; "" for a machine."""

    what: str
    at: datetime | None = None
    organ: str = ""
    by: str = ""
    decided_by: str = ""
    file: str = ""  # an imported file's public id


@dataclass(frozen=True, slots=True)
class Moved:
    """An account that entered or left, with the causes recorded, oldest first."""

    line: RoundAccount
    causes: Sequence[Cause]
    was: str = ""  # of one that left: its word in the round before


def moved(lines: Sequence[RoundAccount], *, round_: Round, before: Round, came: bool) -> list[Moved]:
    """Say for each line why it entered (`came`) or left; at most some hundred lines, a page of them.

    1. Filings approved, imported rows and audited changes between the openings. 2. Changes of the owner organ. 3. Where nothing
    was recorded: what the register says today, or that the two rounds were asked differently.
    """
    ids = [line.account_id for line in lines]
    found: dict[int, list[Cause]] = defaultdict(list)
    _filings(ids, before.opened_at, round_.opened_at, found)
    _rows(ids, before.opened_at, round_.opened_at, found)
    accounts = {a.pk: a for a in Account.objects.filter(pk__in=among(ids)).select_related("owner")}
    _audited(accounts, before.opened_at, round_.opened_at, found)
    _organs(accounts, before, round_, found)
    for line in lines:
        if not found[line.account_id]:
            account = accounts[line.account_id]
            plain = _why_came(account, round_, before) if came else _why_left(account, round_, before)
            found[line.account_id].append(Cause(plain))
    verdicts = Verdict.objects.filter(line__round=before, account__in=among(ids), replaced_by=None)
    was = {} if came else dict(verdicts.values_list("account_id", "word"))
    return [
        Moved(line, sorted(found[line.account_id], key=lambda c: (c.at is None, c.at)), was.get(line.account_id, ""))
        for line in lines
    ]


def _filings(ids: Sequence[int], since: datetime, until: datetime, found: dict[int, list[Cause]]) -> None:
    filings = Filing.objects.filter(
        account__in=among(ids), state=Filing.State.APPROVED, decided_at__gt=since, decided_at__lte=until
    )
    for f in filings.select_related("organ", "submitted_by", "decided_by"):
        cause = Cause(
            f"{f.get_what_display()}备案", f.decided_at, f.organ.name, str(f.submitted_by or ""), str(f.decided_by or "")
        )
        found[f.account_id or 0].append(cause)


def _rows(ids: Sequence[int], since: datetime, until: datetime, found: dict[int, list[Cause]]) -> None:
    rows = SheetRow.objects.filter(
        account_id__in=among(ids), fate__in=[SheetRow.Fate.CREATED, SheetRow.Fate.CHANGED], file__applied_at__gt=since,
        file__applied_at__lte=until, file__state=SheetFile.State.APPLIED,
    )  # fmt: skip
    for row in rows.select_related("file__organ", "file__sent_by").order_by("file__applied_at"):
        what = "导入登记表新增" if row.fate == SheetRow.Fate.CREATED else _changed(row.before or {})
        if what:
            file = row.file
            where = f"{what}（{file.name}第{row.number}行）"
            found[row.account_id or 0].append(
                Cause(where, file.applied_at, file.organ.name, str(file.sent_by or ""), file=file.public_id)
            )


def _changed(before: Mapping[str, Any]) -> str:
    """Say which fields that bear on the scope a row changed; "" where none."""
    words = list(dict.fromkeys(word for field, word in _FIELDS.items() if field in before))
    return f"导入登记表改了{'、'.join(words)}" if words else ""


def _audited(accounts: Mapping[int, Account], since: datetime, until: datetime, found: dict[int, list[Cause]]) -> None:
    by_public = {a.public_id: pk for pk, a in accounts.items()}
    entries = AuditEntry.objects.filter(model="register.account", object_id__in=list(by_public), at__gt=since, at__lte=until)
    for e in entries.exclude(action__in=_SILENT).select_related("by").order_by("pk"):
        what = "、".join(dict.fromkeys(_FIELDS[f] for f in e.fields if f in _FIELDS))
        found[by_public[e.object_id]].append(Cause(f"改了{what}" if what else "改了登记", e.at, by=str(e.by or "")))


def _organs(accounts: Mapping[int, Account], before: Round, round_: Round, found: dict[int, list[Cause]]) -> None:
    owners: dict[int, list[int]] = defaultdict(list)
    for pk, account in accounts.items():
        owners[account.owner_id].append(pk)
    events = OrganEvent.objects.filter(organ__in=list(owners), on__gt=day_of(before.at), on__lte=day_of(round_.at))
    for event in events.exclude(what=OrganEvent.What.RENAMED).select_related("organ", "other"):
        what = f"{event.organ.name}{say_day(event.on)}{event.get_what_display()}" + (
            f"（{event.document}）" if event.document else ""
        )
        for pk in owners[event.organ_id]:
            found[pk].append(Cause(what, organ=event.organ.name))


def _why_came(account: Account, round_: Round, before: Round) -> str:
    if account.opened_on is not None and account.opened_on > day_of(before.at):
        return f"{say_day(account.opened_on)}开设，在上期之后"
    return _asked(round_, before) or "上期不在范围，登记册没有留下变动记录"


def _why_left(account: Account, round_: Round, before: Round) -> str:
    if account.closed_on is not None and account.closed_on <= day_of(round_.at):
        return f"登记册写{say_day(account.closed_on)}关停，没有备案记录"
    if account.scope == Scope.LISTED:
        return "登记册现为“只登记”，没有变动记录"
    if not any(path.startswith(round_.organ_path) for path in (account.owner_path, account.supervisor_path)):
        return "主办、主管单位已不在本级管辖"
    return _asked(round_, before) or "本期不在范围，登记册没有留下变动记录"


def _asked(round_: Round, before: Round) -> str:
    return "两期检查的范围条件不同" if round_.wanted != before.wanted else ""
