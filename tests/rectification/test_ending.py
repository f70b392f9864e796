"""Cancelling, merging, handing over in one sitting; the machine follows the filings; an ended account is watched."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.factories import AT, make_account
from tests.inspection.test_rounds import look

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.ticket import Cause
from qiguan.inspection.actions.standing import judge_all
from qiguan.rectification.actions.chasing import escalate_overdue
from qiguan.rectification.actions.ending import end_account, file_cancellation, settle_endings, watch_reopened
from qiguan.rectification.actions.rechecking import close_ticket
from qiguan.rectification.actions.tending import tend_tickets
from qiguan.rectification.models import Ticket
from qiguan.rectification.queries.rectified import rectified_words
from qiguan.register.actions.filings import decide_filing, submit_filing
from qiguan.register.models import Account, Filing

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SAID = {
    "basis": "示办发〔2026〕3号",
    "notice_on": "2026-09-16",
    "closes_on": "2026-10-01",
    "instead": "活着的",
    "followers": "800",
}
ENDS = datetime(2026, 10, 1, 2, 0, tzinfo=UTC)


def fresh(town) -> Ticket:
    return Ticket.objects.select_related("account", "filing").get(pk=town.ticket.pk)


def ended(town, how="cancel", cause=Cause.NOT_NEEDED, **changes):
    return end_account(ticket=fresh(town), how=how, said=SAID | changes, cause=cause, by=town.users["unit"], at=AT)


def approve(town, at=AT, *, yes=True):
    decide_filing(
        filing=Filing.objects.get(state="submitted"), approve=yes, reason="" if yes else "先整改", by=town.users["county"], at=at
    )


def test_a_needless_account_is_closed_in_one_sitting_and_counts_as_rectified(open_town):
    ended(open_town)
    assert fresh(open_town).state == "ending"
    assert settle_endings(at=AT) == {}  # nobody has approved yet
    approve(open_town)
    assert settle_endings(at=AT) == {"approved": 1}
    assert settle_endings(at=AT) == {}
    ticket = fresh(open_town)
    assert (ticket.due_on, ticket.due_because) == (date(2026, 10, 1), "公告的注销日期是2026年10月1日")
    assert ticket.account.replaced_by == open_town.alive
    assert ticket.ending_said["instead"] == "活着的（微信公众号，gh_3，南例县商务局）"
    with pytest.raises(QiguanError, match="还没有到"):
        file_cancellation(ticket=ticket, note="已注销", by=open_town.users["unit"], at=AT)
    file_cancellation(ticket=ticket, note="已注销", by=open_town.users["unit"], at=ENDS)
    late = ENDS + timedelta(days=5)  # the office takes its time: that is not the unit's lateness
    escalate_overdue(at=late)
    assert (fresh(open_town).escalated_at, fresh(open_town).is_late(late)) == (None, False)
    approve(open_town, ENDS)
    assert settle_endings(at=ENDS) == {"ended": 1}
    ticket = fresh(open_town)
    assert (ticket.state, ticket.cause, ticket.outcome, ticket.fixed_on) == (
        "closed",
        "不需要此号",
        "cancelled",
        date(2026, 10, 1),
    )
    assert rectified_words([ticket.line_id], at=ENDS) == {ticket.line_id: "10月1日注销"}
    assert [s.what for s in ticket.steps.all()] == ["open", "end", "end_approved", "cancelled", "ended"]


@pytest.mark.parametrize(
    ("how", "changes", "word"),
    [
        ("cancel", {"closes_on": "2026-09-30"}, "最早2026年10月1日"),
        ("cancel", {"followers": "20000"}, "最早2026年10月16日"),
        ("cancel", {"followers": ""}, "最早2026年11月15日"),
        ("cancel", {"followers": "很多"}, "粉丝数读不出来"),
        ("cancel", {"basis": ""}, "依据文件"),
        ("cancel", {"instead": " "}, "今后关注哪个账号"),
        ("cancel", {"notice_on": ""}, "没有写日期"),
        ("cancel", {"closes_on": "下个月"}, "日期读不出来"),
        ("merge", {"instead": "无"}, "并到哪个账号"),
        ("merge", {"instead": "没有这个号"}, "登记册里没有"),
        ("hand", {"owner": ""}, "移交给哪个单位"),
        ("sell", {}, "没有选怎么办"),
    ],
)
def test_what_a_notice_lacks_or_the_freeze_forbids_is_told_and_nothing_is_written(open_town, how, changes, word):
    with pytest.raises(QiguanError, match=word):
        ended(open_town, how, **changes)
    assert not Filing.objects.exists()
    assert fresh(open_town).state == "waiting"


def test_a_cause_is_chosen_by_the_unit_and_a_stranger_ends_nothing(open_town):
    with pytest.raises(QiguanError, match="没有选原因"):
        ended(open_town, cause="误判")
    for who in ("east", "operator", "auditor"):
        with pytest.raises(NotPermitted):
            end_account(ticket=fresh(open_town), how="cancel", said=SAID, cause=Cause.NO_ONE, by=open_town.users[who], at=AT)
    ended(open_town)
    with pytest.raises(QiguanError, match="关停办理中"):
        ended(open_town)
    assert Filing.objects.count() == 1


def test_a_returned_filing_gives_the_ticket_back(open_town):
    ended(open_town, "merge")
    before = fresh(open_town).due_on
    assert escalate_overdue(at=AT + timedelta(days=30)) == 1  # the other one: nobody is late while an approval is awaited
    approve(open_town, AT + timedelta(days=2), yes=False)
    assert settle_endings(at=AT + timedelta(days=3)) == {"returned": 1}
    ticket = fresh(open_town)
    assert (ticket.waited_days, ticket.due_on) == (2, date(2026, 10, 9))  # 30 September and two working days
    assert before == date(2026, 9, 30)
    assert (ticket.state, ticket.cause, ticket.filing) == ("fixing", "", None)
    assert "先整改" in ticket.steps.last().words


def test_a_hand_over_gives_the_new_unit_its_own_time_and_is_rechecked(open_town):
    end_account(
        ticket=fresh(open_town), how="hand", said={"owner": "示例市人民政府", "basis": "三定方案"}, cause=Cause.NO_ONE, by=open_town.users["unit"], at=AT
    )  # fmt: skip
    later = AT + timedelta(days=5)
    decide_filing(filing=Filing.objects.get(), approve=True, reason="", by=open_town.users["supervisor"], at=later)
    counts = tend_tickets(at=later)
    assert counts["handed"] == 1
    ticket = fresh(open_town)
    assert (ticket.owner_name, ticket.owner_path, ticket.state) == ("示例市人民政府", open_town.city.path, "reported")
    assert ticket.counts_from == later.date()
    assert not Ticket.objects.visible_to(open_town.users["unit"]).filter(pk=ticket.pk).exists()
    assert not ticket.account.staff.filter(until=None).exists()  # whoever ran it for the old unit
    look(open_town.dead, 46, by=open_town.users["checker"], at=later + timedelta(days=1))
    assert tend_tickets(at=later + timedelta(days=1))["failed"] == 1
    assert fresh(open_town).state == "fixing"


def test_an_account_closed_by_another_way_waits_for_its_cause(open_town):
    submit_filing(
        what="cancel", organ=open_town.commerce, account=open_town.dead, said={"note": "x"}, by=open_town.users["unit"], at=AT
    )
    approve(open_town)
    assert settle_endings(at=AT) == {"gone": 1}
    ticket = fresh(open_town)
    assert (ticket.state, ticket.outcome) == ("passed", "cancelled")
    close_ticket(ticket=ticket, cause=Cause.NOT_NEEDED, by=open_town.users["supervisor"], at=AT)
    assert ticket.state == "closed"


def test_an_ended_account_that_posts_again_is_flagged_once(open_town):
    make_account(open_town.city, "别的", platform_id="gh_77")
    Account.objects.filter(pk=open_town.dead.pk).update(status="closed", closed_on=AT.date())
    settle_endings(at=AT)
    close_ticket(ticket=fresh(open_town), cause=Cause.NOT_NEEDED, by=open_town.users["supervisor"], at=AT)
    later = AT + timedelta(days=40)
    look(open_town.dead, 1, by=open_town.users["checker"], at=later)
    judge_all(at=later)
    assert watch_reopened(at=later) == 1
    assert watch_reopened(at=later) == 0
    assert "又有内容" in fresh(open_town).steps.last().words
