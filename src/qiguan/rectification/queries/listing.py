"""The list of tickets: by state, late ones, words; counts on top; rounds that still wait for their notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When

from qiguan.core.days import day_of
from qiguan.core.ticket import TicketState
from qiguan.inspection.models import Finding, Round
from qiguan.people.models import Role, User
from qiguan.people.queries import has_role, paths_seen_by
from qiguan.rectification.models import Ticket
from qiguan.register.models import Filing

_RUNS = [s.value for s in TicketState if s.runs]
_CLOSED_LAST = Case(When(state=TicketState.CLOSED, then=Value(1)), default=Value(0), output_field=IntegerField())


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """What the list is asked for; empty means all."""

    state: str = ""
    late: bool = False
    words: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> TicketFilter:
        """Read a query string; what it does not know falls back to all."""
        state = query.get("state", "")
        return cls(
            state=state if state in set(TicketState) else "",
            late=query.get("late") == "1",
            words=query.get("q", "").strip()[:60].replace("\x00", ""),
        )


def tickets_like(user: User | AnonymousUser, wanted: TicketFilter, *, at: datetime) -> QuerySet[Ticket]:
    """Return the tickets a user may see that match: the nearest deadline first, closed ones last."""
    found = Ticket.objects.visible_to(user)
    if wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.late:
        found = found.filter(is_late_now(at))
    if wanted.words:
        found = found.filter(Q(name__icontains=wanted.words) | Q(owner_name__icontains=wanted.words))
    return found.order_by(_CLOSED_LAST, F("due_on").asc(nulls_last=True), "-opened_at", "pk")


def is_late_now(at: datetime) -> Q:
    """Tickets whose unit is over its time; who has filed the cancellation waits for the office."""
    approved = Q(state=TicketState.ENDING, ending_approved_at__isnull=False)
    filed = Q(filing__what=Filing.What.CANCEL, filing__state=Filing.State.SUBMITTED)
    return Q(due_on__lt=day_of(at)) & (Q(state__in=_RUNS) | (approved & ~filed))


def counts_of(user: User | AnonymousUser, *, at: datetime) -> dict[str, int]:
    """Count the user's tickets by state, and `late` and `total`."""
    mine = Ticket.objects.visible_to(user)
    counts = {row["state"]: row["n"] for row in mine.order_by().values("state").annotate(n=Count("pk"))}
    return counts | {"late": mine.filter(is_late_now(at)).count(), "total": sum(counts.values())}


def rounds_waiting(user: User | AnonymousUser) -> list[tuple[Round, int]]:
    """Return the settled rounds of the user's offices whose confirmed findings have no ticket yet, with the number of accounts."""
    seen = paths_seen_by(user)
    without = Finding.objects.filter(state=Finding.State.CONFIRMED, ticket_item=None, round__stage=Round.Stage.SETTLED)
    rows = without.order_by().values("round").annotate(n=Count("line", distinct=True))
    waiting = {row["round"]: row["n"] for row in rows}
    rounds = Round.objects.filter(pk__in=waiting).select_related("organ").order_by("-at")
    return [(r, waiting[r.pk]) for r in rounds if seen is None or has_role(user, Role.SUPERVISOR, organ=r.organ)]
