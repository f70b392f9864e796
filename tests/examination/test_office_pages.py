"""A supervisor runs a season in the browser's forms; a unit answers; nobody of an assessed unit touches the rest."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from qiguan.examination.ballots import Ballot, Code, PressureReport
from qiguan.examination.models import Answer, Question, Season
from qiguan.jobs import clock
from tests.examination.seasons import ANSWERING, CLOSING, DRAWING, LISTING, MARKING, PLAN, marking, open_one, propose
from tests.factories import AT, make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_work(client, town, monkeypatch):
    """Return a function: post something as somebody at some time, and return the page that follows."""

    def go(who: str, moment, path: str, **sent):
        monkeypatch.setattr(clock, "now", lambda: moment)
        client.force_login(town.users[who])
        return client.post("/office/exam/" + path, sent, follow=True) if sent else client.get("/office/exam/" + path)

    return go


def plan(**more) -> dict[str, str]:
    days = {f: getattr(PLAN, f).isoformat() for f in ("propose_until", "weigh_until", "draw_on", "answer_until", "mark_until")}
    words = {
        "title": "2026年秋季",
        "number_source": PLAN.number_source,
        "frame_words": PLAN.frame_words,
        "drawn_by": PLAN.drawn_by,
    }
    return {
        **days,
        **words,
        "questions_drawn": "1",
        "least": "30",
        "limit": "30",
        "groups": "60岁以上 600\n18至59岁 1400人",
        **more,
    }


def test_a_whole_season_through_the_forms(town, at_work):
    account = make_account(town.commerce, "南例商务", platform_id="gh_c")
    sent = plan(organ=town.city.public_id, accounts="gh_c\n南例商务")
    bad = at_work("supervisor", AT, "new/", **{**sent, "accounts": "没有这个号", "weigh_until": "2026-09-01"})
    assert bad.status_code == 400
    assert "找不到“没有这个号”" in bad.content.decode()
    assert 'value="2026-09-01"' in bad.content.decode(), "what was typed stays"
    assert at_work("supervisor", AT, "new/", **sent).status_code == 200
    season = Season.objects.get()
    assert (season.candidates.get().account, season.groups, season.limit) == (
        account,
        [["60岁以上", 600], ["18至59岁", 1400]],
        3000,
    )
    here = f"{season.public_id}/"
    for n in range(3):
        propose(season, f"第{n}道题问什么？", visitor=str(n))
    one, two, three = Question.objects.all()
    at_work("supervisor", AT, here + "questions/", question=one.public_id, do="admit")
    at_work("supervisor", AT, here + "questions/", question=two.public_id, do="refuse", why="off", words="没有说哪个账号")
    refused = at_work("supervisor", AT, here + "questions/", question=three.public_id, do="refuse", why="off", words="")
    assert "没有写" in refused.content.decode()
    at_work("second", AT, here + "questions/", question=three.public_id, do="admit")
    assert sorted(Question.objects.values_list("stage", flat=True)) == ["admitted", "admitted", "refused"]
    assert "等公布名单" not in at_work("supervisor", AT, here).content.decode()
    assert "sha256:" in at_work("supervisor", LISTING, here, do="list").content.decode()
    at_work("supervisor", DRAWING, here, do="draw", seed="0917")
    candidate = season.candidates.get()
    answer = at_work("unit", ANSWERING, f"papers/{candidate.public_id}/", question="1", words="好", link="")
    assert answer.status_code == 400
    at_work("unit", ANSWERING, f"papers/{candidate.public_id}/", question="1", words="已经公告过了。", link="")
    assert Answer.objects.get().words == "已经公告过了。"
    file = at_work("supervisor", ANSWERING, here + "letters/", candidate=candidate.public_id, count="2", frame="100")
    codes = re.findall(r'class="code">([^<]+)<', file.content.decode())
    assert len(codes) == Code.objects.count() == 2
    assert "attachment" in file["Content-Disposition"]
    assert file["Cache-Control"] == "no-store"
    assert f"/exam/{season.public_id}/code/" in file.content.decode()
    at_work("supervisor", MARKING, here, do="returned", candidate=candidate.public_id, returned="1")
    typed = {"code": codes[0], "whole": "4", "g1": "4", "p1": "3"}
    at_work("checker", MARKING, here + "typing/", **typed)
    assert "和第一遍不一样" in at_work("checker2", MARKING, here + "typing/", **{**typed, "g1": "5"}).content.decode()
    assert "两遍一致" in at_work("checker2", MARKING, here + "typing/", **typed).content.decode()
    assert Ballot.objects.get().marks == "43"
    at_work("supervisor", CLOSING, here, do="count")
    at_work("supervisor", CLOSING, here, do="publish")
    season.refresh_from_db()
    assert season.stage == "published"
    assert "看结果" in at_work("unit", CLOSING, here).content.decode()


def test_an_assessed_unit_sees_its_paper_and_no_letter_no_ballot_no_report(town, at_work):
    season = marking(town, letters=3)
    PressureReport.objects.create(candidate=season.candidates.first(), digest="x", words="有人叫我打满意", day=date(2026, 10, 15))
    here = f"{season.public_id}/"
    for who in ("unit", "operator", "auditor"):
        page = at_work(who, MARKING, here)
        assert page.status_code == 200
        assert "有人叫我打满意" not in page.content.decode(), who
        for path in ("questions/", "letters/", "typing/"):
            assert at_work(who, MARKING, here + path).status_code == 403, (who, path)
        at_work(who, MARKING, here, do="count")
    assert "有人叫我打满意" in at_work("supervisor", MARKING, here).content.decode()
    assert at_work("contractor", MARKING, here).status_code == 403
    foreign = season.candidates.last() if season.candidates.first().owner_name == "南例县商务局" else season.candidates.first()
    assert at_work("unit", MARKING, f"papers/{foreign.public_id}/").status_code == 404


def test_a_late_list_names_another_number(town, at_work):
    season = open_one(town, questions_drawn=1)
    propose(season, "停更为什么不说？")
    Question.objects.update(stage="admitted")
    here, late = f"{season.public_id}/", DRAWING + timedelta(days=1)
    assert "抽签日要晚于今天" in at_work("supervisor", late, here, do="list").content.decode()
    assert "日期读不出来" in at_work("supervisor", late, here, do="list", draw_on="明天").content.decode()
    at_work("supervisor", late, here, do="list", draw_on="2026-10-05", number_source="10月5日福彩3D")
    season.refresh_from_db()
    assert (season.draw_on, season.number_source) == (date(2026, 10, 5), "10月5日福彩3D")
