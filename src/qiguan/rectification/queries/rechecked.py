"""Judge the findings of reported tickets again by the facts of today: put right, still wrong, or not to be told by a machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from qiguan.core.activity import judge
from qiguan.core.days import day_of, say_at
from qiguan.core.evidence import weigh
from qiguan.core.facts import AccountFacts, State
from qiguan.core.inspect import inspect_account
from qiguan.core.rule import Breach, Clear, NotLooked, Outcome, Unknown
from qiguan.inspection.actions.judging import without_names
from qiguan.inspection.actions.standing import PackTable
from qiguan.inspection.models import Finding
from qiguan.inspection.queries.facts import facts_of
from qiguan.inspection.queries.story import present_moment
from qiguan.rectification.models import Ticket, TicketItem
from qiguan.register.models import Account

MOST = 400
SILENCE_RULES = frozenset({"GB19-M-V2a"})


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What a recheck found. `passed` None: it could not be told."""

    passed: bool | None
    because: str
    items: Sequence[tuple[TicketItem, Outcome]]
    alive_on: date | None  # the first day with content after the check point


def recheck(tickets: Sequence[Ticket], *, at: datetime) -> dict[int, Rechecked]:
    """Return by ticket what the facts of `at` say; at most MOST tickets, with `round` read."""
    accounts = {
        a.pk: a
        for a in Account.objects.filter(pk__in=[t.account_id for t in tickets]).select_related("owner", "owner__successor")
    }
    earliest = min((t.round.at for t in tickets), default=at)
    facts = facts_of(list(accounts.values()), at=at, look_from=earliest)
    items: dict[int, list[TicketItem]] = {t.pk: [] for t in tickets}
    for item in TicketItem.objects.filter(ticket__in=tickets, dropped_at=None).select_related("finding"):
        items[item.ticket_id].append(item)
    packs = PackTable(at)
    found = {}
    for ticket in tickets:
        fact, pack = without_names(facts[ticket.account_id]), packs.of(accounts[ticket.account_id])
        evidence = weigh(fact, at=at, counts=pack.counts)
        standing = judge(fact, pack, at, evidence=evidence)
        moment = present_moment(standing, pack)
        _, outcomes = inspect_account(fact, pack, at=moment, known_at=at, evidence=evidence if moment == at else None)
        since = ticket.reported_at or ticket.opened_at
        told = [(item, _fair(item.finding, outcomes, standing.as_of, since)) for item in items[ticket.pk]]
        found[ticket.pk] = _concluded(told, first_sign_of_life(fact, after=ticket.round.at))
    return found


def _fair(finding: Finding, outcomes: dict[str, Outcome], as_of: datetime | None, since: datetime) -> Outcome:
    """A breach counts only where somebody saw the account after the report: our silence is never their silence."""
    if finding.origin == Finding.Origin.PERSON:
        return Unknown("人工发现的问题，由人复查")
    outcome = outcomes.get(finding.rule) or NotLooked("这条规则已经不用")
    if isinstance(outcome, Breach) and (as_of is None or as_of < since):
        seen = f"只看清到{say_at(as_of)}" if as_of else "还没有谁看清"
        return Unknown(f"{seen}，没有到报送的时刻")
    return outcome


def _concluded(told: Sequence[tuple[TicketItem, Outcome]], alive_on: date | None) -> Rechecked:
    breaches = [(i, o) for i, o in told if isinstance(o, Breach)]
    unclear = [(i, o) for i, o in told if not isinstance(o, Breach | Clear)]
    passed = False if breaches else None if unclear or not told else True
    words = "；".join(f"{i.finding.title}：{o.because}" for i, o in breaches or unclear or told)
    return Rechecked(passed, words[:600], told, alive_on)


def first_sign_of_life(facts: AccountFacts, *, after: datetime) -> date | None:
    """Return the day of the first content after a moment, seen by any hand."""
    signs = [m for m in signs_of_life(facts) if m > after]
    return day_of(min(signs)) if signs else None


def signs_of_life(facts: AccountFacts) -> list[datetime]:
    """Return every moment at which content is known to have been published."""
    return [
        *(p.at for p in facts.posts),
        *(c.newest_at for c in facts.checks if c.newest_at is not None),
        *(s.posted_at for s in facts.sightings if s.posted_at is not None),
    ]


def was_silent(ticket: Ticket) -> bool:
    """Say whether the ticket is about silence: only then is its end a revival."""
    silent = ticket.line.state in {s.value for s in State if s.is_silence}
    return silent or ticket.items.filter(finding__rule__in=SILENCE_RULES, dropped_at=None).exists()
