"""Tickets in the morning's message: one a person and day with the warnings, nothing lost, nothing doubled, urgent things at once."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta

import pytest
from tests.factories import AT
from tests.inspection.test_morning import stand

from qiguan.config.morning import queue_mornings
from qiguan.core.days import day_of
from qiguan.core.errors import QiguanError
from qiguan.core.written_dates import SHANGHAI
from qiguan.inspection.actions import warnings as warning_actions
from qiguan.people.models import AuditEntry
from qiguan.people.outbox.models import Notice
from qiguan.rectification.actions import morning as morning_actions
from qiguan.rectification.actions.appeals import appeal_ticket, decide_appeal
from qiguan.rectification.actions.chasing import chase_tickets
from qiguan.rectification.actions.extensions import ask_extension, decide_extension
from qiguan.rectification.actions.rechecking import close_ticket, decide_recheck
from qiguan.rectification.actions.tending import tend_tickets
from qiguan.rectification.actions.tickets import acknowledge_ticket, report_ticket
from qiguan.rectification.models import Step, StepTold, Ticket

NEXT = datetime(2026, 9, 17, 9, 5, tzinfo=SHANGHAI)  # AT is Wednesday 2026-09-16, 10:00
LAST = datetime(2026, 9, 29, 9, 5, tzinfo=SHANGHAI)  # the morning before the last: due on 2026-09-30


def titles(town, who):
    return list(Notice.objects.filter(to=town.users[who]).order_by("pk").values_list("title", flat=True))


def test_a_new_ticket_is_told_the_next_morning_together_with_the_warnings(open_town):
    stand(open_town.alive, line=timedelta(days=2))
    queue_mornings(at=NEXT)
    queue_mornings(at=NEXT + timedelta(minutes=5))
    assert titles(open_town, "unit") == ["1件整改在办"]
    assert titles(open_town, "operator") == ["1个账号快到更新期限，1件整改在办"]
    notice = Notice.objects.get(to=open_town.users["operator"])
    assert notice.link == "/office/waiting/"
    assert [("活着的" in line, "停更的" in line) for line in notice.lines] == [(True, False), (False, True)]
    assert AuditEntry.objects.get(action="queue_warnings").count == 2  # 又停更的 has nobody


def test_then_nothing_until_its_deadline_is_near(open_town):
    queue_mornings(at=NEXT)
    for days in (1, 4, 5, 6, 7, 8):
        queue_mornings(at=NEXT + timedelta(days=days))
    assert len(titles(open_town, "unit")) == 1
    queue_mornings(at=LAST)
    assert len(titles(open_town, "unit")) == 2


def test_the_office_hears_every_morning_while_it_is_waited_for_and_then_no_more(open_town):
    queue_mornings(at=NEXT)
    asked = ask_extension(ticket=open_town.ticket, days=3, reason="在办管理员变更", by=open_town.users["unit"], at=NEXT)
    assert titles(open_town, "supervisor") == []
    for day in (1, 4):
        queue_mornings(at=NEXT + timedelta(days=day))
    assert titles(open_town, "supervisor") == titles(open_town, "second") == ["1件延期待答复"] * 2
    decide_extension(extension=asked, days=3, answer="", by=open_town.users["second"], at=NEXT + timedelta(days=4, hours=1))
    queue_mornings(at=NEXT + timedelta(days=5))
    assert len(titles(open_town, "supervisor")) == 2
    assert "同意延期" in Notice.objects.filter(to=open_town.users["unit"]).latest("pk").lines[0]


def test_an_appeal_waits_for_another_person_and_its_answer_comes_at_once(open_town):
    queue_mornings(at=NEXT)
    appeal = appeal_ticket(ticket=open_town.ticket, words="每周都有发布", by=open_town.users["unit"], at=NEXT)
    queue_mornings(at=NEXT + timedelta(days=1))
    assert titles(open_town, "supervisor") == []  # who confirmed the finding does not answer
    assert titles(open_town, "second") == ["1件申诉待答复"]
    answered = NEXT + timedelta(days=1, hours=3)
    decide_appeal(appeal=appeal, upheld=[], answer="监测时间点前没有内容", by=open_town.users["second"], at=answered)
    assert titles(open_town, "unit")[-1] == "申诉答复（不成立）：停更的"
    queue_mornings(at=answered + timedelta(days=3))
    assert len(titles(open_town, "unit")) == 2  # not told again in the morning


def test_a_deadline_of_the_next_working_day_is_told_at_once_and_once_a_day(open_town):
    for hour in (1, 2):
        chase_tickets(
            tickets=[open_town.ticket, open_town.other], by=open_town.users["supervisor"], at=LAST + timedelta(hours=hour)
        )
    assert titles(open_town, "unit") == ["催办：停更的"]
    assert Notice.objects.get(to=open_town.users["unit"]).kind == "ticket_now"


def test_a_morning_that_was_missed_is_made_up_for_only_where_it_would_be_too_late(open_town):
    queue_mornings(at=NEXT + timedelta(hours=5))
    assert titles(open_town, "unit") == []
    queue_mornings(at=LAST + timedelta(days=1, hours=5))  # the afternoon of the last day
    assert titles(open_town, "unit") == ["1件整改在办"]


def test_a_crash_half_way_leaves_no_step_told_without_its_message(open_town, monkeypatch):
    def broken(person, steps):
        def keep(notice):
            raise RuntimeError("power cut")

        return keep

    monkeypatch.setattr(morning_actions, "_keeper", broken)
    with pytest.raises(RuntimeError):
        queue_mornings(at=NEXT)
    assert not Notice.objects.exists()
    monkeypatch.undo()
    queue_mornings(at=NEXT + timedelta(minutes=4))
    assert StepTold.objects.count() == Notice.objects.count() == 2
    assert Notice.objects.filter(kind=warning_actions.KIND).count() == 2


@pytest.mark.parametrize("luck", range(3))
def test_whatever_happens_nothing_is_doubled_and_every_step_is_told(open_town, luck):
    """A month of steps by all sides with restarts and a clock that jumps: one morning's message a person and day at most."""
    draw, users, at = random.Random(luck), open_town.users, AT
    for _ in range(30):
        at += timedelta(hours=draw.choice([5, 19, 24, 43]))
        for ticket in Ticket.objects.select_related("account__owner", "office"):
            _act(draw, ticket, users, at)
        tend_tickets(at=at)
        for jump in draw.sample([0, 0, 4, 60, -1440, 300], 3):
            queue_mornings(at=at.astimezone(SHANGHAI).replace(hour=9, minute=5) + timedelta(minutes=jump))
    end = at.astimezone(SHANGHAI).replace(hour=9, minute=30)
    for day in range(1, 11):
        queue_mornings(at=end + timedelta(days=day))
    mornings = Counter((n.to_id, n.key) for n in Notice.objects.filter(kind="warning"))
    assert max(mornings.values()) == 1
    pressing = Counter((n.to_id, n.key) for n in Notice.objects.filter(kind="ticket_now"))
    assert max(pressing.values(), default=1) == 1
    heard = {"open", "chase", "grant", "refuse", "fail", "close", "reject"}
    mine = Step.objects.filter(ticket=open_town.ticket, what__in=heard).exclude(by=users["unit"])
    told = set(StepTold.objects.filter(user=users["unit"]).values_list("step_id", flat=True))
    assert {s.pk for s in mine} <= told
    assert day_of(at) > day_of(AT)


