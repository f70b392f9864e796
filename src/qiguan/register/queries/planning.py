"""Read a received file and say what each row would do. Nothing is written here.

1. Take the file's sheet and read its columns (chosen by a person, else remembered for the sender, else guessed). 2. Read
every row. 3. Match it: by id; a name alone asks. 4. What lies outside the sender's subtree is never changed by a file: it
waits as a claim for somebody above both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from qiguan.archive.actions import read_blob
from qiguan.core.columns import Columns, guess
from qiguan.core.errors import UnusableInput
from qiguan.core.platforms import name_key
from qiguan.core.register_rows import RegisterRow, RowProblem, read_register
from qiguan.core.sheet import HIDDEN, Sheet, read_workbook
from qiguan.people.models import Organ
from qiguan.people.secrets import decrypt
from qiguan.register.models import Account, ColumnMemory, Custody, SheetFile, SheetRow
from qiguan.register.queries.matching import Matcher
from qiguan.register.queries.organ_book import OrganBook

Fate = SheetRow.Fate
PLAIN = (
    "name", "platform", "platform_id", "link", "kind", "scope", "opened_on", "certified_subject", "purpose", "staffing", "staff_people", "status",
    "closed_on", "closing_filed_on", "closing_notice_on", "closes_on",
)  # fmt: skip
RENAMED_FIELDS = {"source_link": "feed_link", "source_complete": "feed_complete"}
CONTACT = "contact"  # stands for 联系人 and 联系电话 among the changes: their values are never shown


@dataclass(frozen=True, slots=True)
class Planned:
    """One row and what it would do. `changes`: field → (before, after) as text; `why` says what it asks."""

    row: RegisterRow
    fate: str
    account: Account | None
    changes: Mapping[str, tuple[str, str]]
    alike: Sequence[Account] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole file as it would be read. `founds`: organs nobody knows, each with where it would be founded."""

    sheet: Sheet
    columns: Columns
    rows: Sequence[Planned]
    problems: Sequence[RowProblem]
    book: OrganBook
    founds: Mapping[str, Organ]

    @property
    def counts(self) -> dict[str, int]:
        """Rows by fate; fatal problems count as 有错误."""
        counted = Counter(str(p.fate) for p in self.rows)
        counted[str(Fate.BAD)] += len({p.row for p in self.problems if p.fatal})
        return {k: n for k, n in counted.items() if n}


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook as read: its registers, the largest first, and the sheets that are none, each with the reason."""

    registers: Sequence[tuple[Sheet, Columns]]
    left_out: Sequence[tuple[str, str]]


def read_book(name: str, data: bytes, organ: Organ) -> Book:
    """Tell a workbook's registers from its other sheets. Raises UnusableInput where none is a register."""
    memories = _memories(organ)
    found: list[tuple[Sheet, Columns]] = []
    refused: list[tuple[str, UnusableInput]] = []
    book = read_workbook(name, data)
    for sheet in book:
        try:
            found.append((sheet, _columns(sheet, memories, {})))
        except UnusableInput as error:
            refused.append((sheet.name, error))
    if not found:
        raise refused[0][1] if refused else UnusableInput("文件里没有登记表", place=name, remedy="请核对后再传")
    found.sort(key=lambda pair: pair[1].first_row - len(pair[0].rows))
    return Book(found, [*((name, error.message) for name, error in refused), *((name, HIDDEN) for name in book.hidden)])


def sheets_of(file: SheetFile) -> list[Sheet]:
    """Read the bytes of a file that has been laid out: every sheet that holds anything. Their digest says they are the same."""
    return read_workbook(file.name, read_blob(file.digest), inspected=True)


def _memories(organ: Organ) -> dict[str, Mapping[str, str]]:
    return {m.fingerprint: m.mapping for m in ColumnMemory.objects.filter(organ=organ)}


def _columns(sheet: Sheet, memories: Mapping[str, Mapping[str, str]], chosen: Mapping[str, str]) -> Columns:
    columns = guess(sheet, chosen=chosen)
    if columns.fingerprint in memories:
        columns = guess(sheet, remembered=memories[columns.fingerprint], chosen=chosen)
    return columns


def plan_file(file: SheetFile, *, only: Collection[int] | None = None, sheets: Sequence[Sheet] | None = None) -> Plan:
    """Read the file and say what every row (`only` these numbers) would do; `sheets` where the caller has read them."""
    sheets = sheets_of(file) if sheets is None else sheets
    sheet = next((s for s in sheets if s.name[:100] == file.sheet), sheets[0])
    columns = _columns(sheet, _memories(file.organ), file.mapping)
    reading = read_register(sheet, columns)
    rows = reading.rows if only is None else [r for r in reading.rows if r.number in only]
    book = OrganBook(file.organ)
    planned, twice = _plan_rows(rows, book)
    return Plan(sheet, columns, planned, [*reading.problems, *twice], book, _founds(planned, book))


def replan(rows: Iterable[RegisterRow], book: OrganBook) -> list[Planned]:
    """Match rows anew, after somebody else has written meanwhile."""
    return _plan_rows(list(rows), book)[0]


