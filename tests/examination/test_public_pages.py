"""Citizens' pages as a browser without scripts sees them: from the question to the result, retries and hostile input included."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from qiguan.examination.actions.casting import make_ballot_form
from qiguan.examination.actions.counting import count_season, publish_season
from qiguan.examination.actions.questions import admit_question, refuse_question
from qiguan.examination.ballots import Ballot, PressureReport
from qiguan.examination.models import Question, Weighing
from qiguan.intake.proof_of_work import solve
from qiguan.jobs import clock
from tests.examination.seasons import (
    ANSWERING,
    CLOSING,
    DRAWING,
    LISTING,
    MARKING,
    NOW,
    drawn,
    listed,
    marking,
    open_one,
    vote,
    vote_open,
)
from tests.factories import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def it_is(monkeypatch):
    def set_to(moment):
        monkeypatch.setattr(clock, "now", lambda: moment)

    return set_to


def hidden(page: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


def ballot(page: str, **said) -> dict[str, str]:
    return {"key": hidden(page, "key"), "whole": "2", "g1": "4", "p1": "3", **said}


def test_a_question_from_the_form_to_the_appeal(client, town, it_is):
    it_is(AT)
    season = open_one(town)
    here = f"/exam/{season.public_id}/"
    assert f"{here}propose/" in client.get(here).content.decode()
    page = client.get(here + "propose/").content.decode()
    bad = client.post(here + "propose/", {"key": hidden(page, "key"), "words": "好\u200b"})
    assert (bad.status_code, "太短" in bad.content.decode()) == (400, True)
    form = {"key": hidden(page, "key"), "words": "<b>为什么</b>\u202e停更？", "neutral": "yes"}
    first, again = (client.post(here + "propose/", form).content.decode() for _ in range(2))
    code = re.search(r'id="code">([^<]+)<', first)[1]
    assert code in again, "the same form gives the same code"
    assert Question.objects.get().words == "<b>为什么</b>停更？"
    assert "为什么" not in client.get(here + "questions/").content.decode(), "nothing is shown before it is admitted"
    refuse_question(question=Question.objects.get(), why="off", words="没有说哪个账号", by=town.users["supervisor"], at=AT)
    mine = client.post("/exam/mine/", {"code": code})
    assert "没有说哪个账号" in mine.content.decode()
    assert "&lt;b&gt;为什么" in mine.content.decode()
    assert "no-store" in mine["Cache-Control"]
    assert "申诉中" in client.post("/exam/mine/", {"code": code, "do": "appeal", "words": "说的是每个账号"}).content.decode()
    assert client.post("/exam/mine/", {"code": "x"}).status_code == 400


def test_questions_are_weighed_in_an_order_of_their_own_and_numbers_come_later(client, town, it_is):
    it_is(AT)
    season = open_one(town)
    Question.objects.bulk_create(
        Question(season=season, words=f"第{n}道题问什么？", stage="admitted", proposed_at=AT, track=str(n)) for n in range(6)
    )
    here = f"/exam/{season.public_id}/"
    pages = [client.get(here + "weigh/").content.decode() for _ in range(8)]
    assert len({tuple(re.findall(r"第(\d)道题", p)) for p in pages}) > 1
    names = re.findall(r'name="(q-\w+)" value="agree"', pages[0])
    page = client.post(here + "weigh/", {"key": hidden(pages[0], "key"), names[0]: "agree", names[1]: "pass"}).content.decode()
    assert "记下了" in page
    assert names[0] not in page
    assert names[2] in page
    assert Weighing.objects.count() == 2
    assert "赞成1" not in client.get(here + "questions/").content.decode()
    it_is(LISTING)
    assert "赞成1" in client.get(here + "questions/").content.decode()
    assert client.post(here + "weigh/", {"key": "x", names[2]: "agree"}).status_code == 400


def test_the_list_is_the_very_bytes_of_the_fingerprint(client, town, it_is):
    it_is(LISTING)
    season = open_one(town)
    assert client.get(f"/exam/{season.public_id}/list.txt").status_code == 404
    town.accounts = town.accounts  # the same two
    for question in Question.objects.all():
        admit_question(question=question, by=None, at=AT)
    season = listed(town)
    it_is(DRAWING)
    file = client.get(f"/exam/{season.public_id}/list.txt").content
    from hashlib import sha256

    page = client.get(f"/exam/{season.public_id}/").content.decode()
    assert "sha256:" + sha256(file).hexdigest() in page


def test_a_letter_is_answered_and_sent_again_over_a_broken_network(client, town, it_is):
    it_is(MARKING)
    season = marking(town, letters=2)
    here = f"/exam/{season.public_id}/"
    assert client.post(here + "code/", {"code": "AAAA-BBBB-CCCC"}).status_code == 400
    page = client.post(here + "code/", {"code": season.codes[0].lower()}).content.decode()
    assert "已经合成一张清单" in page
    sent = ballot(page, code=season.codes[0], do="cast", group="1")
    lost = client.post(here + "code/", {**sent, "whole": ""})
    assert (lost.status_code, "还没有给这个账号打总分" in lost.content.decode()) == (400, True)
    assert re.search(r'name="g1" value="4" checked', lost.content.decode()), "what was marked stays marked"
    answers = [client.post(here + "code/", sent) for _ in range(3)]
    assert {(a.status_code, a["Location"]) for a in answers} == {(302, here + "thanks/")}
    assert [(b.marks, b.grade, b.group) for b in Ballot.objects.all()] == [("4300", 2, 1)]
    assert "用过了" in client.post(here + "code/", {"code": season.codes[0]}).content.decode()
    assert "sessionid" not in client.cookies
    assert season.codes[0] not in answers[0]["Location"]
    assert client.post(here + "pressure/", {"code": season.codes[0], "words": "叫我打满意"}).status_code == 200
    assert PressureReport.objects.get().words == "叫我打满意"


@pytest.mark.parametrize(("work", "verified"), [("", False), ("7", False), ("solved", True)])
def test_an_open_ballot_is_verified_only_by_its_work(client, town, it_is, work, verified):
    it_is(MARKING)
    season = marking(town)
    one = season.candidates.first()
    here = f"/exam/papers/{one.public_id}/mark/"
    page = client.get(here).content.decode()
    sent = ballot(page, work=solve(hidden(page, "key")) if work == "solved" else work)
    assert [client.post(here, sent).status_code for _ in range(2)] == [302, 302]
    assert [(b.verified, b.doubt) for b in Ballot.objects.all()] == [(verified, "")]
    assert "这台设备给它打过分了" in client.get(here).content.decode()
    client.post(here, ballot(client.get(here).content.decode()))
    assert Ballot.objects.filter(doubt="device").count() == 1
    flood = [client.post(here, ballot(client.get(here).content.decode())).status_code for _ in range(20)]
    assert flood[-1] == 429


def test_hostile_forms_change_nothing(client, town, it_is):
    it_is(MARKING)
    season = marking(town, letters=1)
    one = season.candidates.first()
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/exam/{season.public_id}/code/", {"code": season.codes[0], "do": "cast"}).status_code == 403
    for wrong in (
        {"key": "x"},
        {"whole": "9"},
        {"whole": "二"},
        {"whole": "²"},
        {"whole": "-1"},
        {"group": "99", "whole": "\x00"},
    ):
        page = client.get(f"/exam/papers/{one.public_id}/mark/").content.decode()
        assert client.post(f"/exam/papers/{one.public_id}/mark/", {**ballot(page), **wrong}).status_code == 400, wrong
    for name in ("code", "weigh", "propose", "pressure"):
        assert (
            client.post(
                f"/exam/{season.public_id}/{name}/", {"code": "\ud800".encode("utf-8", "surrogatepass"), "words": "\x00" * 9}
            ).status_code
            < 500
        )
    assert not Ballot.objects.exists()


def test_before_its_time_nothing_can_be_marked_and_no_result_is_seen(client, town, it_is):
    it_is(ANSWERING)
    season = drawn(town)
    one = season.candidates.first()
    assert client.get(f"/exam/papers/{one.public_id}/mark/").status_code == 302
    assert "还没有作答" in client.get(f"/exam/papers/{one.public_id}/").content.decode()
    assert client.get(f"/exam/{season.public_id}/results/").status_code == 302
    it_is(MARKING)
    assert "没有在期限内作答" in client.get(f"/exam/papers/{one.public_id}/").content.decode()


def test_the_result_shows_two_panels_apart_and_no_single_ballot(client, town, it_is):
    season = marking(town, letters=40)
    one = season.candidates.select_related("season").first()
    for n, code in enumerate(season.codes):
        vote(season, code, grade=4 if n < 30 else 2, group=1 if n < 4 else 2)
    for n in range(12):
        vote_open(one, visitor=str(n), form=make_ballot_form(now=NOW))
    it_is(CLOSING)
    count_season(season=season, by=None, at=CLOSING)
    here = f"/exam/{season.public_id}/results/"
    assert client.get(here).status_code == 302, "counted is not published"
    season.refresh_from_db()
    publish_season(season=season, by=None, at=CLOSING)
    page = client.get(here).content.decode()
    for words in (
        "2题要整改",
        "回收率100.0%",
        "不满意<b>75.0%</b>",
        "收到12份，不到公布的最低份数",
        "不显示",
        "从不相加",
        "下限高于本季的线",
    ):
        assert words in page, words
    assert "60岁以上" in page