def _act(draw, ticket, users, at):
    ways = [
        lambda: acknowledge_ticket(ticket=ticket, by=users["unit"], at=at),
        lambda: report_ticket(ticket=ticket, words="已更新", by=users["unit"], at=at),
        lambda: chase_tickets(tickets=[ticket], by=users["supervisor"], at=at),
        lambda: ask_extension(ticket=ticket, days=2, reason="x", by=users["unit"], at=at),
        lambda: decide_extension(
            extension=ticket.extensions.get(state="asked"), days=0, answer="不必", by=users["second"], at=at
        ),
        lambda: appeal_ticket(ticket=ticket, words="不对", by=users["unit"], at=at),
        lambda: decide_appeal(appeal=ticket.appeal, upheld=[], answer="没有", by=users["second"], at=at),
        lambda: decide_recheck(ticket=ticket, passed=draw.random() < 0.5, words="看过", by=users["second"], at=at),
        lambda: close_ticket(ticket=ticket, cause="不会", by=users["second"], at=at),
    ]
    try:
        draw.choice(ways)()
    except (QiguanError, ticket.extensions.model.DoesNotExist, Ticket.appeal.RelatedObjectDoesNotExist):
        return


def test_what_waits_is_on_one_page_and_only_for_whom_it_waits(client, open_town, monkeypatch):
    from qiguan.jobs import clock

    monkeypatch.setattr(clock, "now", lambda: NEXT)
    stand(open_town.dead, state="overdue", line=None)
    ask_extension(ticket=open_town.ticket, days=3, reason="在办管理员变更", by=open_town.users["unit"], at=AT)

    def page(who):
        client.force_login(open_town.users[who])
        return client.get("/office/waiting/").content.decode()

    assert "停更的：整改在办" in page("operator")
    assert "停更的（微信公众号）：超期未更新" in page("unit")
    assert "停更的：延期待答复" in page("supervisor")
    assert "没有等您处理的" in page("east")
    assert "停更的" not in page("auditor")
