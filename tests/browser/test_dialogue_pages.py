"""Dialogue in a real browser: a citizen's whole way without scripts and by keyboard, nothing off the side, axe finds nothing."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from qiguan.core.calendar import seed
from qiguan.dialogue.actions.desks import set_desk
from qiguan.dialogue.actions.replying import write_reply
from qiguan.dialogue.models import Message
from qiguan.jobs import clock
from qiguan.jobs.models import WorkingDay
from tests.dialogue.conftest import write
from tests.factories import AT, make_account, make_town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
HOSTILE = "\u202e<b>x</b> ئۇيغۇرچە سوئال\nབོད་ཡིག་གི་དྲི་བ། " + "长" * 300 + "a" * 300


@pytest.fixture
def open_desk(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    town = make_town()
    WorkingDay.objects.bulk_create(
        [WorkingDay(day=r.day, is_working=r.is_working, note=r.note) for r in seed([2026])], ignore_conflicts=True
    )
    set_desk(organ=town.city, mode="own", counter="大厅3号窗口", by=None, at=AT)
    town.account = make_account(town.commerce, "南例商务", platform_id="gh_1")
    return town


def test_a_citizen_without_scripts_writes_reads_and_marks_by_keyboard(page_at, live_server, open_desk):
    page = page_at(390, java_script_enabled=False)
    page.goto(f"{live_server.url}/?q=南例商务")
    page.click("text=问一句")
    page.get_by_label("您想说什么").focus()
    page.keyboard.insert_text("消费券过期了还能补领吗？")
    page.get_by_role("button", name="下一步").press("Enter")
    assert "2026年9月22日前" in page.inner_text("main")
    page.get_by_role("button", name="提交").press("Enter")
    code = page.inner_text(".num .id")
    page.reload()  # the form is sent again: the same code
    assert page.inner_text(".num .id") == code
    write_reply(message=Message.objects.get(), text="可以，九月底前补领。", by=open_desk.users["unit"], at=AT)
    page.goto(f"{live_server.url}/ask/track/{code.replace('-', '')}/")
    assert "九月底前补领" in page.inner_text("main")
    page.get_by_label("部分").press("Space")
    page.get_by_role("button", name="说给他们听").press("Enter")
    assert Message.objects.get().mark == "part"
    assert page.locator("text=再开一次").count()


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_of_dialogue_are_sound(page_at, live_server, open_desk, width):
    commerce = open_desk.commerce
    sent = write(commerce, HOSTILE, contact="13800000000", mail="a@example.org")
    held = write(commerce, "我的身份证11010519491231002X，求查")
    answered = write(commerce, "能不能登招工消息", consent=True)
    write(commerce, "窗口态度恶劣推诿")
    write_reply(message=answered.message, text=HOSTILE, by=open_desk.users["unit"], at=AT)
    page = page_at(width)
    paths = [
        "ask/?q=商务", f"ask/write/?account={open_desk.account.public_id}", f"ask/write/?organ={commerce.public_id}&kind=complaint", "ask/track/", "ask/public/",
        "ask/rules/", *(f"ask/track/{s.code}/" for s in (sent, held, answered)),
    ]  # fmt: skip
    sound(page, live_server.url, paths, width)
    page = page_at(width, "supervisor")
    messages = [s.message.public_id for s in (sent, held, answered)]
    office = ["?view=all", "counter/", "desks/", "must-tell/", *(f"{m}/" for m in messages)]
    sound(page, live_server.url, [f"office/messages/{path}" for path in office], width)


def sound(page, base, paths, width):
    for path in paths:
        answer = page.goto(f"{base}/{path}")
        assert answer.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} runs off the side"
        if width > 390:  # the same markup: axe has looked at it on the phone
            continue
        found = [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in Axe().run(page).response["violations"]]
        assert found == [], path
    assert page.complaints == []
