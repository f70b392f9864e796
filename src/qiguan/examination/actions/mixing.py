"""Keep what is joined in time from being joined in the database: rows of the box are written anew, in random order, under new keys.

1. Each ballot goes into the pool of its candidate and panel, and the code it spent into another. 2. With every ballot both
pools are written anew: all their rows then share one transaction, and no older one points at any of them. 3. A pool that has
grown to a hundred lets go of fifty, chosen by lot in each of the two on its own. 4. When the season is counted, all is written
anew, some hundreds at a time.
"""

from __future__ import annotations

from random import SystemRandom
from typing import Any

from django.db import connection, models, transaction

from qiguan.examination.ballots import Ballot, Code, SpentCode
from qiguan.examination.keys import random_key
from qiguan.examination.models import Candidate, Season

GROWS = 100  # rows of a pool that make it let go
STAYS = 50  # rows that stay
CHUNK = 400  # rows written anew in one transaction when the season is counted
_LOT = SystemRandom()
_BOX: tuple[type[models.Model], ...] = (SpentCode, Ballot)


def mix_pool(*, candidate: Candidate, panel: str) -> None:
    """Write the candidate's pools anew. Call it in the ballot's transaction, with the candidate locked."""
    for model in _BOX:
        rows: list[Any] = list(model._default_manager.filter(candidate=candidate, panel=panel, settled=False))
        _LOT.shuffle(rows)
        if len(rows) >= GROWS:
            for row in rows[STAYS:]:
                row.settled = True
            _LOT.shuffle(rows)
        _anew(model, rows)


def mix_season(*, season: Season) -> None:
    """Write all spent codes and ballots of a season anew, a chunk a transaction. Safe to stop and to run again."""
    for model in _BOX:
        keys = list(model._default_manager.filter(candidate__season=season).values_list("pk", flat=True))
        _LOT.shuffle(keys)
        for start in range(0, len(keys), CHUNK):
            with transaction.atomic():
                rows: list[Any] = list(model._default_manager.filter(pk__in=keys[start : start + CHUNK]))
                _LOT.shuffle(rows)
                for row in rows:
                    row.settled = True
                _anew(model, rows)


def _anew(model: type[models.Model], rows: list[Any]) -> None:
    model._default_manager.filter(pk__in=[row.pk for row in rows]).delete()
    for row in rows:
        row.pk = random_key()
        row._state.adding = True
    model._default_manager.bulk_create(rows)


def forget_freed_space() -> None:
    """Have the database overwrite what was deleted: on SQLite at once, on PostgreSQL by a vacuum, outside any transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA secure_delete=ON")
        elif not connection.in_atomic_block:
            for model in (Ballot, SpentCode, Code):
                cursor.execute(f'VACUUM "{model._meta.db_table}"')
