"""Receive a register, show how it would be read, apply it, undo it as a whole.

1. `receive_file` keeps the bytes and opens a preview. 2. `plan_file` reads it anew and says what each row would do;
nothing is written. 3. `apply_file` does it in chunks, each a short transaction; killed half-way, it goes on where it
stopped, because every row's fate is kept with it. 4. `undo_file` puts back what stood before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from qiguan.archive.actions import read_blob, store_blob
from qiguan.core.columns import Columns, guess
from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.core.platforms import name_key
from qiguan.core.register_rows import RegisterRow, RowProblem, read_register
from qiguan.core.sheet import Sheet, read_workbook
from qiguan.core.written_dates import SHANGHAI
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, Role, User
from qiguan.people.queries import demand_role
from qiguan.people.secrets import encrypt
from qiguan.register.actions.accounts import index_accounts, note_former_names, note_ids, publish_entries
from qiguan.register.actions.organs import OrganBook, end_named_owners
from qiguan.register.models import Account, ColumnMemory, Custody, ReturnShare, SheetFile, SheetRow
from qiguan.register.queries.matching import Matcher

CHUNK = 400
Fate = SheetRow.Fate
PLAIN = (
    "name", "platform", "platform_id", "link", "kind", "scope", "opened_on", "certified_subject", "purpose", "staffing", "staff_people", "status",
    "closed_on", "closing_filed_on", "closing_notice_on", "closes_on",
)  # fmt: skip
RENAMED_FIELDS = {"source_link": "feed_link", "source_complete": "feed_complete"}
DAY_FIELDS = {"opened_on", "closed_on", "closing_filed_on", "closing_notice_on", "closes_on"}


@dataclass(frozen=True, slots=True)
class Planned:
    """One row and what it would do. `changes`: field → (before, after) as text."""

    row: RegisterRow
    fate: str
    account: Account | None
    changes: Mapping[str, tuple[str, str]]
    alike: Sequence[Account] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole file as it would be read."""

    sheet: Sheet
    columns: Columns
    rows: Sequence[Planned]
    problems: Sequence[RowProblem]

    @property
    def counts(self) -> dict[str, int]:
        """Rows by fate; fatal problems count as 有错误."""
        counted = Counter(p.fate for p in self.rows)
        counted[Fate.BAD] += len({p.row for p in self.problems if p.fatal})
        return {str(k): n for k, n in counted.items() if n}


def receive_file(
    *, organ: Organ, name: str, data: bytes, share: ReturnShare | None = None, by: User | None, at: datetime
) -> SheetFile:
    """Keep an uploaded register and open its preview. Raises UnusableInput where it cannot be read at all."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=organ)
    sheet, columns = _pick_sheet(name, data, organ, {})
    blob = store_blob(data=data, media_type="application/octet-stream", at=at)
    with transaction.atomic():
        file = SheetFile.objects.create(
            organ=organ, organ_path=organ.path, share=share, name=name[:200], digest=blob.digest, sheet=sheet.name[:100], header_row=columns.header_row,
            mapping={}, sent_at=at, sent_by=by,
        )  # fmt: skip
        record_audit(action="receive_file", by=by, at=at, on=file, organ=organ)
    return file


def choose_columns(*, file: SheetFile, chosen: Mapping[str, str], by: User | None, at: datetime) -> SheetFile:
    """Correct how columns are read (header text → field code, "" for none); remembered for this sender when applied."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=file.organ)
    _demand_state(file, SheetFile.State.PREVIEW)
    file.mapping = dict(chosen)
    file.save(update_fields=["mapping"])
    return file


def plan_file(file: SheetFile) -> Plan:
    """Read the file and say what every row would do. Writes nothing."""
    sheet, columns = _pick_sheet(file.name, read_blob(file.digest), file.organ, file.mapping)
    reading = read_register(sheet, columns)
    matcher = Matcher(reading.rows)
    book = OrganBook(file.organ)
    return Plan(sheet, columns, [_plan_row(row, matcher, book, file) for row in reading.rows], reading.problems)


