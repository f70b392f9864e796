"""Open tickets from a settled round's confirmed findings; the unit acknowledges and reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from qiguan.core.days import day_of, say_day
from qiguan.core.errors import QiguanError
from qiguan.core.ticket import TicketState, What
from qiguan.core.verdict import Word
from qiguan.inspection.models import Finding, Round, RoundAccount, Verdict
from qiguan.jobs.keys import public_id
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, Role, User
from qiguan.people.queries import demand_role
from qiguan.rectification.actions.taking import Document, demand_words, take_step
from qiguan.rectification.actions.telling import tell_pressing
from qiguan.rectification.models import Step, Ticket, TicketItem
from qiguan.rectification.queries.deadlines import calendar_from, due_by
from qiguan.rectification.queries.permits import demand_unit

CHUNK = 200


def open_tickets(*, round_: Round, by: User | None, at: datetime, days: int | None = None) -> int:
    """Open a ticket for each account of a settled round with confirmed findings and none yet; return how many.

    `days`: working days to put it right, the setting where None. A chunk is one transaction; safe to kill, to run twice, and
    by several workers: an account's line has one ticket, a finding stands on one.
    """
    if by is not None:
        demand_role(by, Role.SUPERVISOR, organ=round_.organ)
    if round_.stage != Round.Stage.SETTLED:
        raise QiguanError(
            f"“{round_.title}”{round_.get_stage_display()}，还不能发整改通知", place=round_.title, remedy="先研判完并定案"
        )
    days = settings.RECTIFY_DAYS if days is None else days
    if not 1 <= days <= 60:
        raise QiguanError("整改期限要在1到60个工作日之间", place="整改期限", remedy="请改一个数")
    opened = 0
    wanted = Finding.objects.filter(round=round_, state=Finding.State.CONFIRMED, ticket_item=None)
    after = 0  # the scope is frozen and its findings are decided: nothing comes in behind
    while ids := list(wanted.filter(line__gt=after).order_by("line_id").values_list("line_id", flat=True).distinct()[:CHUNK]):
        after = ids[-1]
        opened += _open(round_, ids, days, by, at)
    return opened


def _open(round_: Round, ids: Sequence[int], days: int, by: User | None, at: datetime) -> int:
    """1. The findings that still stand after corrections. 2. Tickets, where none is yet. 3. Items, history and notices of ours."""
    lines = {line.pk: line for line in RoundAccount.objects.filter(pk__in=ids).select_related("account", "account__owner")}
    standing = _standing(ids)
    calendar, today = calendar_from(day_of(at)), day_of(at)
    fresh = []
    for pk, line in lines.items():
        if pk in standing:
            office = _office(round_, line)
            ticket = Ticket(
                public_id=public_id(), line=line, account_id=line.account_id, round=round_, office=office, office_path=office.path, own=line.own, name=line.name,
                platform=line.platform, owner_name=line.account.owner.name, owner_path=line.account.owner_path, supervisor_path=line.account.supervisor_path,
                opened_at=at, moved_at=at, counts_from=today, base_days=days,
            )  # fmt: skip
            due = due_by(ticket, calendar)
            ticket.due_on, ticket.due_because = due.day, due.because[:600]
            fresh.append(ticket)
    with transaction.atomic():
        Ticket.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=100)
        kept = {
            t.line_id: t
            for t in Ticket.objects.filter(line__in=list(standing)).select_related("account", "account__owner", "office")
        }
        names = {t.public_id for t in fresh}
        ours = [t for t in kept.values() if t.public_id in names]
        TicketItem.objects.bulk_create(
            [TicketItem(ticket=kept[f.line_id], finding=f) for found in standing.values() for f in found],
            ignore_conflicts=True,
            batch_size=200,
        )
        words = f"整改通知：{say_day(today)}发出"
        steps = [Step(ticket=t, what=What.OPEN.value, at=at, by=by, words=words, state=t.state) for t in ours]
        for step in Step.objects.bulk_create(steps):
            _notify(step, standing[step.ticket.line_id], by, at)
        if ours:
            record_audit(action="open_tickets", by=by, at=at, on=round_, organ=round_.organ, fields=["tickets"], count=len(ours))
    return len(ours)


def _standing(ids: Sequence[int]) -> dict[int, list[Finding]]:
    """Confirmed findings by line, without the vetoes of a verdict that was corrected to no failure."""
    corrected = set(
        Verdict.objects.filter(line__in=ids, replaced_by=None, replaces__isnull=False)
        .exclude(word=Word.FAIL)
        .values_list("line_id", flat=True)
    )
    found: dict[int, list[Finding]] = defaultdict(list)
    confirmed = Finding.objects.filter(line__in=ids, state=Finding.State.CONFIRMED, ticket_item=None)
    for finding in confirmed.order_by("-veto", "rule"):
        if not (finding.veto and finding.line_id in corrected):
            found[finding.line_id].append(finding)
    return found


def _office(round_: Round, line: RoundAccount) -> Organ:
    return round_.organ.parent if line.own and round_.organ.parent is not None else round_.organ


def _notify(step: Step, findings: Sequence[Finding], by: User | None, at: datetime) -> None:
    """The morning's message tells the rest; a deadline of the next working day cannot wait for it."""
    ticket = step.ticket
    until = f"请在{say_day(ticket.due_on)}前整改" if ticket.due_on else ticket.due_because
    tell_pressing(
        step=step, title=f"整改通知：{ticket.name}", lines=[*(f.title for f in findings), until, "不再需要这个账号的，可以直接申请关停"], by=by, at=at
    )  # fmt: skip


def acknowledge_ticket(*, ticket: Ticket, by: User, at: datetime) -> Step:
    """Say that the unit has the ticket."""
    demand_unit(by, ticket, What.ACKNOWLEDGE)
    return take_step(ticket=ticket, what=What.ACKNOWLEDGE, by=by, at=at)


def report_ticket(*, ticket: Ticket, words: str, files: Sequence[Document] = (), by: User, at: datetime) -> Step:
    """Report what was done, with proof; the machine rechecks by what is seen after this moment."""
    demand_unit(by, ticket, What.REPORT)
    words = demand_words(words, place="整改情况", remedy="写一两句做了什么")
    with transaction.atomic():
        step = take_step(
            ticket=ticket,
            what=What.REPORT,
            by=by,
            at=at,
            words=words,
            files=files,
            reported_at=at,
            recheck="",
            needs_person=False,
        )
        ticket.items.update(recheck="", because="")
    return step


def recount_deadlines(*, at: datetime, limit: int = 2000) -> int:
    """Count the deadlines that waited for a year's calendar; return how many are known now."""
    waiting = Ticket.objects.filter(due_on=None).exclude(state=TicketState.CLOSED).order_by("counts_from")[:limit]
    done = 0
    for ticket in waiting:
        due = due_by(ticket, calendar_from(ticket.counts_from))
        if due.day is not None:
            take_step(
                ticket=ticket, what=What.RECOUNT, by=None, at=at, words=due.because, due_on=due.day, due_because=due.because[:600]
            )
            done += 1
    return done
