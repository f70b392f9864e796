"""Insert many rows in one statement's plan: a model's `bulk_create` spends most of an import on building SQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection, models


def insert_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]], *, conflict: str = "") -> None:
    """Insert rows of plain values (dates, JSON values as Python objects) in the order of `names`.

    `conflict`: a closing clause such as ON CONFLICT DO NOTHING. Both databases; defaults are the caller's to give.
    """
    fields = [model._meta.get_field(name) for name in names]
    write = [_writer(f) for f in fields]
    columns = ", ".join(connection.ops.quote_name(str(getattr(f, "column", ""))) for f in fields)
    sql = f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({', '.join(['%s'] * len(fields))}) {conflict}"
    values = [[w(v) if w else v for w, v in zip(write, row, strict=True)] for row in rows]
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(sql, values)


def updating(model: type[models.Model], key: str, names: Iterable[str]) -> str:
    """Return the clause that turns an insert into an update of the row with the same `key`."""
    columns = [str(getattr(model._meta.get_field(n), "column", "")) for n in names]
    column = getattr(model._meta.get_field(key), "column", "")
    return f"ON CONFLICT ({column}) DO UPDATE SET " + ", ".join(f"{c} = excluded.{c}" for c in columns if c != column)


def _writer(field: Any) -> Callable[[Any], Any] | None:
    if isinstance(field, models.DateTimeField):
        return connection.ops.adapt_datetimefield_value
    if isinstance(field, models.DateField):
        return connection.ops.adapt_datefield_value
    if isinstance(field, models.JSONField):
        return _json
    return None


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
