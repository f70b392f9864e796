"""What judging needs of the register: one narrow row an account, read without the mapper, whose objects cost more than the judging."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from qiguan.inspection.queries.plain_rows import plain_rows
from qiguan.jobs.many import among
from qiguan.register.models import Account


class Registered(NamedTuple):
    """An account and its owner as the register has them. Days are Asia/Shanghai dates."""

    pk: int
    public_id: str
    name: str
    platform: str
    platform_id: str
    kind: str
    scope: str
    owner_path: str
    supervisor_path: str
    opened_on: date | None
    closing_filed_on: date | None
    closing_notice_on: date | None
    closes_on: date | None
    closed_on: date | None
    blocked_on: date | None
    blocked_why: str
    owner: str
    owner_sort_key: str
    level: str
    owner_ended_on: date | None
    successor: str | None


_OWN = Registered._fields[: Registered._fields.index("owner")]
_COLUMNS = (*_OWN, "owner__name", "owner__sort_key", "owner__level", "owner__ended_on", "owner__successor__name")


def read_registered(ids: Sequence[int]) -> list[Registered]:
    """Return these accounts in any order; an id that no account has is left out."""
    return [
        Registered._make(row) for row in plain_rows(Account.objects.filter(pk__in=among(ids)).order_by().values_list(*_COLUMNS))
    ]


def registered(account: Account) -> Registered:
    """Return the same of an account already read, with `owner` and `owner__successor`."""
    owner = account.owner
    after = owner.successor.name if owner.successor else None
    own = (getattr(account, name) for name in _OWN)
    return Registered._make((*own, owner.name, owner.sort_key, owner.level, owner.ended_on, after))