def _pick_sheet(name: str, data: bytes, organ: Organ, chosen: Mapping[str, str]) -> tuple[Sheet, Columns]:
    """Take the sheet with the most account rows; remember the sender's columns."""
    memories = {m.fingerprint: m.mapping for m in ColumnMemory.objects.filter(organ=organ)}
    best: tuple[int, Sheet, Columns] | None = None
    refused: UnusableInput | None = None
    for sheet in read_workbook(name, data):
        try:
            columns = guess(sheet, chosen=chosen)
            if columns.fingerprint in memories:
                columns = guess(sheet, remembered=memories[columns.fingerprint], chosen=chosen)
        except UnusableInput as error:
            refused = error
            continue
        size = len(sheet.rows) - columns.first_row
        if best is None or size > best[0]:
            best = (size, sheet, columns)
    if best is None:
        raise refused or UnusableInput("文件里没有登记表", place=name, remedy="请核对后再传")
    return best[1], best[2]


def _plan_row(row: RegisterRow, matcher: Matcher, book: OrganBook, file: SheetFile) -> Planned:
    owner = book.find(str(row.values["owner"])) if row.values.get("owner") else file.organ
    match = matcher.match(row, owner_id=owner.pk if owner else None)
    if match.account is None:
        return Planned(row, Fate.ASK if match.alike else Fate.CREATED, None, {}, match.alike)
    changes = _changes(match.account, row)
    if not changes:
        return Planned(row, Fate.SAME, match.account, {})
    foreign = file.share is not None and not match.account.owner_path.startswith(file.organ.path)
    return Planned(row, Fate.CLAIM if foreign else Fate.CHANGED, match.account, changes)


def _changes(account: Account, row: RegisterRow) -> dict[str, tuple[str, str]]:
    """Compare what the row states with what is registered; an empty cell changes nothing."""
    changes = {}
    for field in (*PLAIN, *RENAMED_FIELDS):
        if field in row.values and row.values[field] != "":
            old, new = getattr(account, RENAMED_FIELDS.get(field, field)), row.values[field]
            if field == "platform_id" and account.platform_id and old != new:
                continue  # matched by another of its ids: an alias, no change
            if old != new:
                changes[field] = (_text(old), _text(new))
    for field, organ in (("owner", account.owner), ("supervisor", account.supervisor)):
        given = str(row.values.get(field) or "")
        if (
            given
            and (organ is None or name_key(given) != organ.name_key)
            and not (organ and organ.names.filter(name_key=name_key(given)).exists())
        ):
            changes[field] = (organ.name if organ else "", given)
    return changes


def _text(value: object) -> str:
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


def _demand_state(file: SheetFile, *states: str) -> None:
    if file.state not in states:
        raise QiguanError(
            f"这个文件{file.get_state_display()}，不能再做这一步",
            place=file.name,
            remedy="请刷新页面看看现在的状态",
            code="conflict",
        )


