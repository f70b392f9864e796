"""A ticket from opening to closing: once an account and round, deadlines with reasons, one chase, the level above, extensions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.factories import AT, make_account

from qiguan.config.morning import queue_mornings
from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.ticket import TicketState, What
from qiguan.inspection.actions.rounds import Choice, judge_round, open_round
from qiguan.jobs.models import WorkingDay
from qiguan.people.models import AuditEntry
from qiguan.people.outbox.models import Notice
from qiguan.rectification.actions import tickets as module
from qiguan.rectification.actions.chasing import chase_tickets, escalate_overdue
from qiguan.rectification.actions.extensions import ask_extension, decide_extension
from qiguan.rectification.actions.tickets import acknowledge_ticket, open_tickets, recount_deadlines, report_ticket
from qiguan.rectification.models import Step, Ticket, TicketItem

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LATE = datetime(2026, 10, 9, 2, 0, tzinfo=UTC)


def words_of(ticket) -> list[str]:
    return [s.what for s in ticket.steps.all()]


def test_each_failed_account_gets_one_ticket_however_often_it_is_asked(settled):
    boss = settled.users["supervisor"]
    assert open_tickets(round_=settled.round, by=boss, at=AT) == 2
    assert open_tickets(round_=settled.round, by=boss, at=AT) == 0
    assert set(Ticket.objects.values_list("name", flat=True)) == {"停更的", "又停更的"}
    assert TicketItem.objects.count() == settled.round.findings.filter(state="confirmed").count()
    assert Step.objects.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.create(
            line=Ticket.objects.get(name="停更的").line, account=settled.dead, round=settled.round, office=settled.city, opened_at=AT,
            moved_at=AT, counts_from=AT.date(), base_days=1,
        )  # fmt: skip


def test_opening_goes_on_where_it_was_killed(settled, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 1)
    real, calls = module._open, []

    def once(*args):
        if calls:
            raise KeyboardInterrupt
        calls.append(1)
        return real(*args)

    monkeypatch.setattr(module, "_open", once)
    with pytest.raises(KeyboardInterrupt):
        open_tickets(round_=settled.round, by=None, at=AT)
    assert Ticket.objects.count() == 1
    monkeypatch.setattr(module, "_open", real)
    assert open_tickets(round_=settled.round, by=None, at=AT) == 1
    assert Step.objects.count() == 2


def test_a_second_worker_that_read_before_the_first_wrote_adds_nothing(settled, monkeypatch):
    """Both see the same findings without a ticket; the second writes after the first."""
    ids = list(settled.round.findings.filter(state="confirmed").values_list("line_id", flat=True))
    stale = module._standing(ids)
    assert module._open(settled.round, ids, 10, None, AT) == 2
    monkeypatch.setattr(module, "_standing", lambda _: stale)
    assert module._open(settled.round, ids, 10, None, AT) == 0
    assert (Ticket.objects.count(), Step.objects.count(), TicketItem.objects.count()) == (2, 2, len(ids))


def test_an_open_round_gives_no_tickets_and_only_its_supervisor_opens(settled):
    make_account(settled.audit, "x", platform_id="gh_9")
    round_ = open_round(organ=settled.city, title="x", at=AT, choice=Choice(), by=None, now=AT)
    judge_round(round_=round_, at=AT)
    with pytest.raises(QiguanError, match="还不能发整改通知"):
        open_tickets(round_=round_, by=None, at=AT)
    for who in ("unit", "east", "county", "auditor"):
        with pytest.raises(NotPermitted):
            open_tickets(round_=settled.round, by=settled.users[who], at=AT)
    with pytest.raises(QiguanError, match="1到60"):
        open_tickets(round_=settled.round, by=None, at=AT, days=0)


def test_the_deadline_says_why_this_date(open_town):
    ticket = open_town.ticket
    assert ticket.due_on == date(2026, 9, 30)  # 17, 18, 20 (a Sunday that works), 21 to 24, 28 to 30
    assert "10个工作日" in ticket.due_because
    assert "没有全国标准" in ticket.due_because
    assert "放假，不计入" in ticket.due_because


def test_a_deadline_past_the_known_years_is_flagged_and_counted_when_the_calendar_comes(settled):
    WorkingDay.objects.filter(day__gte="2026-09-20").delete()
    open_tickets(round_=settled.round, by=None, at=AT)
    ticket = Ticket.objects.get(name="停更的")
    assert ticket.due_on is None
    assert ticket.due_because.startswith("待日历公布")
    assert escalate_overdue(at=AT + timedelta(days=300)) == 0  # nobody is late by a guess
    assert recount_deadlines(at=AT) == 0
    from qiguan.core.calendar import seed

    rows = [WorkingDay(day=r.day, is_working=r.is_working, note=r.note) for r in seed([2026])]
    WorkingDay.objects.bulk_create(rows, ignore_conflicts=True)
    assert recount_deadlines(at=AT) == 2
    ticket.refresh_from_db()
    assert ticket.due_on == date(2026, 9, 30)
    assert recount_deadlines(at=AT) == 0


def test_the_unit_acknowledges_and_reports_and_nobody_else(open_town):
    ticket = open_town.ticket
    for who in ("east", "county", "supervisor", "auditor", "contractor", "checker"):
        with pytest.raises(NotPermitted):
            acknowledge_ticket(ticket=ticket, by=open_town.users[who], at=AT)
    acknowledge_ticket(ticket=ticket, by=open_town.users["operator"], at=AT)
    with pytest.raises(QiguanError, match="不能签收"):
        acknowledge_ticket(ticket=ticket, by=open_town.users["unit"], at=AT)
    with pytest.raises(QiguanError, match="没有写整改情况"):
        report_ticket(ticket=ticket, words=" ", by=open_town.users["unit"], at=AT)
    report_ticket(
        ticket=ticket, words="已恢复", files=[("报告.pdf", "application/pdf", b"%PDF-1")], by=open_town.users["unit"], at=AT
    )
    assert ticket.state == TicketState.REPORTED
    assert words_of(ticket) == ["open", "acknowledge", "report"]
    assert ticket.steps.last().files.get().name == "报告.pdf"
    assert AuditEntry.objects.filter(action="ticket_report").count() == 1


def test_a_step_is_only_added(open_town):
    step = open_town.ticket.steps.get()
    with pytest.raises(TypeError):
        step.save()
    with pytest.raises(TypeError):
        step.delete()


def test_there_is_exactly_one_chase_and_none_after_the_deadline(open_town):
    boss, tickets = open_town.users["supervisor"], [open_town.ticket, open_town.other]
    with pytest.raises(NotPermitted):
        chase_tickets(tickets=tickets, by=open_town.users["county"], at=AT)
    assert chase_tickets(tickets=[open_town.ticket], by=boss, at=AT).chased == 1
    stale = Ticket.objects.get(pk=open_town.ticket.pk)
    stale.chased_at = None  # read before the other hand wrote
    assert chase_tickets(tickets=[stale], by=boss, at=AT).before == 1
    found = chase_tickets(tickets=list(Ticket.objects.all()), by=boss, at=LATE)
    assert (found.chased, found.late) == (0, 2)
    assert words_of(open_town.ticket).count("chase") == 1
    assert "转上一级" in found.words
    with pytest.raises(QiguanError, match="没有选"):
        chase_tickets(tickets=[], by=boss, at=AT)


def test_after_the_deadline_the_level_above_is_told_once(open_town):
    last = datetime(2026, 9, 30, 15, 59, tzinfo=UTC)
    assert escalate_overdue(at=last) == 0  # 23:59 of the last day
    assert escalate_overdue(at=LATE) == 2
    assert escalate_overdue(at=LATE) == 0
    ticket = Ticket.objects.get(pk=open_town.ticket.pk)
    assert ticket.escalated_to == open_town.south
    assert words_of(ticket)[-1] == "escalate"


def test_what_is_reported_in_time_is_not_late(open_town):
    report_ticket(ticket=open_town.ticket, words="已恢复", by=open_town.users["unit"], at=AT)
    assert escalate_overdue(at=LATE) == 1
    assert not Ticket.objects.get(pk=open_town.ticket.pk).escalated_at


def test_an_extension_is_asked_once_at_a_time_before_the_deadline_and_counted_with_its_reason(open_town):
    ticket, unit, boss = open_town.ticket, open_town.users["unit"], open_town.users["supervisor"]
    with pytest.raises(NotPermitted):
        ask_extension(ticket=ticket, days=3, reason="换人", by=open_town.users["operator"], at=AT)
    with pytest.raises(QiguanError, match="1到30"):
        ask_extension(ticket=ticket, days=31, reason="换人", by=unit, at=AT)
    asked = ask_extension(ticket=ticket, days=5, reason="换人", by=unit, at=AT)
    with pytest.raises(QiguanError, match="在等答复"):
        ask_extension(ticket=ticket, days=1, reason="再要", by=unit, at=AT)
    with pytest.raises(NotPermitted):
        decide_extension(extension=asked, days=5, answer="", by=unit, at=AT)
    with pytest.raises(QiguanError, match="最多给5个"):
        decide_extension(extension=asked, days=6, answer="", by=boss, at=AT)
    decide_extension(extension=asked, days=2, answer="", by=boss, at=AT)
    ticket.refresh_from_db()
    assert ticket.due_on == date(2026, 10, 9)
    assert "延期2个" in ticket.due_because
    with pytest.raises(QiguanError, match="已经答复过"):
        decide_extension(extension=asked, days=2, answer="", by=boss, at=AT)
    second = ask_extension(ticket=ticket, days=5, reason="还要", by=unit, at=AT)
    with pytest.raises(QiguanError, match="没有写不同意的理由"):
        decide_extension(extension=second, days=0, answer=" ", by=boss, at=AT)
    decide_extension(extension=second, days=0, answer="够了", by=boss, at=AT)
    ticket.refresh_from_db()
    assert ticket.due_on == date(2026, 10, 9)
    with pytest.raises(QiguanError, match="已过"):
        ask_extension(ticket=ticket, days=1, reason="x", by=unit, at=LATE + timedelta(days=5))


def test_who_sees_which_ticket(open_town):
    def seen(who: str) -> set[str]:
        return set(Ticket.objects.visible_to(open_town.users[who]).values_list("name", flat=True))

    both = {"停更的", "又停更的"}
    assert [seen(w) for w in ("supervisor", "auditor", "unit", "operator", "county", "east", "checker", "contractor")] == [
        both, both, {"停更的"}, {"停更的"}, {"停更的"}, {"又停更的"}, set(), set(),
    ]  # fmt: skip


def test_every_step_taken_is_one_the_machine_knows(open_town):
    assert {s.what for s in Step.objects.all()} <= {w.value for w in What}


def test_people_are_told_once_and_only_those_it_concerns(open_town):
    def told(who: str) -> list[str]:
        return list(Notice.objects.filter(to=open_town.users[who]).order_by("pk").values_list("title", flat=True))

    assert told("unit") == []  # the morning's message tells it, with all else
    open_tickets(round_=open_town.round, by=None, at=AT)
    chase_tickets(tickets=[open_town.ticket], by=open_town.users["supervisor"], at=AT)
    escalate_overdue(at=LATE)
    escalate_overdue(at=LATE)
    morning = LATE + timedelta(days=4)
    queue_mornings(at=morning)
    queue_mornings(at=morning)
    assert told("unit") == told("operator") == ["1件整改已超期"]
    assert told("county") == ["1件整改有进展"]
    lines = Notice.objects.get(to=open_town.users["unit"]).lines
    assert len(lines) == 1
    assert "整改通知" in lines[0]
    assert "催办" in lines[0]
    assert "又停更的" not in lines[0]
    assert ["又停更的" in line for line in Notice.objects.get(to=open_town.users["east"]).lines] == [True]
    assert told("auditor") == []
