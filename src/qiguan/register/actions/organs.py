"""Find or found the organs that a register names: by any name they ever bore, under the sender."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from qiguan.core.platforms import name_key
from qiguan.core.register_rows import RegisterRow
from qiguan.people.actions import end_organ, found_organ
from qiguan.people.models import Organ, OrganName, User

_LEVEL_MARKS = (
    ("province", ("省", "自治区")),
    ("town", ("街道", "镇", "乡")),
    ("county", ("县", "区", "旗")),
    ("city", ("市", "州", "盟")),
)


class OrganBook:
    """The organs a file names, read once. Within the sender's subtree first, then anywhere."""

    def __init__(self, sender: Organ) -> None:
        self.sender = sender
        self._by_key: dict[str, Organ] = {}
        for former in OrganName.objects.select_related("organ").order_by("id"):
            self._by_key.setdefault(former.name_key, former.organ)
        for organ in Organ.objects.order_by("-path"):
            if organ.name_key not in self._by_key or organ.path.startswith(sender.path):
                self._by_key[organ.name_key] = organ

    def find(self, name: str) -> Organ | None:
        """Return the organ of that name, present or former."""
        return self._by_key.get(name_key(name))

    def found(self, name: str, *, level: str | None, by: User | None, at: datetime) -> Organ:
        """Return the organ of that name, founding it under the sender where nobody bears it."""
        known = self.find(name)
        if known is None:
            parent = self.sender if self.sender.sort == Organ.Sort.PLACE or self.sender.parent is None else self.sender.parent
            known = found_organ(name=name, parent=parent, level=level or level_of(name, parent.level), by=None, at=at)
            self._by_key[known.name_key] = known
        return known


def level_of(name: str, default: str) -> str:
    """Guess the level from the words of a name: 南例县商务局 is county level."""
    for level, marks in _LEVEL_MARKS:
        for mark in marks:
            place = name.find(mark)
            if 1 <= place < len(name) - 1:
                return level
    return default


def end_named_owners(
    rows: Sequence[RegisterRow], organs: Mapping[str, Organ], book: OrganBook, *, by: User | None, at: datetime
) -> None:
    """Note the ends of owners that the register states (主办单位撤并时间, 承接单位)."""
    for row in rows:
        ended, owner = row.values.get("owner_ended_on"), row.values.get("owner")
        if not isinstance(ended, date) or not owner:
            continue
        organ = organs.get(str(owner))
        if organ is None or organ.ended_on is not None:
            continue
        successor = (
            book.found(str(row.values["successor"]), level=organ.level, by=by, at=at) if row.values.get("successor") else None
        )
        end_organ(organ=organ, on=ended, successor=successor if successor != organ else None, by=None, at=at)
