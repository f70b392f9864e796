"""What the public sees: only rows of visible snapshots, published bulletins and the public entries of the register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from qiguan.inspection.models import RoundAccount
from qiguan.people.models import Organ
from qiguan.publication.models import Bulletin, Snapshot, SnapshotAccount, SnapshotSums
from qiguan.register.models import PublicEntry

HISTORY = 24


@dataclass(frozen=True, slots=True)
class Front:
    """An account as its front door: what the register says, the newest snapshot, and the verdicts before it."""

    entry: PublicEntry | None
    newest: SnapshotAccount | None
    history: Sequence[SnapshotAccount]


def visible_snapshots() -> QuerySet[Snapshot]:
    """Return what is published, the newest first."""
    return Snapshot.objects.filter(visible=True).select_related(
        "organ", "bulletin", "bulletin__corrects", "bulletin__corrected_by"
    )


def snapshot_of(bulletin_id: str) -> Snapshot | None:
    """Return the visible snapshot of a bulletin by the bulletin's public id."""
    return visible_snapshots().filter(bulletin__public_id=bulletin_id, bulletin__stage=Bulletin.Stage.PUBLISHED).first()


def rows_of(snapshot: Snapshot, *, word: str = "不合格") -> QuerySet[SnapshotAccount]:
    """Return a snapshot's rows with one verdict: what is put right stands first."""
    return snapshot.accounts.filter(word=word).order_by("-rectified", "owner_name", "name", "pk")


def front_of(public_id: str) -> Front:
    """Return an account's front door; both parts None where nothing of it is public."""
    entry = PublicEntry.objects.filter(account__public_id=public_id).first()
    rows = list(
        SnapshotAccount.objects.filter(public_id=public_id, snapshot__visible=True)
        .select_related("snapshot", "snapshot__bulletin__corrected_by")
        .order_by("-snapshot__at", "-snapshot__published_at")[:HISTORY]
    )
    return Front(entry, rows[0] if rows else None, rows)


def newest_of_unit(owner_ref: str) -> list[SnapshotAccount]:
    """Return the newest row of each account of a unit, by name."""
    rows = SnapshotAccount.objects.filter(owner_ref=owner_ref, snapshot__visible=True).select_related("snapshot")
    newest: dict[str, SnapshotAccount] = {}
    for row in rows.order_by("snapshot__at", "snapshot__published_at"):
        newest[row.public_id] = row
    return sorted(newest.values(), key=lambda row: row.name)


def newest_snapshot_of_place(organ: Organ) -> Snapshot | None:
    """Return the newest visible snapshot that covers a place: its own office's, or one from above."""
    paths = _paths(organ.path)
    return visible_snapshots().filter(organ__path__in=paths).order_by("-at", "-published_at").first()


def rows_of_place(snapshot: Snapshot, organ: Organ) -> QuerySet[SnapshotAccount]:
    """Return a snapshot's rows below a place."""
    return snapshot.accounts.filter(owner_path__startswith=organ.path)


def words_of(rows: QuerySet[SnapshotAccount]) -> dict[str, int]:
    """Return how many rows have which verdict."""
    return {row["word"]: row["n"] for row in rows.order_by().values("word").annotate(n=Count("pk"))}


def units_of(rows: QuerySet[SnapshotAccount]) -> QuerySet[Any, Any]:
    """Return the units of these rows with how many accounts each has, and how many failed."""
    return rows.order_by("owner_name").values("owner_ref", "owner_name").annotate(n=Count("pk"))


@dataclass(frozen=True, slots=True)
class Card:
    """The supervising office's own card: what it did, over its published rounds."""

    organ_name: str
    rounds: int
    inspected: int
    unknown: int
    corrections: int
    own: int
    newest: Snapshot
    sums: SnapshotSums | None  # None: published before sums were frozen


def card_of(organ: Organ) -> Card | None:
    """Return the card of an office from its visible snapshots; None where it has published nothing."""
    found = list(visible_snapshots().filter(organ=organ))
    if not found:
        return None
    newest = found[0]
    rows = newest.accounts
    return Card(
        organ_name=newest.organ_name,
        rounds=len({s.bulletin.round_id for s in found}),
        inspected=rows.count(),
        unknown=rows.filter(word="未能判定").count(),
        corrections=sum(1 for s in found if s.bulletin.corrects_id),
        own=rows.filter(own=True).count(),
        newest=newest,
        sums=sums_of_place(newest, organ),
    )


def sums_of_place(snapshot: Snapshot, organ: Organ) -> SnapshotSums | None:
    """Return the sums of a place as they were frozen with a snapshot."""
    return snapshot.sums.filter(organ_ref=organ.public_id).first()


def places_with_a_page() -> list[str]:
    """Return the public ids of places whose newest snapshot has a row of theirs."""
    refs = SnapshotSums.objects.filter(snapshot__visible=True).values("organ_ref")
    found = []
    for organ in Organ.objects.filter(public_id__in=refs).order_by("path"):
        newest = newest_snapshot_of_place(organ)
        if newest is not None and rows_of_place(newest, organ).exists():
            found.append(organ.public_id)
    return found


def method_of(snapshot: Snapshot) -> dict[str, object]:
    """Return how a round was made, from its frozen scope: how chosen, by which number, which packs bound how many."""
    round_ = snapshot.bulletin.round
    lines = round_.accounts.exclude(why=RoundAccount.Why.FRAME)
    return {
        "sort": round_.get_sort_display(),
        "drawn": round_.sort == "drawn",
        "percent": round_.percent,
        "number_source": round_.number_source,
        "seed": round_.seed,
        "list_hash": round_.list_hash,
        "frame": round_.accounts.count(),
        "inspected": lines.count(),
        "packs": list(snapshot.accounts.order_by().values("pack_words").annotate(n=Count("pk")).order_by("-n")),
    }


def _paths(path: str) -> list[str]:
    found = []
    while len(path) > 1:
        found.append(path)
        path = path[: path.rstrip("/").rfind("/") + 1]
    return found
