"""Match rows of a file to accounts: by platform and id, by another id, else by name, which always asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from qiguan.core.platforms import id_sort, name_key
from qiguan.core.register_rows import RegisterRow
from qiguan.register.models import Account, AccountAlias

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Match:
    """What a row is: `account` where it is known, `alike` where only the name says so."""

    account: Account | None = None
    alike: Sequence[Account] = field(default_factory=tuple)


class Matcher:
    """All accounts that the rows of a file could mean, read in few statements."""

    def __init__(self, rows: Sequence[RegisterRow]) -> None:
        ids = {str(r.values["platform_id"]) for r in rows if r.values.get("platform_id")}
        keys = {name_key(str(r.values["name"])) for r in rows}
        self._by_id: dict[tuple[str, str], Account] = {}
        self._by_alias: dict[tuple[str, str], Account] = {}
        self._by_name: dict[tuple[str, str], list[Account]] = defaultdict(list)
        for part in _chunks(ids):
            for account in Account.objects.filter(platform_id__in=part).select_related("owner", "supervisor"):
                self._by_id[account.platform, account.platform_id] = account
            for alias in AccountAlias.objects.filter(value__in=part).select_related(
                "account", "account__owner", "account__supervisor"
            ):
                self._by_alias[alias.platform, alias.value] = alias.account
        for part in _chunks(keys):
            for account in Account.objects.filter(name_key__in=part).select_related("owner", "supervisor"):
                self._by_name[account.platform, account.name_key].append(account)

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
        alike = [
            a
            for a in named
            if not (
                given
                and a.platform_id
                and id_sort(platform, given) == id_sort(platform, a.platform_id)
                and a.owner_id != owner_id
            )
        ]
        return Match(None, alike)


def _chunks(values: Iterable[str]) -> Iterable[list[str]]:
    ordered = sorted(values)
    for i in range(0, len(ordered), _CHUNK):
        yield ordered[i : i + _CHUNK]
