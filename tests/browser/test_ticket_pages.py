"""Pages of tickets in a real browser: nothing runs off the side, axe finds nothing serious, every form by keyboard."""

from __future__ import annotations

from datetime import timedelta

import pytest

from qiguan.core.calendar import seed
from qiguan.inspection.actions.findings import confirm_findings
from qiguan.inspection.actions.rounds import Choice, judge_round, open_round
from qiguan.inspection.actions.settling import settle_round
from qiguan.jobs import clock
from qiguan.jobs.models import WorkingDay
from qiguan.rectification.actions.appeals import appeal_ticket
from qiguan.rectification.actions.tickets import open_tickets
from qiguan.rectification.models import Ticket
from tests.browser.test_pages import serious
from tests.factories import AT, make_account, make_town
from tests.inspection.test_rounds import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


@pytest.fixture
def place(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    town = make_town()
    WorkingDay.objects.bulk_create(
        [WorkingDay(day=r.day, is_working=r.is_working, note=r.note) for r in seed([2026])], ignore_conflicts=True
    )
    dead = make_account(town.commerce, "停更的", platform_id="gh_1")
    look(dead, 40, by=town.users["checker"])
    boss = town.users["supervisor"]
    round_ = open_round(organ=town.city, title="第三季度检查", at=AT - timedelta(days=1), choice=Choice(), by=boss, now=AT)
    judge_round(round_=round_, at=AT)
    confirm_findings(findings=list(round_.findings.all()), by=boss, at=AT)
    settle_round(round_=round_, by=boss, at=AT)
    town.round = round_
    return town


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_of_tickets_are_sound(page_at, live_server, place, width):
    page = page_at(width, "supervisor")
    office = f"{live_server.url}/office/rectification/"

    def sound(path: str) -> None:
        assert page.goto(office + path).status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} runs off the side"
        for fold in page.locator("main details").all():
            fold.evaluate("d => { d.open = true }")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} runs off the side when unfolded"
        assert serious(page) == [], path

    sound("")  # the round waits for its notices
    page.get_by_role("button", name="发出整改通知").click()
    page.get_by_text("发出1件整改通知").wait_for()
    ticket = Ticket.objects.get()
    sound("")
    sound(f"{ticket.public_id}/")
    sound("outcomes/")
    assert page.complaints == []


def test_a_unit_reports_by_keyboard_and_the_other_supervisor_answers_an_appeal(page_at, live_server, place):
    open_tickets(round_=place.round, by=place.users["supervisor"], at=AT)
    ticket = Ticket.objects.get()
    page = page_at(390, "unit")
    page.goto(f"{live_server.url}/office/rectification/{ticket.public_id}/")
    for fold in page.locator("main details").all():
        fold.evaluate("d => { d.open = true }")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(page) == []
    page.get_by_label("做了什么").focus()
    page.keyboard.type("已恢复更新")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("已报送").wait_for()
    assert Ticket.objects.get().state == "reported"


@pytest.mark.parametrize("width", [390, 1280])
def test_an_appeal_waits_for_another_person(page_at, live_server, place, width):
    open_tickets(round_=place.round, by=place.users["supervisor"], at=AT)
    ticket = Ticket.objects.get()
    appeal_ticket(ticket=ticket, words="那天有更新" * 60, by=place.users["unit"], at=AT)
    page = page_at(width, "second")
    page.goto(f"{live_server.url}/office/rectification/{ticket.public_id}/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert serious(page) == []
    assert page.get_by_role("button", name="所选成立，更正结论").count() == 1
