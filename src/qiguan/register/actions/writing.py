"""Write planned rows: accounts made and changed, with everything that follows from them, and each row's fate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models.base import ModelState

from qiguan.core.platforms import name_key
from qiguan.core.register_rows import RegisterRow
from qiguan.core.written_dates import SHANGHAI
from qiguan.jobs.keys import public_id
from qiguan.people.secrets import encrypt
from qiguan.register.actions.accounts import index_accounts, note_former_names, note_ids, places, publish_entries
from qiguan.register.actions.bulk import insert_rows
from qiguan.register.models import Account, Custody, SheetFile, SheetRow
from qiguan.register.queries.organ_book import OrganBook
from qiguan.register.queries.planning import CONTACT, PLAIN, RENAMED_FIELDS, Planned, as_words, private_text

_MADE = [f.name for f in Account._meta.concrete_fields][1:]  # all but the id, which stands first
_SET = [*((f, f) for f in PLAIN), *RENAMED_FIELDS.items()]
CHANGED_FIELDS = [
    *PLAIN, *RENAMED_FIELDS.values(), "name_key", "owner", "owner_path", "supervisor", "supervisor_path", "changed_at",
]  # fmt: skip
_ROW = ("file", "number", "fate", "values", "problems", "account_id", "before", "answered")


class Writer:
    """Writes chunks of one file; the caller opens the transaction.

    `later`: accounts made wait in `unindexed` for their search pieces, which the caller writes for many at once.
    """

    def __init__(self, book: OrganBook, at: datetime, *, later: bool = False) -> None:
        self.unindexed: list[Account] = []
        self._later = later
        self.book = book
        self.at = at
        self._places = places()
        fresh = Account(registered_at=at, changed_at=at)
        self._blank = {f.attname: getattr(fresh, f.attname) for f in Account._meta.concrete_fields}

    def write(self, file: SheetFile, rows: Sequence[Planned], *, answered: str = "") -> None:
        """Do what was planned, and keep each row with what stood before."""
        made = self._make([p for p in rows if p.fate == SheetRow.Fate.CREATED])
        before: dict[int, dict[str, Any]] = {}
        changed: list[Account] = []
        for p in rows:
            if p.fate == SheetRow.Fate.CHANGED and p.account is not None:
                before[p.row.number] = self._change(p.account, p)
                changed.append(p.account)
        if changed:
            Account.objects.bulk_update(changed, CHANGED_FIELDS, batch_size=100)
            index_accounts(changed, fresh=False)
            renamed = [
                (p.account, before[p.row.number]["name"][0]) for p in rows if p.account and "name" in before.get(p.row.number, {})
            ]
            note_former_names(renamed, until=self.at.astimezone(SHANGHAI).date())
        if self._later:
            self.unindexed += made.values()
        else:
            index_accounts(list(made.values()), fresh=True)
        touched = [*made.values(), *changed]
        note_ids(touched)
        publish_entries(touched, at=self.at, known=self._places)
        for p in rows:
            if p.fate in {SheetRow.Fate.ASK, SheetRow.Fate.CLAIM}:  # what the page shows to whoever answers
                before[p.row.number] = {
                    "alike": [a.pk for a in p.alike],
                    "changes": [[f, a, b] for f, (a, b) in p.changes.items()],
                }
        numbers = {
            p.row.number: made[p.row.number].pk if p.row.number in made else p.account.pk if p.account else None for p in rows
        }
        for number, kept in self._keep_contacts(rows, numbers).items():
            before.setdefault(number, {})[CONTACT] = kept
        insert_rows(
            SheetRow,
            _ROW,
            [
                (file.pk, p.row.number, str(p.fate), dict(p.row.raw), [*([p.why] if p.why else []), *p.row.notes], numbers[p.row.number], before.get(p.row.number), answered)
                for p in rows
            ],
        )  # fmt: skip

    def _make(self, rows: Sequence[Planned]) -> dict[int, Account]:
        """Create accounts in one statement; their ids are read back by their public ids."""
        made: dict[int, Account] = {}
        values: list[list[Any]] = []
        for p in rows:
            account, kept = self._fresh(p.row)
            made[p.row.number] = account
            values.append(kept)
        insert_rows(Account, _MADE, values)
        ids = dict(Account.objects.filter(public_id__in=[a.public_id for a in made.values()]).values_list("public_id", "pk"))
        for account in made.values():
            account.pk = ids[account.public_id]
        return made

    def _fresh(self, row: RegisterRow) -> tuple[Account, list[Any]]:
        """An account as the row states it, and its columns in the order of _MADE: by position, a third of the time."""
        values = dict(self._blank)
        for field, key in _SET:
            given = row.values.get(field, "")
            if given != "":
                values[key] = given
        name = str(row.values.get("owner") or "")
        owner = (self.book.find(name) if name else None) or self.book.sender
        supervisor = self.book.find(str(row.values.get("supervisor") or ""))
        values["public_id"], values["name_key"] = public_id(), name_key(values["name"])
        values["owner_id"], values["owner_path"] = owner.pk, owner.path
        if supervisor is not None:
            values["supervisor_id"], values["supervisor_path"] = supervisor.pk, supervisor.path
        ordered = list(values.values())
        account = Account.__new__(
            Account
        )  # as __init__ leaves it, in a tenth of the time: all columns are given, no signal is heard
        account._state = ModelState()
        account.__dict__.update(values)
        account._state.fields_cache.update(owner=owner, supervisor=supervisor)
        return account, ordered[1:]

    def _change(self, account: Account, planned: Planned) -> dict[str, list[Any]]:
        """Write the changes; return field → [what stood, what stands now], organs as ids."""
        fields = [f for f in planned.changes if f != CONTACT]
        was = {f: _kept(account, f) for f in fields}
        self._set(account, planned.row, set(fields))
        account.changed_at = self.at
        return {RENAMED_FIELDS.get(f, f): [was[f], _kept(account, f)] for f in fields}

    def _set(self, account: Account, row: RegisterRow, only: set[str]) -> None:
        """Write these fields of the row."""
        for field, key in _SET:
            if field in only and row.values.get(field, "") != "":
                setattr(account, key, row.values[field])
        account.name_key = name_key(account.name)
        for field in ("owner", "supervisor"):
            given = str(row.values.get(field) or "")
            organ = None
            if field in only:  # an owner accepted without the column is the sender
                organ = self.book.find(given) if given else self.book.sender if field == "owner" else None
            if organ is not None:
                setattr(account, field, organ)
                setattr(account, f"{field}_path", organ.path)

    def _keep_contacts(self, rows: Sequence[Planned], numbers: dict[int, int | None]) -> dict[int, list[Any]]:
        """Contacts go encrypted into custody, and nowhere else. Returns row → [ids closed, ids opened]."""
        today = self.at.astimezone(SHANGHAI).date()
        given = [
            (p.row, numbers[p.row.number])
            for p in rows
            if p.row.private and (p.fate == SheetRow.Fate.CREATED or (p.fate == SheetRow.Fate.CHANGED and CONTACT in p.changes))
        ]
        if not given:
            return {}
        old: dict[int, list[int]] = {}
        known = [numbers[p.row.number] for p in rows if p.row.private and p.fate == SheetRow.Fate.CHANGED]  # a fresh one has none
        if known:
            held = Custody.objects.filter(account__in=known, what="admin", until=None)
            for pk, account in held.values_list("pk", "account_id"):
                old.setdefault(account, []).append(pk)
            Custody.objects.filter(pk__in=[pk for pks in old.values() for pk in pks]).update(until=today)
        insert_rows(
            Custody,
            ("account", "what", "holder", "contact", "since", "handed_over_to"),
            [(pk, "admin", "", encrypt(private_text(row)), today, "") for row, pk in given],
        )
        new = (
            dict(Custody.objects.filter(account__in=old, what="admin", until=None).values_list("account_id", "pk")) if old else {}
        )
        return {row.number: [old.get(pk or 0, []), [new[pk]] if pk in new else []] for row, pk in given if pk in old}


def _kept(account: Account, field: str) -> Any:
    """A value as it is kept for undoing: organs by id, everything else as words."""
    if field in {"owner", "supervisor"}:
        return getattr(account, f"{field}_id")
    return as_words(getattr(account, RENAMED_FIELDS.get(field, field)))
