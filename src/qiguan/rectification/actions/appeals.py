"""申诉: one for a ticket, before the deadline; answered by another person than the one who confirmed; upheld, the verdict is corrected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from qiguan.core.days import day_of, say_day
from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.ticket import Cause, Outcome, What
from qiguan.inspection.actions.settling import correct_verdict, verdict_of
from qiguan.inspection.models import Finding, Verdict
from qiguan.people.models import User
from qiguan.rectification.actions.extensions import drop_question
from qiguan.rectification.actions.taking import Document, demand_words, take_step
from qiguan.rectification.actions.telling import tell_unit
from qiguan.rectification.models import Appeal, Ticket, TicketItem
from qiguan.rectification.queries.deadlines import calendar_from, due_by, working_days_between
from qiguan.rectification.queries.permits import confirmed_it, demand_office, demand_unit


def appeal_ticket(*, ticket: Ticket, words: str, files: Sequence[Document] = (), by: User, at: datetime) -> Appeal:
    """Say what is wrong and why; the words are kept as written. Time stands still until the answer."""
    demand_unit(by, ticket, What.APPEAL)
    words = demand_words(words, place="申诉的理由", remedy="写清哪里不对、凭什么", most=1000)
    if ticket.is_late(at):
        until = say_day(ticket.due_on) if ticket.due_on else ""
        raise QiguanError(f"期限{until}已过，不能再申诉", place=ticket.name, remedy="请整改并报送，情况写在整改报告里")
    try:
        with transaction.atomic():
            take_step(ticket=ticket, what=What.APPEAL, by=by, at=at, words=words, files=files)
            appeal = Appeal.objects.create(ticket=ticket, words=words, asked_at=at, asked_by=by)
            drop_question(ticket=ticket, at=at)
    except IntegrityError as error:
        raise QiguanError("这张整改单已经申诉过一次", place=ticket.name, remedy="请整改并报送", code="conflict") from error
    return appeal


def decide_appeal(*, appeal: Appeal, upheld: Sequence[TicketItem], answer: str, by: User, at: datetime) -> Appeal:
    """Answer an appeal: `upheld` are the findings that were wrong; none of them rejects it.

    All wrong: the ticket is closed as 误判. Some: they are dropped and the rest goes on. Where the verdict no longer holds
    without them, it is corrected in the same transaction. The working days that the appeal took are given back.
    """
    ticket = appeal.ticket
    demand_office(by, ticket)
    if confirmed_it(by, ticket):
        raise NotPermitted("确认问题的人不能答复申诉", place=ticket.name, remedy="请另一位监管员答复", code="forbidden")
    answer = demand_words(answer, place="答复", remedy="写清核实的结果，会告诉主办单位", most=600)
    standing = list(ticket.items.filter(dropped_at=None).select_related("finding"))
    wrong = {item.pk for item in upheld} & {item.pk for item in standing}
    if len(wrong) != len({item.pk for item in upheld}):
        raise QiguanError("所选的问题不在这张整改单上", place=ticket.name, remedy="刷新后再选")
    every = len(wrong) == len(standing)
    what = What.REJECT if not wrong else What.UPHOLD if every else What.UPHOLD_PART
    state = {What.REJECT: Appeal.State.REJECTED, What.UPHOLD: Appeal.State.UPHELD}.get(what, Appeal.State.PART)
    with transaction.atomic():
        if (
            Appeal.objects.filter(pk=appeal.pk, state=Appeal.State.ASKED).update(
                state=state, answer=answer, decided_at=at, decided_by=by
            )
            != 1
        ):
            raise QiguanError("这件申诉已经答复过", place=ticket.name, remedy="刷新后再看", code="conflict")
        TicketItem.objects.filter(pk__in=wrong).update(dropped_at=at)
        if wrong:
            gone = [item.finding for item in standing if item.pk in wrong]
            correction = _correct(ticket, gone, answer, by, at)
            Appeal.objects.filter(pk=appeal.pk).update(correction=correction)
        if every:
            step = take_step(
                ticket=ticket, what=what, by=by, at=at, words=answer, cause=Cause.MISJUDGED.value, outcome=Outcome.MISJUDGED.value, fixed_on=day_of(at),
                closed_at=at, closed_by=by,
            )  # fmt: skip
        else:
            calendar = calendar_from(ticket.counts_from)
            taken = working_days_between(calendar, day_of(appeal.asked_at), day_of(at))
            due = due_by(ticket, calendar, waited=taken)
            step = take_step(
                ticket=ticket, what=what, by=by, at=at, words=answer, waited_days=ticket.waited_days + taken, due_on=due.day, due_because=due.because[:600]
            )  # fmt: skip
        title = f"申诉答复（{state.label}）：{ticket.name}"
        tell_unit(step=step, key=f"{ticket.public_id}:{step.pk}", title=title, lines=[answer[:300]], by=by, at=at)
    appeal.refresh_from_db()
    return appeal


def _correct(ticket: Ticket, gone: Sequence[Finding], answer: str, by: User, at: datetime) -> Verdict | None:
    """Conclude the line again without these findings; correct the verdict where the word changes."""
    current = Verdict.objects.select_related("line__round__organ").get(line=ticket.line_id, replaced_by=None)
    line = current.line
    findings = list(Finding.objects.filter(line=line))
    dropped = set(TicketItem.objects.filter(ticket=ticket, dropped_at__isnull=False).values_list("finding_id", flat=True))
    for finding in findings:
        if finding.pk in dropped or finding.pk in {f.pk for f in gone}:
            finding.state, finding.reason = Finding.State.DISMISSED, f"申诉成立：{answer}"[:300]
    new = verdict_of(line, findings, by=by, at=at)
    if new.word == current.word:
        return None
    return correct_verdict(verdict=current, word=new.word, because=new.because, reason=f"申诉成立：{answer}", by=by, at=at)
