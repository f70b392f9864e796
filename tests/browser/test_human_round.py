"""The human round in a real browser, 390 px wide: two taps an account, with and without a network, with and without scripts."""

from __future__ import annotations

import os
import shutil
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from qiguan.collection.actions.checks import open_round
from qiguan.collection.models import CheckRound, CheckTask, HumanCheck
from qiguan.collection.queries.check_cards import day_keys
from qiguan.core.days import day_of
from qiguan.core.written_dates import SHANGHAI
from qiguan.jobs import clock
from qiguan.register.models import Account
from tests.factories import Town, make_account, make_town

sync_api = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: install chromium to drive the check screen"),
]
SHOTS = os.environ.get("QIGUAN_SHOTS", "")  # a folder to leave pictures in
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def town(settings: Any, transactional_db: None) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return make_town()


@pytest.fixture
def round_(town: Town) -> CheckRound:
    for n in range(12):
        make_account(town.commerce, f"南例{n:02}", platform_id=f"nl-{n:02}", link=f"https://example.com/{n}")
    now = clock.now() - timedelta(hours=1)
    return open_round(organ=town.city, title="第三季度", accounts=Account.objects.all(), seed="1", by=None, at=now)


@pytest.fixture
def browser(chromium: Any) -> Any:
    """The session's browser: two drivers in one thread refuse each other."""
    return chromium


def phone(browser: Any, live_server: Any, user: Any, **more: Any) -> Any:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    given = {"viewport": PHONE, "has_touch": True, "service_workers": "allow"} | more
    context = browser.new_context(base_url=live_server.url, **given)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    return context


def opened(context: Any, round_: CheckRound) -> Any:
    page = context.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(f"/office/check/{round_.public_id}/work/")
    page.wait_for_selector("[data-check][data-ready]")
    return page


def look(page: Any, days_ago: int) -> float:
    """Record one account by two taps; return the seconds until the next is shown."""
    before = page.inner_text("[data-name]")
    keys = page.locator("[data-days] label")
    started = time.perf_counter()
    keys.nth(keys.count() - 1 - days_ago).tap()
    page.locator("button.go").tap()
    page.wait_for_function("name => document.querySelector('[data-name]').textContent !== name", arg=before)
    return time.perf_counter() - started


