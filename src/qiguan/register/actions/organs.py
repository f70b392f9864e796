"""Found the organs that a register names, and note the ends it states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import transaction

from qiguan.core.register_rows import RegisterRow
from qiguan.people.actions import end_organ, found_organs
from qiguan.people.models import Organ, User
from qiguan.register.queries.organ_book import OrganBook

_PART = 100
_LEVEL_MARKS = (
    ("province", ("省", "自治区")),
    ("town", ("街道", "镇", "乡")),
    ("county", ("县", "区", "旗")),
    ("city", ("市", "州", "盟")),
)


def level_of(name: str, default: str) -> str:
    """Guess the level from the words of a name: 南例县商务局 is county level."""
    for level, marks in _LEVEL_MARKS:
        for mark in marks:
            place = name.find(mark)
            if 1 <= place < len(name) - 1:
                return level
    return default


def found_named(
    *, founds: Mapping[str, Organ], levels: Mapping[str, str], book: OrganBook, by: User | None, at: datetime
) -> list[Organ]:
    """Found these organs (name → parent), a hundred a transaction with one audit row; `levels` as the register states them."""
    wanted = [
        (name, parent, levels.get(name) or level_of(name, parent.level))
        for name, parent in founds.items()
        if book.find(name) is None
    ]
    made: list[Organ] = []
    for i in range(0, len(wanted), _PART):
        part = found_organs(wanted=wanted[i : i + _PART], by=by, at=at)
        for organ in part:
            book.add(organ)
        made += part
    return made


def end_named_owners(*, rows: Iterable[RegisterRow], book: OrganBook, at: datetime) -> list[Organ]:
    """Note the ends of owners that the register states (主办单位撤并时间, 承接单位), of the sender's own organs only."""
    ended = []
    for row in rows:
        on, name = row.values.get("owner_ended_on"), str(row.values.get("owner") or "")
        organ = book.find(name) if isinstance(on, date) and name else None
        if (
            organ is None
            or not isinstance(on, date)
            or organ.ended_on is not None
            or not book.holds(organ)
            or organ == book.sender
        ):
            continue
        successor = book.find(str(row.values.get("successor") or ""))
        with transaction.atomic():
            end_organ(organ=organ, on=on, successor=successor if successor != organ else None, by=None, at=at)
        ended.append(organ)
    return ended
