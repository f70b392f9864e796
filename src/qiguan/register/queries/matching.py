"""Match rows of a file to accounts: by platform and id, by another id, else by name, which always asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from qiguan.core.platforms import id_sort, name_key
from qiguan.core.register_rows import RegisterRow
from qiguan.register.models import Account, AccountAlias
from qiguan.register.queries.organ_book import OrganBook

_CHUNK = 900  # values in one statement
_WHOLE = 5_000  # rows of a file from which everything registered is walked through once
_WALK = 10_000


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
        if len(rows) > _WHOLE:
            aliases, wanted = _known_whole(ids, keys)
        else:
            aliases, wanted = _known_in_parts(ids, keys)
        for part in _chunks(wanted | set(aliases.values())):
            self._keep(part)
        for account in self._accounts.values():
            if account.platform_id:
                self._by_id[account.platform, account.platform_id] = account
            self._by_name[account.platform, account.name_key].append(account)
        for key, pk in aliases.items():
            self._by_alias[key] = self._accounts[pk]

    def _keep(self, numbers: Sequence[int]) -> None:
        for account in Account.objects.filter(pk__in=numbers).order_by("pk"):
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


def _known_in_parts(ids: Collection[str], keys: Collection[str]) -> tuple[dict[tuple[str, str], int], set[int]]:
    """Return platform and id → account of every alias of these ids, and the accounts that bear an id or a name."""
    aliases: dict[tuple[str, str], int] = {}
    wanted: set[int] = set()
    for part in _chunks(ids):
        wanted.update(Account.objects.filter(platform_id__in=part).values_list("pk", flat=True))
        for platform, value, pk in AccountAlias.objects.filter(value__in=part).values_list("platform", "value", "account_id"):
            aliases[platform, value] = pk
    for part in _chunks(keys):
        wanted.update(Account.objects.filter(name_key__in=part).values_list("pk", flat=True))
    return aliases, wanted


def _known_whole(ids: Collection[str], keys: Collection[str]) -> tuple[dict[tuple[str, str], int], set[int]]:
    """The same for a large file, by one walk through what is registered: each part would walk through it again."""
    known = Account.objects.values_list("pk", "platform_id", "name_key")
    wanted = {pk for pk, given, key in known.iterator(_WALK) if given in ids or key in keys}
    names = AccountAlias.objects.values_list("platform", "value", "account_id")
    return {(platform, value): pk for platform, value, pk in names.iterator(_WALK) if value in ids}, wanted


def _surely_other(account: Account, platform: str, given: str, owner_id: int | None) -> bool:
    """Two ids of one kind under two owners are two accounts, whatever their names."""
    if not given or not account.platform_id or account.owner_id == owner_id:
        return False
    return id_sort(platform, given) == id_sort(platform, account.platform_id)


def _chunks(values: Iterable[Any]) -> Iterable[list[Any]]:
    ordered = sorted(values)
    for i in range(0, len(ordered), _CHUNK):
        yield ordered[i : i + _CHUNK]
