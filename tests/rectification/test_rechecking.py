"""The machine rechecks by what was seen after the report; what it cannot tell a person rechecks; closing asks for a cause."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories import AT
from tests.inspection.test_rounds import look

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.ticket import Cause
from qiguan.rectification.actions.rechecking import close_ticket, decide_recheck, recheck_reported
from qiguan.rectification.actions.tickets import report_ticket
from qiguan.rectification.models import Ticket
from qiguan.rectification.queries.rectified import rectified_words
from qiguan.register.models import Account

pytestmark = [pytest.mark.django_db, pytest.mark.database]
REPORTED = AT + timedelta(days=5)
LATER = AT + timedelta(days=6)


@pytest.fixture
def reported(open_town):
    report_ticket(ticket=open_town.ticket, words="已恢复更新", by=open_town.users["unit"], at=REPORTED)
    return open_town


def fresh(town) -> Ticket:
    return Ticket.objects.get(pk=town.ticket.pk)


def test_nobody_saw_it_since_the_report_is_not_a_failure(reported):
    assert recheck_reported(at=LATER) == {"untold": 1}
    assert recheck_reported(at=LATER) == {"untold": 1}
    ticket = fresh(reported)
    assert (ticket.state, ticket.needs_person) == ("reported", True)
    assert [s.what for s in ticket.steps.all()].count("untold") == 1


def test_an_account_that_lives_again_passes_with_the_day_and_waits_for_its_cause(reported):
    look(reported.dead, 2, by=reported.users["checker"], at=LATER)  # its newest is three days before the look
    assert recheck_reported(at=LATER) == {"passed": 1}
    ticket = fresh(reported)
    assert (ticket.state, ticket.outcome) == ("passed", "revived")
    assert ticket.fixed_on == (LATER - timedelta(days=3)).date()
    assert ticket.items.get().recheck == "Clear"
    assert rectified_words([ticket.line_id], at=LATER) == {}  # not before it is closed
    close_ticket(ticket=ticket, cause=Cause.NO_CONTENT, by=reported.users["supervisor"], at=LATER)
    assert rectified_words([ticket.line_id], at=LATER) == {ticket.line_id: "9月19日恢复更新"}
    assert rectified_words([ticket.line_id], at=REPORTED) == {}
    assert rectified_words([ticket.line_id], at=LATER + timedelta(days=200)) == {ticket.line_id: "2026年9月19日恢复更新"}


def test_silence_that_somebody_saw_after_the_report_fails(reported):
    look(reported.dead, 46, by=reported.users["checker"], at=LATER)
    assert recheck_reported(at=LATER) == {"failed": 1}
    assert fresh(reported).state == "fixing"
    assert fresh(reported).items.get().recheck == "Breach"


def test_a_person_rechecks_what_the_machine_cannot_tell(reported):
    ticket, boss = fresh(reported), reported.users["supervisor"]
    with pytest.raises(QiguanError, match="还没有轮到人"):
        decide_recheck(ticket=ticket, passed=True, words="看过", by=boss, at=LATER)
    recheck_reported(at=LATER)
    ticket = fresh(reported)
    with pytest.raises(NotPermitted):
        decide_recheck(ticket=ticket, passed=True, words="看过", by=reported.users["unit"], at=LATER)
    with pytest.raises(QiguanError, match="没有写复查看到什么"):
        decide_recheck(ticket=ticket, passed=True, words=" ", by=boss, at=LATER)
    decide_recheck(ticket=ticket, passed=True, words="9月21日有三篇", by=boss, at=LATER)
    assert (ticket.state, ticket.outcome, ticket.fixed_on) == ("passed", "revived", REPORTED.date())


def test_closing_asks_for_a_cause_that_was_answered(reported):
    look(reported.dead, 2, by=reported.users["checker"], at=LATER)
    boss = reported.users["supervisor"]
    with pytest.raises(QiguanError, match="不能销号"):
        close_ticket(ticket=fresh(reported), cause=Cause.CANNOT, by=boss, at=LATER)
    recheck_reported(at=LATER)
    ticket = fresh(reported)
    for cause, word in (("", "没有选原因"), (Cause.NOT_NEEDED, "关停"), (Cause.MISJUDGED, "申诉")):
        with pytest.raises(QiguanError, match=word):
            close_ticket(ticket=ticket, cause=cause, by=boss, at=LATER)
    Account.objects.filter(pk=reported.dead.pk).update(staffing="none")
    reported.dead.staff.all().delete()
    with pytest.raises(QiguanError, match="运营人员"):
        close_ticket(ticket=fresh(reported), cause=Cause.NO_ONE, by=boss, at=LATER)
    with pytest.raises(NotPermitted):
        close_ticket(ticket=ticket, cause=Cause.CANNOT, by=reported.users["unit"], at=LATER)
    close_ticket(ticket=ticket, cause=Cause.CANNOT, words="培训过了", by=boss, at=LATER)
    assert fresh(reported).state == "closed"
