"""Match rows of a file to accounts: by platform and id, by another id, else by name, which always asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from qiguan.core.platforms import id_sort, name_key
from qiguan.core.register_rows import RegisterRow
from qiguan.register.models import Account, AccountAlias
from qiguan.register.queries.organ_book import OrganBook

_CHUNK = 900


@dataclass(frozen=True, slots=True)
class Match:
    """What a row is: `account` where it is known, `alike` where only the name says so."""

    account: Account | None = None
    alike: Sequence[Account] = field(default_factory=tuple)


class Matcher:
    """All accounts that the rows of a file could mean, read in few statements and each once."""

    def __init__(self, rows: Sequence[RegisterRow], book: OrganBook) -> None:
        ids = {str(r.values["platform_id"]) for r in rows if r.values.get("platform_id")}
        keys = {name_key(str(r.values["name"])) for r in rows}
        self._book = book
        self._accounts: dict[int, Account] = {}
        self._by_id: dict[tuple[str, str], Account] = {}
        self._by_alias: dict[tuple[str, str], Account] = {}
        self._by_name: dict[tuple[str, str], list[Account]] = defaultdict(list)
        aliases: dict[tuple[str, str], int] = {}
        for part in _chunks(ids):
            self._keep(Q(platform_id__in=part))
            for platform, value, pk in AccountAlias.objects.filter(value__in=part).values_list("platform", "value", "account_id"):
                aliases[platform, value] = pk
        for part in _chunks(keys):
            self._keep(Q(name_key__in=part))
        for numbers in _chunks(set(aliases.values()) - set(self._accounts)):
            self._keep(Q(pk__in=numbers))
        for account in self._accounts.values():
            if account.platform_id:
                self._by_id[account.platform, account.platform_id] = account
            self._by_name[account.platform, account.name_key].append(account)
        for key, pk in aliases.items():
            self._by_alias[key] = self._accounts[pk]

    def _keep(self, wanted: Q) -> None:
        for account in Account.objects.filter(wanted).order_by("pk"):
            if account.pk not in self._accounts:
                account.owner = self._book.by_id[account.owner_id]
                if account.supervisor_id:
                    account.supervisor = self._book.by_id[account.supervisor_id]
                self._accounts[account.pk] = account

    def known_in_parts(self) -> Iterable[list[int]]:
        """Return the ids of all accounts read, in parts fit for one statement."""
        return _chunks(self._accounts)

    def match(self, row: RegisterRow, *, owner_id: int | None) -> Match:
        """Return the account the row surely is, or those it may be.

        Sure: the same id; or, where neither has an id, the same name under the same owner. A name alone never decides.
        """
        platform, given = str(row.values["platform"]), str(row.values.get("platform_id") or "")
        if given:
            found = self._by_id.get((platform, given)) or self._by_alias.get((platform, given))
            if found is not None:
                return Match(found)
        named = self._by_name.get((platform, name_key(str(row.values["name"]))), [])
        if not given:
            same = [a for a in named if not a.platform_id and a.owner_id == owner_id]
            if len(same) == 1:
                return Match(same[0])
        return Match(None, [a for a in named if not _surely_other(a, platform, given, owner_id)])


def _surely_other(account: Account, platform: str, given: str, owner_id: int | None) -> bool:
    """Two ids of one kind under two owners are two accounts, whatever their names."""
    if not given or not account.platform_id or account.owner_id == owner_id:
        return False
    return id_sort(platform, given) == id_sort(platform, account.platform_id)


def _chunks(values: Iterable[Any]) -> Iterable[list[Any]]:
    ordered = sorted(values)
    for i in range(0, len(ordered), _CHUNK):
        yield ordered[i : i + _CHUNK]
