"""研判 in a real browser: by keyboard alone, at 390 px, and without scripts; every page of a round is sound."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from qiguan.archive.actions import store_blob
from qiguan.inspection.actions.findings import add_finding, confirm_findings
from qiguan.inspection.actions.rounds import Choice, draw_round, judge_round, open_round
from qiguan.inspection.actions.settling import settle_round
from qiguan.inspection.models import Finding, Round, Verdict
from qiguan.jobs import clock
from tests.browser.test_pages import serious
from tests.factories import AT, make_account, make_town
from tests.inspection.test_rounds import look

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
POINT = AT - timedelta(hours=10)


@pytest.fixture
def place(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    town = make_town()
    for n, platform in enumerate(("wechat_mp", "weibo", "toutiao", "kuaishou", "bilibili", "wechat_channels")):
        account = make_account(town.commerce, f"南例停更第{n}号", platform=platform, platform_id=f"gh_{n}")
        look(account, 30 + n, by=town.users["checker"])
    look(make_account(town.audit, "东例活着的", platform_id="gh_a"), 2, by=town.users["checker"])
    make_account(town.audit, "没人看过的", platform="weibo", platform_id="7")
    town.round = open_round(organ=town.city, title="第三季度检查", at=POINT, choice=Choice(), by=None, now=AT)
    judge_round(round_=town.round, at=AT)
    return town


def states(town) -> list[str]:
    return list(town.round.findings.order_by("pk").values_list("state", flat=True))


def current(page) -> str:
    return page.evaluate("document.activeElement.dataset.finding || ''")


def test_findings_are_decided_by_keyboard_alone(page_at, live_server, place):
    page = page_at(1280, "supervisor")
    names = list(
        place.round.findings.order_by("-veto", "line__owner_path", "line_id", "rule").values_list("public_id", flat=True)
    )
    page.goto(f"{live_server.url}/office/rounds/{place.round.public_id}/findings/")
    press = page.keyboard.press
    press("j")
    assert current(page) == names[0]
    press("j"), press("j"), press("k")
    assert current(page) == names[1]
    with page.expect_navigation():
        press("Enter")
    assert Finding.objects.get(public_id=names[1]).state == "confirmed"
    assert current(page) == names[2]  # the cursor goes on by itself
    press("x")
    assert page.evaluate("document.activeElement.id") == "reason"
    page.keyboard.type("看错了账号 j x m")  # letters in the box are letters
    with page.expect_navigation():
        press("Enter")
    dismissed = Finding.objects.get(public_id=names[2])
    assert (dismissed.state, dismissed.reason) == ("dismissed", "看错了账号 j x m")
    assert current(page) == names[3]
    press(" "), press("j"), press(" ")
    assert "选了2条" in page.inner_text("[data-chosen]")
    with page.expect_navigation():
        press("Enter")
    assert states(place).count("confirmed") == 3
    press("?")
    assert page.is_visible("dialog[data-keys]")
    press("Escape")
    press("Escape")
    assert not page.is_visible("dialog[data-keys]")
    page.goto(f"{live_server.url}/office/rounds/{place.round.public_id}/findings/")
    press("j")
    press("o")
    page.wait_for_url("**/rounds/findings/**")
    assert page.complaints == []


def test_two_findings_of_one_account_are_merged_by_keyboard(page_at, live_server, place):
    veto = place.round.findings.filter(veto=True).first()
    proof = store_blob(data=b"x", media_type="image/jpeg", at=AT)
    add_finding(line=veto.line, rule="GB19-M-V3a", because="没有留言入口", proof=proof, by=place.users["supervisor"], at=AT)
    page = page_at(1280, "supervisor")
    page.goto(f"{live_server.url}/office/rounds/{place.round.public_id}/findings/?q={veto.line.name}")
    page.keyboard.press("j"), page.keyboard.press("j"), page.keyboard.press(" "), page.keyboard.press("k")
    with page.expect_navigation():
        page.keyboard.press("m")
    merged = Finding.objects.get(state="merged")
    assert (merged.rule, merged.merged_into) == ("GB19-M-V3a", veto)


def test_findings_are_decided_with_a_thumb_at_390(page_at, live_server, place):
    page = page_at(390, "supervisor")
    page.goto(f"{live_server.url}/office/rounds/{place.round.public_id}/")
    page.click("text=研判6条")
    page.wait_for_selector("[data-judge]")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    with page.expect_navigation():
        page.locator("button[name=one]").first.click()
    assert states(place).count("confirmed") == 1
    page.locator("input[name=finding]").nth(1).check()
    page.fill("#reason", "采集没有看到")
    with page.expect_navigation():
        page.click("text=选中的不属实")
    assert states(place).count("dismissed") == 1


def test_everything_works_without_scripts(page_at, live_server, place):
    page = page_at(390, "supervisor", java_script_enabled=False)
    page.goto(f"{live_server.url}/office/rounds/{place.round.public_id}/findings/")
    page.locator("input[name=finding]").nth(0).check()
    page.locator("input[name=finding]").nth(2).check()
    page.click("text=确认选中的")
    page.wait_for_load_state()
    assert states(place).count("confirmed") == 2
    page.fill("#reason", "一个理由")
    page.press("#reason", "Enter")  # nothing chosen: nothing decided, least of all the first row
    page.wait_for_load_state()
    assert states(place).count("confirmed") == 2
    assert page.input_value("#reason") == "一个理由"
    for box in page.locator("input[name=finding]").all():
        box.check()
    page.click("text=确认选中的")
    page.wait_for_load_state()
    page.click("text=定案")
    page.wait_for_load_state()
    page.click("button[name=confirmed]")
    page.wait_for_load_state()
    place.round.refresh_from_db()
    assert place.round.stage == Round.Stage.SETTLED


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_of_a_round_is_sound(page_at, live_server, place, width):
    boss = place.users["supervisor"]
    later = AT + timedelta(days=90)
    shots = os.environ.get("QIGUAN_SHOTS", "")
    page = page_at(width, "supervisor")
    finding = place.round.findings.first()
    sound(page, live_server, width, shots, {"findings": f"{place.round.public_id}/findings/", "finding": f"findings/{finding.public_id}/", "reviewing": f"{place.round.public_id}/", "new": "new/", "entering": f"{place.round.public_id}/findings/new/"})  # fmt: skip
    confirm_findings(findings=list(place.round.findings.select_related("round")), by=boss, at=AT)
    settle_round(round_=place.round, by=boss, at=AT)
    make_account(place.south, "后来的", platform_id="gh_l", opened=-40)
    choice = Choice(sort=Round.Sort.DRAWN, percent=40, number_source="12月14日福彩3D开奖号")
    drawn = open_round(organ=place.city, title="第四季度抽查", at=later - timedelta(hours=10), choice=choice, by=None, now=later)
    sound(page, live_server, width, shots, {"waiting": f"{drawn.public_id}/", "lot-waiting": f"{drawn.public_id}/lot/"})
    draw_round(round_=drawn, seed="507", by=None, at=later)
    judge_round(round_=drawn, at=later)
    verdict = Verdict.objects.filter(word="不合格").first()
    sound(page, live_server, width, shots, {
        "rounds": "", "settled": f"{place.round.public_id}/", "verdicts": f"{place.round.public_id}/verdicts/", "verdict": f"verdicts/{verdict.public_id}/",
        "lot": f"{drawn.public_id}/lot/", "scope": f"{drawn.public_id}/scope/?show=entered", "compare": f"{drawn.public_id}/compare/?show=unseen", "drawn": f"{drawn.public_id}/",
    })  # fmt: skip
    account = page.goto(f"{live_server.url}/office/accounts/{verdict.line.public_id}/")
    assert account.status == 200
    if shots:
        page.screenshot(path=f"{shots}/account-{width}.png", full_page=True)
    assert page.complaints == []


def sound(page, live_server, width, shots, addresses) -> None:
    for name, path in addresses.items():
        answer = page.goto(f"{live_server.url}/office/rounds/{path}")
        assert answer.status == 200, name
        if shots:
            page.screenshot(path=f"{shots}/{name}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} runs off the side"
        assert serious(page) == [], name
