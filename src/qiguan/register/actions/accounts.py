"""What follows every change of an account: search pieces, the public entry, names as dated history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise

from django.apps import apps
from django.db import transaction

from qiguan.core.platforms import id_sort, name_key
from qiguan.people.models import Organ
from qiguan.register.actions.bulk import insert_rows, updating
from qiguan.register.models import Account, AccountAlias, AccountGram, AccountName, PublicEntry
from qiguan.register.queries.ids import pieces_of

_ENTRY = (
    "account", "platform", "platform_id", "name", "name_key", "owner_name", "place", "certified_subject", "status", "link", "instead", "closed_on", "approved_at",
)  # fmt: skip


_ID_LETTERS = 7
_AT_ONCE = 500  # ids in one statement
_MANY = 8_000  # pieces in one transaction: some 50 ms


def grams_of(account: Account, owner_name: str) -> frozenset[str]:
    """Return the two-character pieces of an account's name and owner, and of the first letters of its id.

    Of the id's rest only every third four-character piece or so stands in the index: enough for its long parts.
    """
    named = _pieces(name_key(account.name)) | _pieces(name_key(owner_name)) | _pieces(name_key(account.platform_id)[:_ID_LETTERS])
    return named.union(pieces_of(account.platform_id))


@lru_cache(maxsize=4096)  # an owner has many accounts
def _pieces(key: str) -> frozenset[str]:
    return frozenset(map("".join, pairwise(key)))


def index_accounts(accounts: Sequence[Account], *, fresh: bool) -> None:
    """Write the search pieces of these accounts anew (`fresh`: they have none yet)."""
    if not fresh:
        AccountGram.objects.filter(account__in=[a.pk for a in accounts]).delete()
    _insert_pieces(_pieces_in_order(accounts))


def index_many(accounts: Sequence[Account]) -> None:
    """Write the search pieces of many fresh accounts, in transactions of their own; safe to do twice.

    Piece by piece and not account by account: each transaction then writes a few pages of the index whole, where a chunk
    of accounts would touch a page for every piece there is.
    """
    rows = _pieces_in_order(accounts)
    for i in range(0, len(rows), _MANY):
        with transaction.atomic():
            _insert_pieces(rows[i : i + _MANY])


def _pieces_in_order(accounts: Iterable[Account]) -> list[tuple[str, int]]:
    rows: list[tuple[str, int]] = []
    for account in accounts:
        key = account.pk  # once: a model looks up where it keeps its key each time it is asked
        rows += [(gram, key) for gram in grams_of(account, account.owner.name)]
    return sorted(rows)


def _insert_pieces(rows: Sequence[tuple[str, int]]) -> None:
    insert_rows(AccountGram, ("gram", "account"), rows, conflict="ON CONFLICT DO NOTHING")


def places() -> dict[str, str]:
    """Return path → name of every place, for `publish_entries`."""
    return {o.path: o.name for o in Organ.objects.filter(sort=Organ.Sort.PLACE).only("path", "name")}


def publish_entries(accounts: Iterable[Account], *, at: datetime, known: Mapping[str, str] | None = None) -> None:
    """Write what the public look-up reads: organs and accounts only, no state, no person."""
    known = places() if known is None else known
    rows = [
        (
            a.pk, a.platform, a.platform_id, a.name, a.name_key, a.owner.name, place_of(a.owner_path, known), a.certified_subject, a.status, a.link,
            _instead(a), a.closed_on, at,
        )
        for a in accounts
    ]  # fmt: skip
    insert_rows(PublicEntry, _ENTRY, rows, conflict=updating(PublicEntry, "account", _ENTRY))


def _instead(account: Account) -> str:
    return account.replaced_by.name if account.replaced_by_id and account.replaced_by else ""


def place_of(path: str, known: Mapping[str, str]) -> str:
    """Return the name of the place an organ's path lies in; "" outside every place."""
    while len(path) > 1:
        if path in known:
            return known[path]
        path = path[: path.rstrip("/").rfind("/") + 1]
    return ""


def copy_owners(accounts: Sequence[Account]) -> None:
    """Write what other rows copy of these accounts' owner anew.

    A model that keeps such copies of an account names them in `owner_copies` (its column → the organ's field), so that
    nobody sees the old owner until something else happens to write the row.
    """
    by_owner: dict[Organ, list[int]] = {}
    for account in accounts:
        by_owner.setdefault(account.owner, []).append(account.pk)
    for model in apps.get_models():
        columns: Mapping[str, str] = getattr(model, "owner_copies", {})
        if not columns:
            continue
        for owner, ids in by_owner.items():
            copied = {column: getattr(owner, name) for column, name in columns.items()}
            for i in range(0, len(ids), _AT_ONCE):
                model._base_manager.filter(account__in=ids[i : i + _AT_ONCE]).update(**copied)


def note_ids(accounts: Iterable[Account]) -> None:
    """Keep each id as an alias too, so that another kind of id given later finds the same account."""
    rows = [(a.pk, a.platform, id_sort(a.platform, a.platform_id), a.platform_id) for a in accounts if a.platform_id]
    insert_rows(AccountAlias, ("account", "platform", "sort", "value"), rows, conflict="ON CONFLICT DO NOTHING")


def note_former_names(changed: Iterable[tuple[Account, str]], *, until: date) -> None:
    """Keep the name an account bore until today."""
    AccountName.objects.bulk_create([AccountName(account=a, name=old, name_key=name_key(old), until=until) for a, old in changed])
