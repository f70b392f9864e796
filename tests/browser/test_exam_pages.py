"""群众出题 in a real browser: at 390 px without scripts and by keyboard, with scripts the work is done, axe finds nothing."""

from __future__ import annotations

import os

import pytest
from axe_playwright_python.sync_playwright import Axe

from qiguan.examination.actions.counting import count_season, publish_season
from qiguan.examination.ballots import Ballot, PressureReport
from qiguan.examination.models import Question, Weighing
from qiguan.jobs import clock
from tests.examination.seasons import CLOSING, MARKING, marking, open_one, propose, vote, vote_open
from tests.factories import AT, make_town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
SHOTS = os.environ.get("QIGUAN_SHOTS", "")


@pytest.fixture
def it_is(monkeypatch):
    def set_to(moment):
        monkeypatch.setattr(clock, "now", lambda: moment)

    set_to(AT)
    return set_to


def sound(page, name: str, width: int) -> None:
    """Nothing runs off the side, folded or not; axe finds nothing at all."""
    for fold in page.locator("main details").all():
        fold.evaluate("d => { d.open = true }")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} runs off the side"
    if width == 390:  # the wide page has the same markup
        found = Axe().run(page).response["violations"]
        assert [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found] == [], name
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_of_citizens_and_officials_are_sound(page_at, live_server, it_is, width):
    town = make_town()
    opened = open_one(town)
    propose(opened, "看病报销要带哪些材料，在公众号上能不能一次查清？", visitor="a", neutral=True)
    propose(opened, "ئۇيغۇرچە ᠮᠣᠩᠭᠣᠯ བོད་ཡིག 👩‍👩‍👧 <b>能不能也发？</b>", visitor="b")
    Question.objects.filter(wants_neutral=False).update(stage="admitted")
    page, office = page_at(width), page_at(width, "supervisor")
    root, desk = live_server.url + "/exam/", live_server.url + "/office/exam/"

    def see(which, path: str, name: str) -> None:
        assert which.goto(path).status == 200, path
        sound(which, name, width)

    for name in (
        "",
        "mine/",
        f"{opened.public_id}/",
        *(f"{opened.public_id}/{p}/" for p in ("propose", "weigh", "questions", "pressure")),
    ):
        see(page, root + name, "exam-" + (name.strip("/").split("/")[-1][:9] or "list"))
    for name in ("", "new/", f"{opened.public_id}/", f"{opened.public_id}/questions/", f"{opened.public_id}/letters/"):
        see(office, desk + name, "office-" + (name.strip("/").split("/")[-1][:9] or "list"))
    season = marking(town, letters=40)
    one = season.candidates.select_related("season").first()
    for n, code in enumerate(season.codes[:35]):
        vote(season, code, grade=4 if n < 20 else 1 + n % 3, group=1 + (n > 3))
    for n in range(40):
        vote_open(one, grade=1 + n % 5, visitor=str(n // 4), marked_here=n < 12)
    it_is(MARKING)
    see(page, f"{root}{season.public_id}/", "exam-marking")
    see(page, f"{root}papers/{one.public_id}/", "exam-paper")
    see(page, f"{root}papers/{one.public_id}/mark/", "exam-ballot-open")
    page.get_by_text("已核验。").wait_for(timeout=20_000)
    see(page, f"{root}{season.public_id}/code/", "exam-code")
    page.fill("#code", season.codes[39])
    page.click("text=看试卷，打分")
    page.wait_for_load_state()
    sound(page, "exam-ballot-invited", width)
    see(office, f"{desk}{season.public_id}/", "office-marking")
    see(page_at(width, "checker"), f"{desk}{season.public_id}/typing/", "office-typing")
    see(page_at(width, "unit"), f"{desk}papers/{one.public_id}/", "office-answer")
    count_season(season=season, by=None, at=CLOSING)
    season.refresh_from_db()
    publish_season(season=season, by=None, at=CLOSING)
    it_is(CLOSING)
    see(page, f"{root}{season.public_id}/results/", "exam-results")
    see(office, f"{desk}{season.public_id}/", "office-published")
    assert page.complaints == office.complaints == []


def test_a_citizen_without_scripts_goes_the_whole_way_by_keyboard(page_at, live_server, it_is):
    town = make_town()
    opened = open_one(town)
    page = page_at(390, java_script_enabled=False)
    press = page.keyboard
    page.goto(f"{live_server.url}/exam/{opened.public_id}/")
    page.get_by_role("link", name="提一道题").press("Enter")
    page.locator("#words").focus()
    press.type("停更的时候为什么不说一声？")
    press.press("Tab")
    press.press("Space")
    press.press("Tab")
    press.press("Enter")
    page.wait_for_selector("#code")
    code = page.inner_text("#code")
    assert Question.objects.get().wants_neutral
    page.goto(f"{live_server.url}/exam/mine/")
    page.locator("main #code").focus()
    press.type(code.lower())
    press.press("Enter")
    page.get_by_role("heading", name="等审核").wait_for()
    Question.objects.update(stage="admitted")
    page.goto(f"{live_server.url}/exam/{opened.public_id}/weigh/")
    page.locator("main input[type=radio]").first.focus()
    press.press("Space")
    page.locator("main button").press("Enter")
    page.get_by_role("heading", name="记下了").wait_for()
    assert Weighing.objects.get().view == "agree"
    season = marking(town, letters=1)
    it_is(MARKING)
    page.goto(f"{live_server.url}/exam/{season.public_id}/")
    page.get_by_role("link", name="我有信上的码").press("Enter")
    page.locator("main #code").focus()
    press.type(season.codes[0].lower())
    press.press("Enter")
    page.wait_for_selector("[name=whole]")
    page.locator("[name=g1]").nth(3).focus()
    press.press("Space")
    page.locator("[name=whole]").nth(1).focus()
    press.press("Space")
    page.get_by_role("button", name="交卷").press("Enter")
    page.get_by_role("heading", name="收到了，谢谢您").wait_for()
    assert [(b.marks, b.grade) for b in Ballot.objects.all()] == [("4000", 2)]
    page.get_by_role("link", name="有人要求我打好评").press("Enter")
    page.locator("main #code").focus()
    press.type(season.codes[0])
    press.press("Enter")
    page.get_by_role("heading", name="记下了").wait_for()
    assert PressureReport.objects.count() == 1


def test_with_scripts_the_work_is_done_while_the_citizen_reads(page_at, live_server, it_is):
    season = marking(make_town())
    it_is(MARKING)
    one = season.candidates.first()
    page = page_at(390)
    page.goto(f"{live_server.url}/exam/papers/{one.public_id}/mark/")
    page.get_by_text("已核验。").wait_for(timeout=20_000)
    page.locator(".hit:has([name=whole])").nth(4).click()
    page.get_by_role("button", name="交卷").click()
    page.get_by_role("heading", name="收到了，谢谢您").wait_for()
    assert [(b.grade, b.verified, b.panel) for b in Ballot.objects.all()] == [(5, True, "open")]
    assert page.complaints == []
