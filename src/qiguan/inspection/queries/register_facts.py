"""What the register says beside an account's own row, for the rules on filing, names and owners: a few statements for many accounts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Min

from qiguan.collection.models import Poll, Source
from qiguan.collection.queries.words import source_words
from qiguan.core.facts import RegisterFacts, Scope, Sibling, SourceName
from qiguan.core.source import Outcome
from qiguan.core.written_dates import SHANGHAI
from qiguan.jobs.many import among
from qiguan.people.models import OrganName
from qiguan.register.models import Account, Filing, SheetFile, SheetRow

_NEW_NAME = re.compile("现名“(.+?)”")


@dataclass
class _Filed:
    """What the filings of one account say."""

    opened: date | None = None
    first: date | None = None
    owner_changed: date | None = None
    names: list[str] = field(default_factory=list)


def register_facts_of(accounts: Sequence[Account], *, at: datetime) -> dict[int, RegisterFacts]:
    """Return the register's facts by account id; the accounts are already read, with `owner`."""
    ids = [account.pk for account in accounts]
    owners = sorted({account.owner_id for account in accounts})
    former: dict[int, list[str]] = defaultdict(list)
    for organ_id, name in OrganName.objects.filter(organ__in=among(owners)).values_list("organ_id", "name"):
        former[organ_id].append(name)
    living: dict[int, list[tuple[int, Sibling]]] = defaultdict(list)
    others = Account.objects.filter(owner__in=among(owners), registered_at__lte=at).exclude(status=Account.Status.CLOSED)
    rows = others.exclude(scope=Scope.LISTED).order_by("pk").values_list("owner_id", "pk", "name", "platform", "status")
    for owner_id, pk, name, platform, status in rows:
        living[owner_id].append((pk, Sibling(name, platform, status == Account.Status.CLOSING)))
    filed, sheets, names = _filings(ids, at), _sheets(ids, at), _source_names(ids, at)
    found = {}
    for account in accounts:
        said = filed.get(account.pk) or _Filed()
        firsts = [day for day in (said.first, sheets.get(account.pk)) if day is not None]
        found[account.pk] = RegisterFacts(
            name=account.name,
            certified_subject=account.certified_subject,
            owner_names=(account.owner.name, *former[account.owner_id]),
            filed_on=min(firsts, default=None),
            opening_approved_on=said.opened,
            names_filed=tuple(said.names),
            source_names=tuple(names.get(account.pk, ())),
            siblings=tuple(sibling for pk, sibling in living[account.owner_id] if pk != account.pk),
            owner_changed_on=said.owner_changed,
        )
    return found


def _filings(ids: Sequence[int], at: datetime) -> dict[int, _Filed]:
    found: dict[int, _Filed] = defaultdict(_Filed)
    rows = Filing.objects.filter(account__in=among(ids), submitted_at__lte=at).exclude(state=Filing.State.RETURNED)
    for account_id, what, decided_at, said in rows.order_by("submitted_at", "pk").values_list(
        "account_id", "what", "decided_at", "said"
    ):
        filed = found[account_id]
        if decided_at is None or decided_at > at:
            if what == Filing.What.CHANGE and said.get("name"):
                filed.names.append(said["name"])
            continue
        day = _day(decided_at)
        filed.first = filed.first or day
        if what == Filing.What.OPEN:
            filed.opened = day
        elif what == Filing.What.CHANGE and said.get("owner"):
            filed.owner_changed = day
    return found


def _sheets(ids: Sequence[int], at: datetime) -> dict[int, date]:
    """The first return or imported register that names the account."""
    rows = SheetRow.objects.filter(account_id__in=among(ids), file__state=SheetFile.State.APPLIED, file__applied_at__lte=at)
    rows = rows.exclude(fate__in=[SheetRow.Fate.ASK, SheetRow.Fate.CLAIM, SheetRow.Fate.BAD])
    firsts = rows.order_by().values_list("account_id").annotate(first=Min("file__applied_at"))
    return {account_id: _day(first) for account_id, first in firsts}


def _source_names(ids: Sequence[int], at: datetime) -> dict[int, list[SourceName]]:
    """Sources that call themselves otherwise than before; the new name stands in the words of their open poll."""
    found: dict[int, list[SourceName]] = defaultdict(list)
    rows = Source.objects.filter(account__in=among(ids), enabled=True, outcome=Outcome.RENAMED, outcome_since__lte=at)
    sources = {row[0]: row for row in rows.values_list("poll_ref", "account_id", "connector", "url") if row[0]}
    for pk, detail in Poll.objects.filter(pk__in=among(list(sources))).values_list("pk", "detail"):
        _, account_id, connector, url = sources[pk]
        name = _NEW_NAME.search(detail)
        if name:
            found[account_id].append(SourceName(source_words(connector, url), name.group(1)))
    return found


def _day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()