def apply_file(*, file: SheetFile, by: User | None, at: datetime, moved: Callable[[int, int], None] | None = None) -> SheetFile:
    """Import the file. Rows already done are passed over, so that it may be called again after a crash."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=file.organ)
    _demand_state(file, SheetFile.State.PREVIEW, SheetFile.State.APPLYING)
    SheetFile.objects.filter(pk=file.pk).update(state=SheetFile.State.APPLYING)
    plan = plan_file(file)
    done = set(SheetRow.objects.filter(file=file).values_list("number", flat=True))
    book = OrganBook(file.organ)
    rows = [p for p in plan.rows if p.row.number not in done]
    organs = _organs(rows, book, by, at)
    for i in range(0, len(rows), CHUNK):
        with transaction.atomic():
            _apply_chunk(file, rows[i : i + CHUNK], organs, at)
        if moved:
            moved(min(i + CHUNK, len(rows)), len(rows))
    with transaction.atomic():
        end_named_owners([p.row for p in rows], organs, book, by=by, at=at)
        bad: dict[int, list[str]] = {}
        for problem in plan.problems:
            bad.setdefault(problem.row, []).append(str(problem))
        known = set(SheetRow.objects.filter(file=file).values_list("number", flat=True))
        SheetRow.objects.bulk_create(
            [SheetRow(file=file, number=n, fate=Fate.BAD, problems=texts) for n, texts in bad.items() if n not in known],
            batch_size=500,
        )
        file.state, file.applied_at = SheetFile.State.APPLIED, at
        file.counts = dict(Counter(SheetRow.objects.filter(file=file).values_list("fate", flat=True)))
        file.save(update_fields=["state", "applied_at", "counts"])
        ColumnMemory.objects.update_or_create(
            organ=file.organ,
            fingerprint=plan.columns.fingerprint,
            defaults={"mapping": {plan.columns.headers[c]: code for c, code in plan.columns.mapping.items()}, "used_at": at},
        )
        record_audit(action="apply_file", by=by, at=at, on=file, organ=file.organ, count=len(rows) or 1)
    return file


def _organs(rows: Sequence[Planned], book: OrganBook, by: User | None, at: datetime) -> dict[str, Organ]:
    """Find or found every organ the rows name, each in a transaction of its own."""
    organs: dict[str, Organ] = {"": book.sender}
    for planned in rows:
        for field in ("owner", "supervisor"):
            name = str(planned.row.values.get(field) or "")
            if name and name not in organs and planned.fate in {Fate.CREATED, Fate.CHANGED, Fate.ASK, Fate.SAME}:
                level = str(planned.row.values["level"]) if field == "owner" and planned.row.values.get("level") else None
                organs[name] = book.found(name, level=level, by=by, at=at)
    return organs


def _apply_chunk(file: SheetFile, rows: Sequence[Planned], organs: Mapping[str, Organ], at: datetime) -> None:
    made = [(p, _made(p.row, organs, at)) for p in rows if p.fate == Fate.CREATED]
    Account.objects.bulk_create([a for _, a in made])
    changed: list[Account] = []
    renamed: list[tuple[Account, str]] = []
    before: dict[int, dict[str, Any]] = {}
    for p in rows:
        if p.fate == Fate.CHANGED and p.account is not None:
            before[p.row.number] = {RENAMED_FIELDS.get(f, f): old for f, (old, _) in p.changes.items()}
            if "name" in p.changes:
                renamed.append((p.account, p.account.name))
            _set(p.account, p.row, organs, only=set(p.changes))
            p.account.changed_at = at
            changed.append(p.account)
    if changed:
        Account.objects.bulk_update(
            changed,
            [
                *PLAIN,
                "feed_link",
                "feed_complete",
                "name_key",
                "owner",
                "owner_path",
                "supervisor",
                "supervisor_path",
                "changed_at",
            ],
        )
        index_accounts(changed, fresh=False)
        note_former_names(renamed, until=at.astimezone(SHANGHAI).date())
    new = [a for _, a in made]
    if new:
        index_accounts(new, fresh=True)
    note_ids([*new, *changed])
    publish_entries([*new, *changed], at=at)
    ids = {p.row.number: a.pk for p, a in made}
    SheetRow.objects.bulk_create([
        SheetRow(
            file=file, number=p.row.number, fate=p.fate, values=dict(p.row.raw), problems=list(p.row.notes), account_id=ids.get(p.row.number) or (p.account.pk if p.account else None),
            before=before.get(p.row.number),
        )
        for p in rows
    ])  # fmt: skip
    _keep_contacts(
        [
            (p.row, ids.get(p.row.number) or (p.account.pk if p.account else None))
            for p in rows
            if p.row.private and p.fate in {Fate.CREATED, Fate.CHANGED}
        ],
        at,
    )


def _made(row: RegisterRow, organs: Mapping[str, Organ], at: datetime) -> Account:
    account = Account(registered_at=at, changed_at=at)
    _set(account, row, organs, only=None)
    if account.owner_id is None:
        account.owner, account.owner_path = organs[""], organs[""].path
    return account


def _set(account: Account, row: RegisterRow, organs: Mapping[str, Organ], *, only: set[str] | None) -> None:
    """Write the row's values; `only` these fields where given."""
    for field in (*PLAIN, *RENAMED_FIELDS):
        if field in row.values and row.values[field] != "" and (only is None or field in only):
            setattr(account, RENAMED_FIELDS.get(field, field), row.values[field])
    account.name_key = name_key(account.name)
    owner = organs.get(str(row.values.get("owner") or ""))
    if owner is not None and row.values.get("owner") and (only is None or "owner" in only):
        account.owner, account.owner_path = owner, owner.path
    supervisor = organs.get(str(row.values.get("supervisor") or ""))
    if supervisor is not None and row.values.get("supervisor") and (only is None or "supervisor" in only):
        account.supervisor, account.supervisor_path = supervisor, supervisor.path


