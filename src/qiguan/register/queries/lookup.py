"""“这个账号是官方的吗？” From the public entries only: never a bare no, no person, no state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from django.db.models import Count, Q, QuerySet

from qiguan.core.platforms import PLATFORM_NAMES, id_from_link, name_key
from qiguan.people.models import Organ
from qiguan.register.models import Account, AccountGram, AccountName, PublicEntry
from qiguan.register.queries.ids import entries_with_id

_MOST = 10


class Answer(StrEnum):
    """The four answers."""

    LISTED = "listed"
    CLOSED = "closed"
    ALIKE = "alike"
    NOT_LISTED = "not_listed"


@dataclass(frozen=True, slots=True)
class Found:
    """What the look-up says, and the entries it rests on."""

    query: str
    answer: Answer
    words: str
    entries: Sequence[PublicEntry]
    scope: str


def look_up(query: str) -> Found:
    """Answer for a name, an id or a link (at most 500 characters are read)."""
    text = query.strip().replace("\x00", "")[:500]
    scope = _scope()
    exact = _by_id(text) or _by_name(text)
    if exact:
        return _exact(text, exact, scope)
    former = _by_former_name(text)
    if former:
        found = _exact(text, former, scope)
        now = "、".join(dict.fromkeys(e.name for e in found.entries))
        return replace(found, words=f"{found.words}。现在的名称是{now}")
    alike = _alike(text)
    if alike:
        return Found(text, Answer.ALIKE, "与在册名称相近，请核对", alike, scope)
    return Found(text, Answer.NOT_LISTED, f"本登记册未收录，不等于假冒；登记范围：{scope}", [], scope)


def _exact(text: str, entries: Sequence[PublicEntry], scope: str) -> Found:
    live = [e for e in entries if e.status != "closed"]
    if live:
        owners = "、".join(dict.fromkeys(e.owner_name for e in live))
        return Found(text, Answer.LISTED, f"在册，主办单位为{owners}", live, scope)
    gone = entries[0]
    words = "在册，已关停" + (f"，请改用{gone.instead}" if gone.instead else "")
    return Found(text, Answer.CLOSED, words, entries, scope)


def _by_id(text: str) -> list[PublicEntry]:
    link = id_from_link(text) if text.startswith(("http://", "https://")) else None
    value = link[1] if link else text
    if not value:
        return []
    if link is None and text.startswith(("http://", "https://")):
        return list(PublicEntry.objects.filter(link=text)[:_MOST])
    return entries_with_id(value)


def accounts_meant(text: str) -> QuerySet[Account]:
    """Return the accounts that a name, an id or a link means exactly."""
    text = text.replace("\x00", "").strip()
    link = id_from_link(text) if text.startswith(("http://", "https://")) else None
    value = (link[1] if link else text)[:200]
    by_id = [entry.account_id for entry in entries_with_id(value)] if value else []
    return Account.objects.filter(Q(pk__in=by_id) | Q(name_key=name_key(text) or "-"))


def _by_former_name(text: str) -> list[PublicEntry]:
    """Entries of accounts that once bore this name."""
    key = name_key(text)
    if not key:
        return []
    named = AccountName.objects.filter(name_key=key).values("account")
    return list(PublicEntry.objects.filter(account__in=named).order_by("place")[:_MOST])


def _by_name(text: str) -> list[PublicEntry]:
    key = name_key(text)
    return list(PublicEntry.objects.filter(name_key=key).order_by("place")[:_MOST]) if key else []


def _alike(text: str) -> list[PublicEntry]:
    """Entries that share most two-character pieces with the query, the likest first."""
    key = name_key(text)
    pieces = list(dict.fromkeys(key[i : i + 2] for i in range(len(key) - 1)))[:12]
    if not pieces:
        return []
    need = max(1, (len(pieces) + 1) // 2)
    hits = (
        AccountGram.objects.filter(gram__in=pieces)
        .values("account_id")
        .annotate(n=Count("gram"))
        .filter(n__gte=need)
        .order_by("-n", "account_id")[:_MOST]
    )
    order = {row["account_id"]: nth for nth, row in enumerate(hits)}
    return sorted(PublicEntry.objects.filter(account__in=list(order)), key=lambda e: order[e.account_id])


def _scope() -> str:
    roots = Organ.objects.filter(parent=None).values_list("name", flat=True)[:3]
    return "、".join(roots) + "及其下属单位" if roots else "还没有登记单位"


def platform_word(entry: PublicEntry) -> str:
    """The platform's official name."""
    return PLATFORM_NAMES.get(entry.platform, entry.platform)
