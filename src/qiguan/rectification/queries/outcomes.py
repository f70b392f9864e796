"""The figures of a year: zombies ended, days to the end, relapse after six months, causes. What is not proven is counted apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count, QuerySet

from qiguan.core.activity import judge
from qiguan.core.days import add_months, start_of
from qiguan.core.facts import AccountFacts, State
from qiguan.core.pack import Pack
from qiguan.core.ticket import Outcome, TicketState, alive_throughout
from qiguan.inspection.actions.standing import PackTable
from qiguan.inspection.queries.facts import facts_of
from qiguan.people.models import Organ, any_within
from qiguan.rectification.models import Ticket
from qiguan.rectification.queries.rechecked import signs_of_life
from qiguan.register.models import Account

REVIVED_FOR = timedelta(days=90)
RELAPSE_MONTHS = 6
ZOMBIES = (State.ZOMBIE, State.NEVER_POSTED)
CHUNK = 200


@dataclass(slots=True)
class Outcomes:
    """Figures over tickets opened in a period, as known at `at`. Sums: `zombies` is `ended` and everything beside it."""

    at: datetime
    tickets: int = 0
    closed: int = 0
    zombies: int = 0  # tickets of accounts that were 僵尸 or 从未发布 at the check point
    revived: int = 0  # content without a gap over the line for 90 days, proven by what was seen
    merged: int = 0
    closed_with_successor: int = 0
    closed_without: int = 0  # closed; citizens were named no other account
    reviving: int = 0  # put right, 90 days not over yet
    not_proven: int = 0  # put right, 90 days over, not proven by what was seen
    misjudged: int = 0
    still_open: int = 0
    days_to_end: int | None = None  # median over the ended zombies, from the notice to the day it was put right
    relapse_due: int = 0  # revived or put right accounts whose six months are over
    relapsed: int = 0
    held: int = 0
    relapse_unknown: int = 0  # nobody can say how it stands at six months
    causes: dict[str, int] = field(default_factory=dict)

    @property
    def ended(self) -> int:
        """Zombies ended: revived for 90 days, merged, closed with a successor."""
        return self.revived + self.merged + self.closed_with_successor


def outcomes(*, organ: Organ, since: datetime, until: datetime, at: datetime) -> Outcomes:
    """Count the tickets of an organ's jurisdiction opened from `since` up to `until`, by the facts known at `at`."""
    found = Outcomes(at=at)
    mine = Ticket.objects.filter(
        any_within(["owner_path", "office_path"], [organ.path]), opened_at__gte=since, opened_at__lt=until
    )
    found.tickets = mine.count()
    found.closed = mine.filter(state=TicketState.CLOSED, closed_at__lte=at).count()
    done = mine.filter(state=TicketState.CLOSED, closed_at__lte=at)
    found.causes = {
        r["cause"]: r["n"] for r in done.exclude(cause="").values("cause").annotate(n=Count("pk")).order_by("-n", "cause")
    }
    days: list[int] = []
    for ticket, facts, pack in _with_facts(mine.select_related("line", "account").order_by("pk"), at):
        over = ticket.state == TicketState.CLOSED and ticket.closed_at is not None and ticket.closed_at <= at
        _relapse(found, ticket, facts, pack, over, at)
        if ticket.line.state not in {s.value for s in ZOMBIES}:
            continue
        found.zombies += 1
        before = found.ended
        word = _ending(ticket, facts, pack, over, at)
        setattr(found, word, getattr(found, word) + 1)
        if found.ended > before and ticket.fixed_on is not None:
            days.append(max(0, (ticket.fixed_on - ticket.counts_from).days))
    found.days_to_end = int(median(days)) if days else None
    return found


def _with_facts(tickets: QuerySet[Ticket], at: datetime) -> Iterator[tuple[Ticket, AccountFacts, Pack]]:
    packs = PackTable(at)
    rows = list(tickets)
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        accounts = {
            a.pk: a
            for a in Account.objects.filter(pk__in=[t.account_id for t in chunk]).select_related("owner", "owner__successor")
        }
        facts = facts_of(list(accounts.values()), at=at, look_from=min(t.opened_at for t in chunk))
        for ticket in chunk:
            yield ticket, facts[ticket.account_id], packs.of(accounts[ticket.account_id])


def _ending(ticket: Ticket, facts: AccountFacts, pack: Pack, over: bool, at: datetime) -> str:
    """Name the figure that a zombie's ticket belongs to."""
    if not over or ticket.fixed_on is None:
        return "still_open"
    if ticket.outcome == Outcome.MISJUDGED:
        return "misjudged"
    if ticket.outcome == Outcome.MERGED:
        return "merged"
    if ticket.outcome == Outcome.CANCELLED:
        return "closed_with_successor" if ticket.account.replaced_by_id else "closed_without"
    start = start_of(ticket.fixed_on)
    if at < start + REVIVED_FOR:
        return "reviving"
    return "revived" if alive_throughout(signs_of_life(facts), start, start + REVIVED_FOR, pack.line) else "not_proven"


def _relapse(found: Outcomes, ticket: Ticket, facts: AccountFacts, pack: Pack, over: bool, at: datetime) -> None:
    """Look at what was revived as it stands six months later, by what is known at `at`."""
    if not over or ticket.fixed_on is None or ticket.outcome != Outcome.REVIVED:
        return
    moment = add_months(start_of(ticket.fixed_on), RELAPSE_MONTHS)
    if at < moment:
        return
    found.relapse_due += 1
    state = judge(facts, pack, moment, known_at=at).state
    if state.is_silence:
        found.relapsed += 1
    elif state in {State.ACTIVE, State.DUE, State.CLOSED, State.CLOSING}:
        found.held += 1
    else:
        found.relapse_unknown += 1