def _keep_contacts(rows: Sequence[tuple[RegisterRow, int | None]], at: datetime) -> None:
    """Contacts go encrypted into custody, and nowhere else."""
    today = at.astimezone(SHANGHAI).date()
    Custody.objects.bulk_create([
        Custody(account_id=pk, what="admin", holder=row.private.get("contact_name", "")[:60], contact=encrypt(row.private.get("contact_phone", "")), since=today)
        for row, pk in rows
        if pk is not None
    ])  # fmt: skip


def undo_file(*, file: SheetFile, by: User | None, at: datetime) -> SheetFile:
    """Put back what stood before the file. Raises QiguanError where something else now hangs on an account it made."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=file.organ)
    _demand_state(file, SheetFile.State.APPLIED)
    later = SheetFile.objects.filter(rows__account_id__in=SheetRow.objects.filter(file=file, fate__in=[Fate.CREATED, Fate.CHANGED]).values("account_id"), rows__fate=Fate.CHANGED, applied_at__gt=file.applied_at, state=SheetFile.State.APPLIED).exclude(pk=file.pk).first()  # fmt: skip
    if later is not None:
        raise QiguanError(
            f"后来的文件“{later.name}”又改了这些账号", place=file.name, remedy="请先撤销后来的那个文件", code="conflict"
        )
    with transaction.atomic():
        rows = SheetRow.objects.filter(file=file)
        for row in rows.filter(fate=Fate.CHANGED):
            account = Account.objects.filter(pk=row.account_id or 0).first()
            if account is not None and row.before:
                _restore(account, row.before, at)
        Account.objects.filter(pk__in=rows.filter(fate=Fate.CREATED).values("account_id")).delete()
        file.state, file.undone_at = SheetFile.State.UNDONE, at
        file.save(update_fields=["state", "undone_at"])
        record_audit(action="undo_file", by=by, at=at, on=file, organ=file.organ)
    return file


def _restore(account: Account, before: Mapping[str, Any], at: datetime) -> None:
    for field, old in before.items():
        if field in {"owner", "supervisor"}:
            organ = Organ.objects.filter(name=old).order_by("-path").first() if old else None
            if organ is not None or field == "supervisor":
                setattr(account, field, organ)
                setattr(account, f"{field}_path", organ.path if organ else "")
        else:
            blank = None if field in DAY_FIELDS | {"staff_people", "feed_complete"} else ""
            value: Any = old or blank
            if old and field in DAY_FIELDS:
                value = date.fromisoformat(old)
            elif old and field == "staff_people":
                value = int(old)
            elif old and field == "feed_complete":
                value = old == "True"
            setattr(account, field, value)
    account.name_key, account.changed_at = name_key(account.name), at
    account.save()
    index_accounts([account], fresh=False)
    publish_entries([account], at=at)
