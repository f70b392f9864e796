"""Keep what is joined in time from being joined in the database: rows of the box are written anew, in random order, under new keys.

1. Each ballot goes into the pool of its candidate and panel, and the code it spent into another. 2. With every ballot both
pools are written anew: all their rows then share one transaction, and no older one points at any of them. 3. A pool that has
grown to a hundred lets go of fifty, chosen by lot in each of the two on its own. 4. When the season is counted, all is written
anew, some thousands at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import SystemRandom
from typing import Any

from django.db import connection, models, transaction

from qiguan.examination.ballots import Ballot, Code, SpentCode
from qiguan.examination.keys import random_key
from qiguan.examination.models import Candidate, Season

GROWS = 100  # rows of a pool that make it let go
STAYS = 50  # rows that stay
CHUNK = 2000  # rows written anew in one transaction when the season is counted
_LOT = SystemRandom()
_BOX: tuple[type[models.Model], ...] = (SpentCode, Ballot)


def mix_pool(*, candidate: Candidate, panel: str) -> None:
    """Write the candidate's pools anew. Call it in the ballot's transaction, with the candidate locked."""
    for model in _BOX:
        rows = _rows(model, "candidate_id = %s AND panel = %s AND NOT settled", [candidate.pk, panel])
        _LOT.shuffle(rows)
        leaving = {row[0] for row in rows[STAYS:]} if len(rows) >= GROWS else set()
        _LOT.shuffle(rows)
        _anew(model, rows, leaving)


def mix_season(*, season: Season) -> None:
    """Write all spent codes and ballots of a season anew, a chunk a transaction. Safe to stop and to run again."""
    for model in _BOX:
        keys = list(model._default_manager.filter(candidate__season=season).values_list("pk", flat=True))
        _LOT.shuffle(keys)
        for start in range(0, len(keys), CHUNK):
            chunk = keys[start : start + CHUNK]
            with transaction.atomic():
                rows = _rows(model, f"key IN ({_marks(len(chunk))})", chunk)
                _LOT.shuffle(rows)
                _anew(model, rows, set(chunk))


# Statements of our own: with the mapper's objects the hundred rows of a pool cost five times the ballot.


def _columns(model: type[models.Model]) -> str:
    between = [f.column for f in model._meta.concrete_fields if f.column not in {"key", "settled"}]
    return ", ".join(f'"{name}"' for name in ["key", *between, "settled"])


def _marks(n: int) -> str:
    return ", ".join(["%s"] * n)


def _rows(model: type[models.Model], where: str, values: Sequence[int | str]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_columns(model)} FROM {model._meta.db_table} WHERE {where}", values)
        return list(cursor.fetchall())


def _anew(model: type[models.Model], rows: Sequence[tuple[Any, ...]], settled: set[int]) -> None:
    """Write rows anew in the order given, under new keys; those in `settled` leave the pool."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE key IN ({_marks(len(rows))})", [row[0] for row in rows])
        values = [v for row in rows for v in (random_key(), *row[1:-1], row[0] in settled)]
        places = ", ".join([f"({_marks(len(rows[0]))})"] * len(rows))
        cursor.execute(f"INSERT INTO {model._meta.db_table} ({_columns(model)}) VALUES {places}", values)


def forget_freed_space() -> None:
    """Have the database overwrite what was deleted: on SQLite at once, on PostgreSQL by a vacuum, outside any transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA secure_delete=ON")
        elif not connection.in_atomic_block:
            for model in (Ballot, SpentCode, Code):
                cursor.execute(f'VACUUM "{model._meta.db_table}"')
