"""What is frozen of a year when a bulletin is published: outcomes and causes of each place, and what the office itself did."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

from django.db.models import Count

from qiguan.core.days import day_of, end_of, start_of
from qiguan.core.ticket import TicketState
from qiguan.inspection.models import Round
from qiguan.inspection.queries.rounds import unknown_reasons
from qiguan.people.models import Organ, any_within
from qiguan.publication.models import Snapshot, SnapshotSums
from qiguan.rectification.models import Appeal, Ticket
from qiguan.rectification.queries.outcomes import outcomes

YEAR = timedelta(days=365)
REASONS = 8  # why accounts could not be told: the most frequent


def sums_of(snapshot: Snapshot, *, at: datetime) -> list[SnapshotSums]:
    """Return the sums to freeze, not yet saved: the office's place, and every place below that has a row in the snapshot."""
    until = day_of(at)
    first = until - YEAR + timedelta(days=1)
    since, end = start_of(first), end_of(until)
    units = set(snapshot.accounts.order_by().values_list("owner_path", flat=True).distinct())
    above = {path[: n + 1] for path in units for n, letter in enumerate(path) if letter == "/"}
    below = Organ.objects.filter(any_within(["path"], [snapshot.organ.path]), sort=Organ.Sort.PLACE)
    places = {snapshot.organ.pk: snapshot.organ} | {o.pk: o for o in below if o.path in above}
    found = []
    for place in places.values():
        year = asdict(outcomes(organ=place, since=since, until=end, at=at))
        year["at"] = at.isoformat()
        own = place.pk == snapshot.organ_id
        office = _office(snapshot, since, end, at) if own else {}
        found.append(
            SnapshotSums(snapshot=snapshot, organ_ref=place.public_id, since=first, until=until, outcomes=year, office=office)
        )
    return found


def _office(snapshot: Snapshot, since: datetime, until: datetime, at: datetime) -> dict[str, object]:
    """Return what the office did in the period: rounds settled, notices and chases sent, tickets late now, appeals and why untold."""
    organ = snapshot.organ
    mine = Ticket.objects.filter(any_within(["office_path"], [organ.path]))
    running = list(mine.exclude(state=TicketState.CLOSED).select_related("filing"))
    appeals = dict(
        Appeal.objects.filter(ticket__in=mine, asked_at__gte=since, asked_at__lt=until)
        .order_by()
        .values_list("state")
        .annotate(n=Count("pk"))
    )
    return {
        "rounds": Round.objects.filter(
            organ=organ, stage=Round.Stage.SETTLED, settled_at__gte=since, settled_at__lt=until
        ).count(),
        "notices": mine.filter(opened_at__gte=since, opened_at__lt=until).count(),
        "chases": mine.filter(chased_at__gte=since, chased_at__lt=until).count(),
        "running": len(running),
        "late": sum(ticket.is_late(at) for ticket in running),
        "appeals": sum(appeals.values()),
        "upheld": appeals.get(Appeal.State.UPHELD, 0),
        "part": appeals.get(Appeal.State.PART, 0),
        "waiting": appeals.get(Appeal.State.ASKED, 0),
        "reasons": [list(pair) for pair in unknown_reasons(snapshot.bulletin.round)[:REASONS]],
    }
