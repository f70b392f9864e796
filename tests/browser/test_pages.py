"""Every page in a real browser: at 390 and 1280 px nothing runs off the side, axe finds nothing serious, nothing is blocked by the policy."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from qiguan.inspection.actions.standing import judge_all
from qiguan.jobs import clock
from tests.factories import AT, make_account, make_town
from tests.inspection.test_standings import give_posts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


@pytest.fixture
def place(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    town = make_town()
    for n, days in enumerate((1, 11, 16, 40, 200)):
        give_posts(make_account(town.commerce, f"南例第{n}号", platform_id=f"gh_{n}", link="https://weibo.com/u/1"), days)
    make_account(town.audit, "没人看过", platform="weibo", platform_id="7")
    judge_all(at=AT)
    from qiguan.inspection.models import Standing

    town.account = Standing.objects.get(name="南例第2号").public_id
    return town


def serious(page) -> list[str]:
    results = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in results if v["impact"] in {"serious", "critical"}]


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_of_officials_are_sound(page_at, live_server, place, width):
    page = page_at(width, "supervisor")
    paths = [
        "overview/",
        "accounts/",
        f"accounts/{place.account}/",
        "silence/",
        "coverage/",
        "sources/",
        "register/",
        "register/filings/",
        "register/filings/new/open/",
        "register/organs/",
        "returns/",
        "check/",
        "rules/",
        "calendar/",
    ]
    for path in paths:
        answer = page.goto(f"{live_server.url}/office/{path}")
        assert answer.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} runs off the side"
        assert serious(page) == [], path
    assert page.complaints == []


@pytest.mark.parametrize("width", [390, 1280])
def test_a_citizen_finds_an_account_without_scripts_and_by_keyboard(page_at, live_server, place, width):
    page = page_at(width, java_script_enabled=False)
    page.goto(live_server.url + "/")
    page.focus("main [name=q]")
    page.keyboard.type("南例第1号")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=**")
    assert "在册，主办单位为南例县商务局" in page.inner_text("h1")
    with_scripts = page_at(width)
    for path in ("/", "/?q=南例", "/?q=完全无关", "/login/"):
        with_scripts.goto(live_server.url + path)
        assert serious(with_scripts) == [], path
        assert with_scripts.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [390, 1280])
def test_a_citizen_tells_of_a_post_without_scripts_and_by_keyboard(page_at, live_server, place, width):
    from qiguan.collection.models import Sighting

    page = page_at(width, java_script_enabled=False)
    page.goto(live_server.url + "/?q=gh_3")
    page.get_by_role("link", name="我看到它更新了").click()
    page.get_by_label("那一篇的链接").fill("https://evil.example.invalid/")
    page.get_by_label("发布日期").fill("2026-09-15")
    page.keyboard.press("Enter")
    assert "这不是微信公众号的链接" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("发布日期").input_value() == "2026-09-15"
    page.get_by_label("那一篇的链接").fill("https://mp.weixin.qq.com/s/abc")
    page.keyboard.press("Enter")
    page.wait_for_url("**/seen/thanks/")
    assert "谢谢" in page.inner_text("h1")
    assert Sighting.objects.count() == 1
    looked_at = page_at(width)
    looked_at.goto(live_server.url + "/?q=gh_3")
    looked_at.get_by_role("link", name="我看到它更新了").click()
    for _ in range(2):
        assert serious(looked_at) == []
        assert looked_at.evaluate("document.documentElement.scrollWidth") <= width
        looked_at.goto(live_server.url + "/seen/thanks/")
    assert looked_at.complaints == []


def test_axe_can_find_something(page_at):
    page = page_at(390)
    page.set_content("<html><body><img src='x'><input></body></html>")
    assert serious(page)
