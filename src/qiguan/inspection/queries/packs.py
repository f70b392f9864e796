"""Every rule pack in force on a day: those that ship, and those that clerks filled in."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date, datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from qiguan.core.errors import QiguanError
from qiguan.core.local_pack import make_local_pack
from qiguan.core.pack import Pack, load_packs, pack_in_force
from qiguan.core.written_dates import SHANGHAI
from qiguan.inspection.models import LocalPack
from qiguan.people.models import User
from qiguan.people.queries import organs_seen_by, paths_seen_by

log = logging.getLogger(__name__)


class PackBook:
    """The packs by name at a moment. Reads the local ones once, when the first name is asked for that does not ship."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._found: dict[str, Pack] = {}
        self._local: Mapping[str, Pack] | None = None

    def get(self, name: str) -> Pack | None:
        """Return the pack by this name, None where none is in force. The national one always is."""
        if name in self._found:
            return self._found[name]
        if name in load_packs():
            try:
                self._found[name] = pack_in_force(name, self._at)
            except QiguanError:
                return None
            return self._found[name]
        if self._local is None:
            self._local = local_packs_in_force(self._at)
        return self._local.get(name)


def local_packs_in_force(at: datetime) -> dict[str, Pack]:
    """Return the packs that clerks filled in, by key, each in the version that binds on the day of `at`."""
    on = at.astimezone(SHANGHAI).date()
    newest: dict[str, LocalPack] = {}
    for row in LocalPack.objects.filter(since__lte=on).order_by("since", "added_at", "pk"):
        newest[row.key] = row
    found = {}
    for key, row in newest.items():
        if row.until is not None and row.until <= on:
            continue
        try:
            found[key] = make_local_pack(key, row.tables)
        except ValueError as error:  # one bad row must not stop the night
            log.warning("local pack %s is no pack: %s", row.public_id, error)
    return found


def version_days() -> dict[str, set[date]]:
    """Return by pack the days on which a version of it begins or ends, those that ship and those that clerks filled in."""
    found = {name: {day for day in (pack.since, pack.until) if day is not None} for name, pack in load_packs().items()}
    for key, since, until in LocalPack.objects.order_by().values_list("key", "since", "until"):
        found.setdefault(key, set()).update(day for day in (since, until) if day is not None)
    return found


def local_packs_seen_by(user: User | AnonymousUser) -> QuerySet[LocalPack]:
    """Return every version of the packs of organs in the user's subtrees and of those above them, which bind them too."""
    rows = LocalPack.objects.select_related("organ", "added_by").order_by("key", "-since", "-added_at", "-pk")
    paths = paths_seen_by(user)
    if paths is None:
        return rows
    below = rows.filter(organ__in=organs_seen_by(user))
    above = {above for path in paths for above in _above(path)}
    return below | rows.filter(organ_path__in=above)


def _above(path: str) -> list[str]:
    """Return /1/, /1/5/ and /1/5/7/ for /1/5/7/."""
    parts = [part for part in path.split("/") if part]
    return ["/" + "/".join(parts[: n + 1]) + "/" for n in range(len(parts))]
