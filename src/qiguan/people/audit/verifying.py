"""Verify the whole chain, name the first broken link, and write it out for an anchor outside the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from json import dumps

from django.db.models import Max

from qiguan.core.audit_chain import NOTHING_BEFORE, Break, Broken, Seal, broken_entries, broken_seal, leaf, unpack_leaves
from qiguan.people.audit.erasing import ACTION as ERASURE
from qiguan.people.audit.erasing import erased_digest
from qiguan.people.audit.rows import Tombstones, leaves_of, texts_of, tombstones_of
from qiguan.people.models import AuditEntry, AuditSeal, AuditTombstone

AT_ONCE = 20_000  # entries read in one query
SEALS_AT_ONCE = 2_000
Anchor = tuple[int, str]  # number and digest of a seal, kept outside


@dataclass(frozen=True, slots=True)
class Verification:
    """What was verified: entries under seals, seals, erased parts; what waits for a seal; the last seal; the first break."""

    entries: int
    seals: int
    erased: int
    unsealed: int
    last: Anchor
    broken: Break | None


def verify_chain(
    *, anchor: Anchor | None = None, write: Callable[[str], object] | None = None, moved: Callable[[int], object] | None = None
) -> Verification:
    """Verify every seal that stands now, in order, stopping at the first broken link; the work of others goes on meanwhile.

    `write` gets a JSON line for each seal and each entry: texts and digests, no person. `anchor` is a seal as it was kept
    outside: only that shows a chain that somebody cut short or wrote anew as a whole.
    """
    last_number = AuditSeal.objects.aggregate(n=Max("number"))["n"] or 0
    stones, previous, entries, seals = tombstones_of(), NOTHING_BEFORE, 0, 0
    broken: Break | None = None
    expected = 1
    for seal, texts in _links(last_number, stones):
        broken = broken_seal(seal, number=expected, previous=previous) or _first(seal, texts)
        if broken is None and anchor is not None and anchor[0] == seal.number and anchor[1] != seal.digest:
            broken = Break(Broken.ANCHOR, seal.number)
        if broken is not None:
            break
        expected, previous, entries, seals = seal.number + 1, seal.digest, entries + seal.count, seals + 1
        if write is not None:
            _write(write, seal, texts)
        if moved is not None:
            moved(entries)
    if broken is None:
        broken = _loose(last_number) or _false_erasure()
    if broken is None and anchor is not None and not 1 <= anchor[0] <= seals:
        broken = Break(Broken.NO_SEAL, anchor[0])
    unsealed = AuditEntry.objects.filter(seal=None).count()
    return Verification(entries, seals, len(stones), unsealed, (seals, previous), broken)


def _links(last: int, stones: Tombstones) -> Iterator[tuple[Seal, list[tuple[int, str]]]]:
    """Yield each seal with the (id, text) of the entries that name it, read some thousands at a time."""
    for low, high in _stretches(last):
        rows = AuditEntry.objects.filter(seal__gt=low, seal__lte=high) if low else AuditEntry.objects.filter(seal__lte=high)
        rows = rows.order_by("seal", "pk")
        under: dict[int, list[tuple[int, str]]] = {}
        for number, pk, text in texts_of(rows, stones):
            under.setdefault(number, []).append((pk, text))
        for row in AuditSeal.objects.filter(number__gt=low, number__lte=high).order_by("number"):
            yield _seal(row), under.pop(row.number, [])


def _stretches(last: int) -> Iterator[tuple[int, int]]:
    """Cut the numbers into (after, until) of about AT_ONCE entries."""
    low = entries = seals = 0
    for number, count in list(AuditSeal.objects.filter(number__lte=last).order_by("number").values_list("number", "count")):
        entries, seals = entries + count, seals + 1
        if entries >= AT_ONCE or seals >= SEALS_AT_ONCE or number == last:
            yield low, number
            low, entries, seals = number, 0, 0


def _seal(row: AuditSeal) -> Seal:
    return Seal(row.number, row.at, row.first_id, row.last_id, row.count, row.previous, bytes(row.leaves), row.digest)


def _first(seal: Seal, texts: list[tuple[int, str]]) -> Break | None:
    """The first entry that differs, looked at once more: it may have been lawfully erased while we read."""
    listed = dict(unpack_leaves(seal.leaves))
    for broken in broken_entries(seal, [(pk, leaf(text)) for pk, text in texts]):
        now = AuditEntry.objects.filter(pk=broken.entry)
        if broken.what is Broken.ALTERED and leaves_of(now, tombstones_of([broken.entry])) == [
            (broken.entry, listed[broken.entry])
        ]:
            continue
        moved = broken.what is Broken.DELETED and now.exists()
        return Break(Broken.MOVED, seal.number, broken.entry) if moved else broken
    return None


def _loose(last: int) -> Break | None:
    """An entry that names a seal which does not stand."""
    known = AuditSeal.objects.values("number")
    loose = (
        AuditEntry.objects.exclude(seal=None)
        .exclude(seal__in=known)
        .order_by("seal_id", "pk")
        .values_list("seal_id", "pk")
        .first()
    )
    return Break(Broken.NO_SEAL, loose[0] or last, loose[1]) if loose else None


def _false_erasure() -> Break | None:
    """An erasure whose tombstones are not those it says, or a tombstone whose erasure is none."""
    by_erasure: dict[int, list[tuple[int, str]]] = {
        pk: [] for pk in AuditEntry.objects.filter(action=ERASURE).values_list("pk", flat=True)
    }
    for erasure, entry, part in AuditTombstone.objects.values_list("erasure_id", "entry_id", "part"):
        by_erasure.setdefault(erasure, []).append((entry, part))
    said = AuditEntry.objects.in_bulk(list(by_erasure))
    for pk in sorted(by_erasure):
        row = said.get(pk)
        parts = by_erasure[pk]
        if row is None or row.action != ERASURE or row.count != len(parts) or erased_digest(parts) not in str(row.fields):
            return Break(Broken.ERASURE, (row.seal_id if row else None) or 0, pk)
    return None


def _write(write: Callable[[str], object], seal: Seal, texts: list[tuple[int, str]]) -> None:
    line = {
        "seal": seal.number, "at": _iso(seal.at), "first": seal.first_id, "last": seal.last_id, "count": seal.count, "previous": seal.previous, "leaves": seal.leaves.hex(),
        "digest": seal.digest,
    }  # fmt: skip
    write(dumps(line, ensure_ascii=False))
    for pk, text in texts:
        write(dumps({"entry": pk, "seal": seal.number, "text": text}, ensure_ascii=False))


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
