"""Claim sources that are due: the row is the schedule, and a claim pushes `next_at` ahead (the lease)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from qiguan.collection.models import Source

LEASE = timedelta(minutes=5)


def claim_due(*, owner: str, now: datetime, most: int = 200, only: Sequence[int] | None = None) -> list[Source]:
    """Take up to `most` due sources (or `only` these) in one statement and return them.

    A crash costs one lease: `next_at` of its sources lies five minutes ahead, then anyone takes them. Machine time.
    """
    lock = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    table = Source._meta.db_table
    stamp = connection.ops.adapt_datetimefield_value
    if only is None:
        which, params = "enabled AND next_at <= %s ORDER BY next_at LIMIT %s", [stamp(now), most]
    else:
        marks = ",".join(["%s"] * len(only))
        which, params = f"id IN ({marks}) ORDER BY id", list(only)
    sql = f"UPDATE {table} SET next_at = %s, owner = %s WHERE id IN (SELECT id FROM {table} WHERE {which} {lock}) RETURNING id"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [stamp(now + LEASE), owner, *params])
        ids = [row[0] for row in cursor.fetchall()]
    return list(Source.objects.filter(pk__in=ids).order_by("pk")) if ids else []