def picture(page: Any, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


def stored(count: int) -> list[HumanCheck]:
    for _ in range(100):
        found = list(HumanCheck.objects.order_by("pk"))
        if len(found) >= count:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{len(found)} records arrived, {count} were made")


def test_two_taps_record_an_account_online(browser: Any, live_server: Any, round_: CheckRound, town: Town):
    context = phone(browser, live_server, town.users["checker"])
    page = opened(context, round_)
    picture(page, "check-390")
    taken = [look(page, 2) for _ in range(5)]
    found = stored(5)
    today = clock.now().astimezone(SHANGHAI).date()
    assert {day_of(c.newest_at) for c in found} == {today - timedelta(days=2)}
    assert len({c.account_id for c in found}) == 5
    assert max(taken) < 5
    assert page.errors == []
    print(f"\nonline: 2 taps an account, {sorted(taken)[2]:.2f} s from the first tap to the next account (median of 5)")
    context.close()


def test_nothing_is_lost_without_a_network_nor_by_closing_the_page(
    browser: Any, live_server: Any, round_: CheckRound, town: Town
):
    context = phone(browser, live_server, town.users["checker"])
    page = opened(context, round_)
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    page.wait_for_function("() => caches.open('check-2').then(c => c.keys()).then(k => k.length > 3)")
    context.set_offline(True)
    taken = [look(page, n) for n in range(4)]
    assert "待传4条" in page.inner_text("[data-kept]")
    picture(page, "check-390-offline")
    shown = page.inner_text("[data-name]")
    page.close()
    page = context.new_page()
    page.goto(f"/office/check/{round_.public_id}/work/")
    page.wait_for_function("() => document.querySelector('[data-kept]').textContent.includes('待传4条')")
    assert page.inner_text("[data-name]") == shown  # the first that was not done
    page.wait_for_selector("[data-check][data-ready]")
    look(page, 0)
    assert HumanCheck.objects.count() == 0
    context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    found = stored(5)
    page.wait_for_function("() => document.querySelector('[data-kept]').textContent.includes('已存5条')")
    assert len(found) == len({c.account_id for c in found}) == 5
    print(f"\noffline: 2 taps an account, {sorted(taken)[2]:.2f} s from the first tap to the next account (median of 4)")
    context.close()


def test_a_picture_taken_without_a_network_arrives_too(
    browser: Any, live_server: Any, round_: CheckRound, town: Town, tmp_path: Path
):
    file = tmp_path / "shot.png"
    Image.new("RGB", (1170, 2532), "white").save(file)
    context = phone(browser, live_server, town.users["checker"])
    page = opened(context, round_)
    context.set_offline(True)
    page.set_input_files("[name=shot]", str(file))
    assert page.inner_text("[data-shot-word]") == "已加"
    look(page, 1)
    assert page.evaluate("document.querySelector('[name=shot]').files.length") == 0
    context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    [check] = stored(1)
    assert check.screenshot.startswith("sha256:")
    context.close()


def test_a_lost_answer_doubles_nothing(browser: Any, live_server: Any, round_: CheckRound, town: Town):
    context = phone(browser, live_server, town.users["checker"])
    page = opened(context, round_)
    lost = []

    def lose(route: Any) -> None:
        if not lost:
            lost.append(route.fetch())  # the server kept it, the phone never heard
            route.abort()
        else:
            route.continue_()

    page.route("**/sync/", lose)
    look(page, 1)
    for _ in range(200):
        page.wait_for_timeout(50)  # routes are answered only while the driver is waited on
        if lost:
            break
    stored(1)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.wait_for_function("() => document.querySelector('[data-kept]').textContent.includes('已存')")
    assert lost
    assert HumanCheck.objects.count() == 1
    context.close()


def test_a_refusal_is_told_kept_and_can_be_mended(browser: Any, live_server: Any, round_: CheckRound, town: Town):
    context = phone(browser, live_server, town.users["checker"])
    page = opened(context, round_)
    name = page.inner_text("[data-name]")
    page.evaluate("document.querySelector('[data-days] label:last-of-type input').value = '2031-01-01'")
    keys = page.locator("[data-days] label")
    keys.nth(keys.count() - 1).tap()
    page.locator("button.go").tap()
    page.wait_for_selector("[data-refused] li")
    assert "在核查时间之后" in page.inner_text("[data-refused]")
    page.reload()
    page.wait_for_selector("[data-refused] li")  # still there
    picture(page, "check-390-refused")
    page.click("text=重记")
    assert page.inner_text("[data-name]") == name
    look(page, 3)
    [check] = stored(1)
    assert check.account.name == name
    page.wait_for_selector("[data-refused] li", state="detached")
    context.close()


def test_a_slip_of_the_finger_is_put_right_by_a_second_record(browser: Any, live_server: Any, round_: CheckRound, town: Town):
    context = phone(browser, live_server, town.users["checker"])
    page = opened(context, round_)
    name = page.inner_text("[data-name]")
    look(page, 5)
    page.tap("[data-again]")
    assert page.inner_text("[data-name]") == name
    look(page, 4)
    first, second = stored(2)
    assert first.account == second.account
    assert second.newest_at - first.newest_at == timedelta(days=1)
    assert CheckTask.objects.exclude(done_at=None).count() == 1
    context.close()


def test_the_keyboard_alone_does_it(browser: Any, live_server: Any, round_: CheckRound, town: Town):
    context = phone(browser, live_server, town.users["checker"], viewport={"width": 1280, "height": 900}, has_touch=False)
    page = opened(context, round_)
    picture(page, "check-1280")
    today = clock.now().astimezone(SHANGHAI).date()
    wanted = [today, today - timedelta(days=1), today - timedelta(days=7), today - timedelta(days=3)]
    strokes = [["0"], ["ArrowLeft"], ["ArrowUp"], list(str(wanted[3].day))]
    for n, keys in enumerate(strokes, start=1):
        before = page.inner_text("[data-name]")
        for key in [*keys, "Enter"]:
            page.keyboard.press(key)
        page.wait_for_function("name => document.querySelector('[data-name]').textContent !== name", arg=before)
        stored(n)
    found = HumanCheck.objects.order_by("at", "pk")
    assert [day_of(c.newest_at) for c in found] == wanted
    context.close()


def test_an_app_is_asked_whether_it_works_not_for_a_day(browser: Any, live_server: Any, town: Town):
    for name, platform in (("掌上南例", "app"), ("南例商务", "wechat_mp")):
        make_account(town.commerce, name, platform=platform)
    now = clock.now() - timedelta(hours=1)
    round_ = open_round(organ=town.city, title="", accounts=Account.objects.all(), seed="1", by=None, at=now)
    context = phone(browser, live_server, town.users["checker"])
    page = opened(context, round_)
    assert page.inner_text("[data-name]") == "掌上南例"
    assert not page.is_visible("[data-days]")
    assert not page.is_visible("[value=never]")
    picture(page, "check-390-app")
    page.locator("label", has_text="用不了").tap()
    page.locator("button.go").tap()
    page.wait_for_function("() => document.querySelector('[data-name]').textContent === '南例商务'")
    assert page.is_visible("[data-days]")
    assert not page.is_visible("[value=broken]")
    [check] = stored(1)
    assert (check.said, check.newest_at, check.menu) == ("newest", None, False)
    context.close()


def test_the_days_move_on_when_the_page_is_used_the_next_morning(browser: Any, live_server: Any, round_: CheckRound, town: Town):
    context = phone(browser, live_server, town.users["checker"])
    page = opened(context, round_)
    context.set_offline(True)
    today = clock.now().astimezone(SHANGHAI).date()
    page.evaluate("() => { const real = Date.now; Date.now = () => real() + 86400000; }")
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    keys = page.eval_on_selector_all("[data-days] input", "nodes => nodes.map(n => [n.value, n.nextElementSibling.innerText])")
    expected = [[k["iso"], k["word"]] for k in day_keys(today + timedelta(days=1))]
    assert keys == expected
    context.close()


def test_the_other_pages_send_what_waits(browser: Any, live_server: Any, round_: CheckRound, town: Town):
    context = phone(browser, live_server, town.users["checker"])
    page = opened(context, round_)
    context.set_offline(True)
    look(page, 1)
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto("/office/check/")
    page.wait_for_selector("text=手机里存着的1条，传上去1条")
    stored(1)
    context.close()


def test_the_whole_round_ends_with_thanks(browser: Any, live_server: Any, round_: CheckRound, town: Town):
    context = phone(browser, live_server, town.users["checker"])
    page = opened(context, round_)
    for _ in range(11):
        look(page, 1)
    keys = page.locator("[data-days] label")
    keys.nth(keys.count() - 1).tap()
    page.locator("button.go").tap()
    page.wait_for_url(f"**/office/check/{round_.public_id}/")
    assert "12个看了12个" in page.inner_text("h1")
    picture(page, "round-390")
    context.close()


SLOW = """() => {
  const real = window.fetch;
  window.fetch = async (...given) => { const answer = await real(...given); await new Promise((on) => setTimeout(on, 700)); return answer; };
}"""


def test_a_slow_network_neither_asks_an_account_twice_nor_holds_the_end_back(
    browser: Any, live_server: Any, round_: CheckRound, town: Town
):
    context = phone(browser, live_server, town.users["checker"])
    page = opened(context, round_)
    page.evaluate(SLOW)  # every answer is under way while the next accounts are recorded
    for _ in range(11):
        look(page, 1)
    keys = page.locator("[data-days] label")
    keys.nth(keys.count() - 1).tap()
    page.locator("button.go").tap()
    page.wait_for_url(f"**/office/check/{round_.public_id}/", timeout=15000)
    assert HumanCheck.objects.count() == HumanCheck.objects.values("account").distinct().count() == 12
    context.close()


def test_it_works_without_scripts(browser: Any, live_server: Any, round_: CheckRound, town: Town):
    context = phone(browser, live_server, town.users["checker"], java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/office/check/{round_.public_id}/work/")
    name = page.inner_text("h1")
    keys = page.locator("[data-days] label")
    keys.nth(keys.count() - 2).tap()
    with page.expect_navigation():
        page.locator("button.go").tap()
    assert page.inner_text("h1") != name
    assert f"刚才：{name}" in page.inner_text("[data-last]")
    assert HumanCheck.objects.count() == 1
    context.close()


def test_another_person_on_the_same_phone_never_sends_the_firsts_records(
    browser: Any, live_server: Any, round_: CheckRound, town: Town
):
    context = phone(browser, live_server, town.users["checker"])
    page = opened(context, round_)
    context.set_offline(True)
    look(page, 1)
    page.close()
    context.set_offline(False)
    client = Client()
    client.force_login(town.users["second"], backend="django.contrib.auth.backends.ModelBackend")
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = opened(context, round_)
    assert "待传" not in page.inner_text("[data-kept]")
    assert HumanCheck.objects.count() == 0
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_are_accessible_and_fit(browser: Any, live_server: Any, round_: CheckRound, town: Town, width: int):
    context = phone(browser, live_server, town.users["supervisor"], viewport={"width": width, "height": 844})
    for name, path in (("rounds", ""), ("round", f"{round_.public_id}/"), ("work", f"{round_.public_id}/work/")):
        page = context.new_page()
        page.goto(f"/office/check/{path}")
        page.wait_for_timeout(300)
        result = axe.Axe().run(page)
        assert len(result.response["passes"]) > 15
        assert [(v["id"], v["nodes"][0]["html"]) for v in result.response["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        picture(page, f"{name}-{width}")
        page.close()
    context.close()
