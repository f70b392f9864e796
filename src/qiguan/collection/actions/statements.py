"""Plain statements for many rows: here the mapper costs more than the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection, models

PARAMETERS = 20_000  # of one statement; SQLite takes 32,766 and PostgreSQL 65,535
Row = tuple[Any, ...]
POSTGRESQL = settings.DATABASES["default"]["ENGINE"].endswith(
    "postgresql"
)  # asked once: the connection's own answer costs a look-up each time


def stamp(moment: datetime) -> Any:
    """Return a moment as this database's driver takes it: what Django's own adapter gives, at a tenth of its cost."""
    if POSTGRESQL:
        return moment
    return str(moment.replace(tzinfo=None) if moment.tzinfo is UTC else moment.astimezone(UTC).replace(tzinfo=None))


def stamp_or_none(moment: datetime | None) -> Any:
    """Return `stamp`, or None for None."""
    return None if moment is None else stamp(moment)


def insert_rows(model: type[models.Model], columns: Sequence[str], rows: Sequence[Row], *, conflict: str = "") -> None:
    """Insert rows; `conflict` is the ON CONFLICT clause. SQLite likes many small statements, PostgreSQL few large ones."""
    if not rows:
        return
    head = f"INSERT INTO {model._meta.db_table} ({_quoted(columns)}) VALUES "
    one = f"({','.join(['%s'] * len(columns))})"
    with connection.cursor() as cursor:
        if not POSTGRESQL:
            cursor.executemany(f"{head}{one} {conflict}", rows)
            return
        for part in _parts(rows, len(columns)):
            cursor.execute(f"{head}{','.join([one] * len(part))} {conflict}", [value for row in part for value in row])


def insert_returning(model: type[models.Model], columns: Sequence[str], rows: Sequence[Row], *, key: str) -> dict[Any, int]:
    """Insert rows and return the new ids by the value of the column `key`, which must tell the rows apart."""
    ids: dict[Any, int] = {}
    one = f"({','.join(['%s'] * len(columns))})"
    with connection.cursor() as cursor:
        for part in _parts(rows, len(columns)):
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({_quoted(columns)}) VALUES {','.join([one] * len(part))} RETURNING {_quoted([key, 'id'])}",
                [value for row in part for value in row],
            )
            ids.update(cursor.fetchall())
    return ids


def update_rows(model: type[models.Model], sets: str, rows: Sequence[Row], *, where: str = "id = %s") -> None:
    """Run one UPDATE per row. Each row: the values of `sets`, then those of `where`."""
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {model._meta.db_table} SET {sets} WHERE {where}", rows)


def update_all(model: type[models.Model], sets: str, values: Row, ids: Sequence[int]) -> None:
    """Set the same values on many rows in one statement."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {model._meta.db_table} SET {sets} WHERE id IN ({','.join(['%s'] * len(ids))})", [*values, *ids]
            )


def _parts(rows: Sequence[Row], columns: int) -> Iterator[Sequence[Row]]:
    step = max(1, PARAMETERS // columns)
    for start in range(0, len(rows), step):
        yield rows[start : start + step]


def _quoted(columns: Sequence[str]) -> str:
    return ",".join(connection.ops.quote_name(c) for c in columns)
