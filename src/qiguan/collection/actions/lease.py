"""Claim sources that are due: the row is the schedule, and a claim pushes `next_at` ahead (the lease)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from qiguan.collection.actions.statements import POSTGRESQL, stamp
from qiguan.collection.models import Source

LEASE = timedelta(minutes=5)
_COLUMNS = (
    "id", "account_id", "public_id", "connector", "url", "settings", "credential_id", "complete", "interval", "etag", "last_modified",
    "body_hash", "outcome", "failures", "read_at", "seen_name", "poll_ref", "span_ref", "span_start", "span_until", "line_at",
)  # fmt: skip


@dataclass(slots=True)
class Held:
    """A claimed source: the columns a poll needs, read by the claim itself. A model instance costs ten times as much."""

    pk: int
    account_id: int
    public_id: str
    connector: str
    url: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    credential_id: int | None = None
    complete: bool = False
    interval: int = 14400
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    outcome: str = ""
    failures: int = 0
    read_at: datetime | None = None
    seen_name: str = ""
    poll_ref: int | None = None
    span_ref: int | None = None
    span_start: datetime | None = None
    span_until: datetime | None = None
    line_at: datetime | None = None


def claim_due(*, owner: str, now: datetime, most: int = 200, only: Sequence[int] | None = None) -> list[Held]:
    """Take up to `most` due sources (or `only` these, due or not) in one statement, and return them.

    A crash costs one lease: `next_at` of its sources lies five minutes ahead, then anyone takes them. Machine time.
    """
    lock = "FOR UPDATE SKIP LOCKED" if POSTGRESQL else ""
    table = Source._meta.db_table
    if only is None:
        which, params = "enabled AND next_at <= %s ORDER BY next_at LIMIT %s", [stamp(now), most]
    else:
        which, params = f"id IN ({','.join(['%s'] * len(only))}) ORDER BY id", list(only)
    columns = ",".join(connection.ops.quote_name(c) for c in _COLUMNS)
    sql = f"UPDATE {table} SET next_at = %s, owner = %s WHERE id IN (SELECT id FROM {table} WHERE {which} {lock}) RETURNING {columns}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [stamp(now + LEASE), owner, *params])
        rows = cursor.fetchall()
    return [_held(row) for row in rows]


def _held(row: Sequence[Any]) -> Held:
    settings = row[5] if isinstance(row[5], dict) else json.loads(row[5]) if row[5] and row[5] != "{}" else {}
    plain: list[Any] = [*row[:5], settings, row[6], bool(row[7]), *row[8:14]]
    plain += [as_moment(row[14]), *row[15:18], as_moment(row[18]), as_moment(row[19]), as_moment(row[20])]
    return Held(*plain)


def as_moment(value: Any) -> datetime | None:
    """Return a plain cursor's moment as aware UTC: SQLite gives it without a zone, PostgreSQL with one."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    return None