def _plan_rows(rows: Sequence[RegisterRow], book: OrganBook) -> tuple[list[Planned], list[RowProblem]]:
    matcher = Matcher(rows, book)
    contacts = _contacts(rows, matcher)
    planned: list[Planned] = []
    twice: list[RowProblem] = []
    first: dict[int, int] = {}
    for row in rows:
        found = _plan_row(row, _owner(row, book), matcher, book, contacts)
        if found.account is not None and found.account.pk in first:
            words = f"和第{first[found.account.pk]}行是同一个账号（{found.account.name}）"
            twice.append(RowProblem(row.number, f"第{row.number}行", "platform_id", words, "请只留一行", fatal=True))
            continue
        if found.account is not None:
            first[found.account.pk] = row.number
        planned.append(found)
    return planned, twice


def _owner(row: RegisterRow, book: OrganBook) -> Organ | None:
    """The owner a row states; without the column, the sender."""
    name = str(row.values.get("owner") or "")
    return book.find(name) if name else book.sender


def _plan_row(row: RegisterRow, owner: Organ | None, matcher: Matcher, book: OrganBook, contacts: Mapping[int, bytes]) -> Planned:
    match = matcher.match(row, owner_id=owner.pk if owner else None)
    named = book.named(str(row.values.get("owner") or ""))
    account = match.account
    if account is None:
        if match.alike:
            return Planned(row, Fate.ASK, None, {}, match.alike, "只凭名称不能认定是同一个账号")
        if named.rivals:
            return Planned(row, Fate.ASK, None, {}, (), f"有{len(named.rivals) + 1}个单位都叫“{row.values['owner']}”")
        if owner is not None and not book.holds(owner):
            return Planned(row, Fate.ASK, None, {}, (), f"主办单位“{owner.name}”不在报送单位之下")
        return Planned(row, Fate.CREATED, None, {})
    changes = changes_of(account, row, owner if row.values.get("owner") else None, book, contacts)
    ours = book.holds(account.owner) or (account.supervisor is not None and book.holds(account.supervisor))
    if not ours and (changes or owner != account.owner):
        return Planned(row, Fate.CLAIM, account, changes, (), f"在册的主办单位是{account.owner.name}")
    if not changes:
        return Planned(row, Fate.SAME, account, {})
    if "owner" in changes and owner is not None and not book.holds(owner):
        return Planned(row, Fate.CLAIM, account, changes, (), f"要改为{owner.name}主办，它不在报送单位之下")
    if "owner" in changes and named.rivals:
        return Planned(row, Fate.CLAIM, account, changes, (), f"有{len(named.rivals) + 1}个单位都叫“{row.values['owner']}”")
    return Planned(row, Fate.CHANGED, account, changes)


def changes_of(
    account: Account, row: RegisterRow, owner: Organ | None, book: OrganBook, contacts: Mapping[int, bytes] | None = None
) -> dict[str, tuple[str, str]]:
    """Compare what the row states with what is registered; an empty cell changes nothing."""
    changes = {}
    for field in (*PLAIN, *RENAMED_FIELDS):
        new = row.values.get(field, "")
        if new != "":
            old = getattr(account, RENAMED_FIELDS.get(field, field))
            if field == "platform_id" and account.platform_id and old != new:
                continue  # matched by another of its ids: an alias, no change
            if old != new:
                changes[field] = (as_words(old), as_words(new))
    if row.values.get("owner") and owner != account.owner:
        changes["owner"] = (account.owner.name, str(row.values["owner"]))
    given = str(row.values.get("supervisor") or "")
    if given and (account.supervisor is None or book.find(given) != account.supervisor):
        changes["supervisor"] = (account.supervisor.name if account.supervisor else "", given)
    if row.private and private_text(row) != decrypt((contacts or {}).get(account.pk, b"")):
        changes[CONTACT] = ("", "")
    return changes


def private_text(row: RegisterRow) -> str:
    """What of a row goes into custody, encrypted: 联系人 and 联系电话, one a line."""
    return f"{row.private.get('contact_name', '')[:60]}\n{row.private.get('contact_phone', '')[:120]}"


def _contacts(rows: Sequence[RegisterRow], matcher: Matcher) -> dict[int, bytes]:
    """The contacts on record of the accounts that rows with a contact may mean."""
    if not any(r.private for r in rows):
        return {}
    return {
        pk: bytes(contact)
        for part in matcher.known_in_parts()
        for pk, contact in Custody.objects.filter(account__in=part, what="admin", until=None)
        .order_by("pk")
        .values_list("account_id", "contact")
    }


def _founds(rows: Iterable[Planned], book: OrganBook) -> dict[str, Organ]:
    """Organs that importing would found, by name as written."""
    founds: dict[str, Organ] = {}
    seen: set[str] = set()
    for planned in rows:
        if planned.fate not in {Fate.CREATED, Fate.CHANGED}:
            continue
        for field in ("owner", "supervisor", "successor"):
            name = str(planned.row.values.get(field) or "")
            key = name_key(name)
            if key and key not in seen:
                seen.add(key)
                if book.find(name) is None:
                    founds[name] = book.parent_for(name)
    return founds


def as_words(value: Any) -> str:
    """A value as a change shows and keeps it."""
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)
