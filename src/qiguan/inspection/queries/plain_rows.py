"""Run a query of plain columns without the mapper's conversions, which cost more than the judging."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from django.db import connection
from django.db.models import QuerySet

_AT_ONCE = 2000


def plain_rows(query: QuerySet[Any, Any], *moments: int) -> Iterator[Any]:
    """Yield the rows of a `values_list` query.

    Columns at `moments` come as moments in UTC, the row then as a list; others as the driver gives them (SQLite: 0 and 1 for
    no and yes).
    """
    sql, values = query.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(_AT_ONCE):
            if not moments:
                yield from rows
                continue
            for row in rows:
                cells = list(row)
                for i in moments:
                    if cells[i] is not None and cells[i].tzinfo is None:  # SQLite's
                        cells[i] = cells[i].replace(tzinfo=UTC)
                yield cells
