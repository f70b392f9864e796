"""Found the organs that a register names, and note the ends it states; move an organ with its accounts (隶属调整)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import transaction

from qiguan.core.errors import QiguanError
from qiguan.core.register_rows import RegisterRow
from qiguan.people.actions import end_organ, found_organs, reparent_organ
from qiguan.people.models import Organ, User, any_within, within
from qiguan.people.queries import pinyin_key
from qiguan.register.actions.accounts import place_of, places
from qiguan.register.models import Account, PublicEntry, SheetFile
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
        for name, _, _ in wanted[i : i + _PART]:
            pinyin_key(name[:120])  # remembered: while the transaction is open nobody else may write
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


def move_organ(*, organ: Organ, parent: Organ, on: date, document: str = "", by: User | None, at: datetime) -> Organ:
    """Put an organ, and all below it, under another 上级: who sees its accounts follows at once, in one transaction.

    1. Move it in the tree, with every copy of its paths. 2. Mark its accounts as changed: another place may bind them by other
    rules. 3. The public entries name their new place. Refused under itself, and while a file is being imported there: that
    has the paths of before in hand.
    """
    with transaction.atomic():
        old = organ.path
        reparent_organ(organ=organ, parent=parent, on=on, document=document, by=by, at=at)
        above = [path[:i] for path in (old, organ.path) for i in range(1, len(path) + 1) if path[i - 1] == "/" and i > 1]
        busy = SheetFile.objects.filter(state__in=[SheetFile.State.APPLYING, SheetFile.State.UNDOING])
        file = (busy.filter(organ_path__in=above) | busy.filter(within("organ_path", organ.path))).first()
        if file is not None:
            raise QiguanError(
                f"“{file.name}”{file.get_state_display()}", place=organ.name, remedy="请等它办完，再登记隶属调整", code="conflict"
            )
        Account.objects.filter(any_within(["owner_path", "supervisor_path"], [organ.path])).update(changed_at=at)
        known = places()
        by_place: dict[str, list[int]] = defaultdict(list)
        for pk, path in Organ.objects.filter(within("path", organ.path)).values_list("pk", "path"):
            by_place[place_of(path, known)].append(pk)
        for place, owners in by_place.items():
            for i in range(0, len(owners), _PART):
                entries = PublicEntry.objects.filter(account__owner__in=owners[i : i + _PART])
                entries.exclude(place=place).update(place=place)
    return organ
