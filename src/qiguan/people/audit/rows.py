"""From an audit row to the text and the leaf that the chain knows of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from qiguan.core.audit_chain import entry_text, leaf, part_digest
from qiguan.people.models import AuditEntry, AuditTombstone

BY, OBJECT = AuditTombstone.Part.BY.value, AuditTombstone.Part.OBJECT.value
Tombstones = Mapping[tuple[int, str], str]  # (entry, part) → the digest that outlived the part
_COLUMNS = ("pk", "at", "by_id", "action", "model", "object_id", "organ_path", "fields", "count", "by_salt", "object_salt", "seal_id")  # fmt: skip
_UNREADABLE = (AttributeError, TypeError, ValueError)  # what a column says that holds another type (SQLite keeps any)


def tombstones_of(entries: Iterable[int] | None = None) -> Tombstones:
    """Return the tombstones, of these entries or of all: few, beside the entries."""
    stones = AuditTombstone.objects.all() if entries is None else AuditTombstone.objects.filter(entry__in=list(entries))
    return {(entry, part): digest for entry, part, digest in stones.values_list("entry_id", "part", "digest")}


def texts_of(rows: QuerySet[AuditEntry], stones: Tombstones) -> list[tuple[int, int, str]]:
    """Return (seal or 0, id, canonical text) of rows, in the order given. Plain tuples: an instance costs three times as much.

    A row that somebody made unreadable gets a text that no seal knows, instead of ending the reading of all.
    """
    try:
        return [(row[-1] or 0, row[0], _text(row, stones)) for row in rows.values_list(*_COLUMNS)]
    except _UNREADABLE:
        return [_alone(seal or 0, pk, stones) for seal, pk in rows.values_list("seal_id", "pk")]


def leaves_of(rows: QuerySet[AuditEntry], stones: Tombstones) -> list[tuple[int, bytes]]:
    """Return (id, leaf) of rows, in the order given."""
    return [(number, leaf(text)) for _, number, text in texts_of(rows, stones)]


def _alone(seal: int, pk: int, stones: Tombstones) -> tuple[int, int, str]:
    try:
        return seal, pk, _text(AuditEntry.objects.filter(pk=pk).values_list(*_COLUMNS).get(), stones)
    except _UNREADABLE:
        return seal, pk, "unreadable"


def _text(row: Sequence[Any], stones: Tombstones) -> str:
    pk, at, by_id, action, model, object_id, organ_path, fields, count, by_salt, object_salt, _ = row
    by = stones.get((pk, BY), "") if by_id is None else part_digest(by_salt, BY, str(by_id))
    on = stones.get((pk, OBJECT), object_id) if not object_salt else part_digest(object_salt, OBJECT, object_id)
    return entry_text(id=pk, at=at, by=by, action=action, model=model, on=on, organ_path=organ_path, fields=fields, count=count)
