"""Insert many rows in one statement's plan: a model's `bulk_create` spends most of an import on building SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from json import JSONEncoder
from typing import Any

from django.db import connection, models

_encode = JSONEncoder(ensure_ascii=False).encode


def insert_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]], *, conflict: str = "") -> None:
    """Insert rows of plain values (dates, JSON values as Python objects) in the order of `names`.

    `conflict`: a closing clause such as ON CONFLICT DO NOTHING. Both databases; defaults are the caller's to give.
    """
    fields = [model._meta.get_field(name) for name in names]
    values = _written(fields, rows)
    if not values:
        return
    columns = ", ".join(connection.ops.quote_name(str(getattr(f, "column", ""))) for f in fields)
    into = f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({columns})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # one statement, a list for each column: each row by itself is a third as fast
            lists = ", ".join(f"%s::{_list_type(f)}[]" for f in fields)
            cursor.execute(
                f"{into} SELECT * FROM unnest({lists}) {conflict}", [list(column) for column in zip(*values, strict=True)]
            )
        else:
            cursor.executemany(f"{into} VALUES ({', '.join(['%s'] * len(fields))}) {conflict}", values)


def updating(model: type[models.Model], key: str, names: Iterable[str]) -> str:
    """Return the clause that turns an insert into an update of the row with the same `key`."""
    columns = [str(getattr(model._meta.get_field(n), "column", "")) for n in names]
    column = getattr(model._meta.get_field(key), "column", "")
    return f"ON CONFLICT ({column}) DO UPDATE SET " + ", ".join(f"{c} = excluded.{c}" for c in columns if c != column)


def _written(fields: Sequence[Any], rows: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
    """Rows as the driver takes them."""
    writers = [(place, w) for place, w in enumerate(map(_writer, fields)) if w]
    if not writers:
        return list(rows)
    written: list[Sequence[Any]] = []
    for row in rows:
        values = list(row)
        for place, write in writers:
            if values[place] is not None:
                values[place] = write(values[place])
        written.append(values)
    return written


def _writer(field: Any) -> Callable[[Any], Any] | None:
    if isinstance(field, models.DateTimeField):
        return lru_cache(maxsize=64)(connection.ops.adapt_datetimefield_value)  # a moment or two for a whole chunk
    if isinstance(field, models.DateField):
        return connection.ops.adapt_datefield_value
    return _encode if isinstance(field, models.JSONField) else None


def _list_type(field: Any) -> str:
    """The element type of a column's list; texts without their length, so that one too long is refused and not cut."""
    kind = str(field.db_type(connection))
    return "text" if kind.startswith("varchar") else kind
