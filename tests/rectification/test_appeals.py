"""An appeal: one, before the deadline, answered by another person; upheld, the verdict is corrected and nothing accuses any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.factories import AT

from qiguan.archive.actions import store_blob
from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.inspection.actions.findings import add_finding, confirm_findings
from qiguan.inspection.actions.rounds import Choice, judge_round, open_round
from qiguan.inspection.actions.settling import settle_round
from qiguan.inspection.models import Verdict
from qiguan.rectification.actions.appeals import appeal_ticket, decide_appeal
from qiguan.rectification.actions.extensions import ask_extension
from qiguan.rectification.actions.tickets import open_tickets
from qiguan.rectification.models import Appeal, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NEXT_WEEK = datetime(2026, 9, 21, 2, 0, tzinfo=UTC)


def appealed(town) -> Appeal:
    return appeal_ticket(ticket=town.ticket, words="9月10日有更新，<b>请核</b>", by=town.users["unit"], at=AT)


def test_an_upheld_appeal_corrects_the_verdict_and_closes_as_misjudged(open_town):
    appeal = appealed(open_town)
    item = open_town.ticket.items.get()
    with pytest.raises(NotPermitted, match="确认问题的人"):
        decide_appeal(appeal=appeal, upheld=[item], answer="属实", by=open_town.users["supervisor"], at=NEXT_WEEK)
    with pytest.raises(NotPermitted):
        decide_appeal(appeal=appeal, upheld=[item], answer="属实", by=open_town.users["county"], at=NEXT_WEEK)
    with pytest.raises(QiguanError, match="没有写答复"):
        decide_appeal(appeal=appeal, upheld=[item], answer=" ", by=open_town.users["second"], at=NEXT_WEEK)
    decide_appeal(appeal=appeal, upheld=[item], answer="属实", by=open_town.users["second"], at=NEXT_WEEK)
    ticket = Ticket.objects.get(pk=open_town.ticket.pk)
    assert (ticket.state, ticket.cause, ticket.outcome) == ("closed", "误判", "misjudged")
    assert (appeal.state, appeal.words) == ("upheld", "9月10日有更新，<b>请核</b>")
    current = Verdict.objects.get(account=open_town.dead, replaced_by=None)
    assert appeal.correction == current
    assert current.word != "不合格"
    assert "申诉成立：属实" in current.correction
    with pytest.raises(QiguanError, match="已经答复过"):
        decide_appeal(appeal=appeal, upheld=[], answer="x", by=open_town.users["second"], at=NEXT_WEEK)


def test_a_rejected_appeal_gives_its_working_days_back(open_town):
    appeal = appealed(open_town)
    before = open_town.ticket.due_on
    decide_appeal(appeal=appeal, upheld=[], answer="核对后台，那天没有更新", by=open_town.users["second"], at=NEXT_WEEK)
    ticket = Ticket.objects.get(pk=open_town.ticket.pk)
    assert ticket.state == "fixing"
    assert ticket.waited_days == 4  # 17, 18, 20, 21 September
    assert ticket.due_on > before
    assert "等答复4个" in ticket.due_because
    with pytest.raises(QiguanError, match="已经申诉过一次"):
        appeal_ticket(ticket=ticket, words="再看看", by=open_town.users["unit"], at=NEXT_WEEK)
    assert Verdict.objects.filter(account=open_town.dead).count() == 1


def test_an_appeal_is_the_units_and_in_time(open_town):
    for who in ("operator", "east", "supervisor"):
        with pytest.raises(NotPermitted):
            appeal_ticket(ticket=open_town.ticket, words="x", by=open_town.users[who], at=AT)
    with pytest.raises(QiguanError, match="不能再申诉"):
        appeal_ticket(ticket=open_town.ticket, words="x", by=open_town.users["unit"], at=AT + timedelta(days=30))
    asked = ask_extension(ticket=open_town.ticket, days=2, reason="x", by=open_town.users["unit"], at=AT)
    appealed(open_town)
    asked.refresh_from_db()
    assert asked.state == "refused"  # the question is answered by the way the ticket took


def test_a_part_that_is_upheld_is_dropped_and_the_rest_goes_on(settled):
    boss, second = settled.users["supervisor"], settled.users["second"]
    round_ = open_round(organ=settled.city, title="又一批", at=AT - timedelta(hours=1), choice=Choice(), by=boss, now=AT)
    judge_round(round_=round_, at=AT)
    proof = store_blob(data=b"shot", media_type="image/png", at=AT)
    line = round_.accounts.get(account=settled.dead)
    other = next(code for code in line.outcomes if code not in set(line.findings.values_list("rule", flat=True)))
    add_finding(line=line, rule=other, because="看到了", proof=proof, by=boss, at=AT)
    confirm_findings(findings=list(round_.findings.filter(state="suspected")), by=boss, at=AT)
    settle_round(round_=round_, by=boss, at=AT)
    open_tickets(round_=round_, by=boss, at=AT)
    ticket = Ticket.objects.get(account=settled.dead)
    assert ticket.items.count() >= 2
    appeal = appeal_ticket(ticket=ticket, words="第二条不对", by=settled.users["unit"], at=AT)
    foreign = Ticket.objects.exclude(pk=ticket.pk).first().items.first()
    with pytest.raises(QiguanError, match="不在这张整改单上"):
        decide_appeal(appeal=appeal, upheld=[foreign], answer="属实", by=second, at=AT)
    decide_appeal(appeal=appeal, upheld=[ticket.items.get(finding__rule=other)], answer="属实", by=second, at=AT)
    ticket.refresh_from_db()
    assert (ticket.state, appeal.state) == ("fixing", "part")
    assert not ticket.items.filter(dropped_at=None, finding__rule=other).exists()
    assert Verdict.objects.get(line=line, replaced_by=None).word == "不合格"  # the silence still decides
