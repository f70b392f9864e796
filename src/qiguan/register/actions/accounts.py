"""What follows every change of an account: search pieces, the public entry, names as dated history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import connection

from qiguan.core.platforms import id_sort, name_key
from qiguan.people.models import Organ
from qiguan.register.models import Account, AccountAlias, AccountGram, AccountName, PublicEntry


def grams_of(account: Account, owner_name: str) -> set[str]:
    """Return the two-character pieces of an account's names and ids."""
    pieces: set[str] = set()
    for text in (account.name, owner_name, account.platform_id):
        key = name_key(text)
        pieces.update(key[i : i + 2] for i in range(len(key) - 1))
    return pieces


def index_accounts(accounts: Sequence[Account], *, fresh: bool) -> None:
    """Write the search pieces of these accounts anew (`fresh`: they have none yet)."""
    if not fresh:
        AccountGram.objects.filter(account__in=[a.pk for a in accounts]).delete()
    rows = [(gram, account.pk) for account in accounts for gram in sorted(grams_of(account, account.owner.name))]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {AccountGram._meta.db_table} (gram, account_id) VALUES (%s, %s) ON CONFLICT DO NOTHING", rows
        )


def publish_entries(accounts: Iterable[Account], *, at: datetime) -> None:
    """Write what the public look-up reads: organs and accounts only, no state, no person."""
    places: dict[str, str] = {}
    for organ in Organ.objects.filter(sort=Organ.Sort.PLACE).order_by("path"):
        places[organ.path] = organ.name
    rows = [
        PublicEntry(
            account=account,
            platform=account.platform,
            platform_id=account.platform_id,
            name=account.name,
            name_key=account.name_key,
            owner_name=account.owner.name,
            place=_place_of(account.owner_path, places),
            certified_subject=account.certified_subject,
            status=account.status,
            link=account.link,
            instead=account.replaced_by.name if account.replaced_by_id and account.replaced_by else "",
            closed_on=account.closed_on,
            approved_at=at,
        )
        for account in accounts
    ]
    kept = [f.name for f in PublicEntry._meta.concrete_fields if f.name not in {"id", "account"}]
    PublicEntry.objects.bulk_create(rows, update_conflicts=True, unique_fields=["account"], update_fields=kept, batch_size=500)


def _place_of(path: str, places: dict[str, str]) -> str:
    while len(path) > 1:
        if path in places:
            return places[path]
        path = path[: path.rstrip("/").rfind("/") + 1]
    return ""


def note_ids(accounts: Iterable[Account]) -> None:
    """Keep each id as an alias too, so that another kind of id given later finds the same account."""
    rows = [
        AccountAlias(account=a, platform=a.platform, sort=id_sort(a.platform, a.platform_id), value=a.platform_id)
        for a in accounts
        if a.platform_id
    ]
    AccountAlias.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def note_former_names(changed: Iterable[tuple[Account, str]], *, until: date) -> None:
    """Keep the name an account bore until today."""
    AccountName.objects.bulk_create([AccountName(account=a, name=old, name_key=name_key(old), until=until) for a, old in changed])
