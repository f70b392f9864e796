"""A season's rules stand before it starts; the list is public before the number; anyone can redo the draw."""

from __future__ import annotations

from datetime import date

import pytest

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.question_list import fingerprint, read_list
from qiguan.examination.actions.answers import answer_question
from qiguan.examination.actions.questions import (
    WEIGH_FORM,
    admit_question,
    appeal_question,
    decide_question_appeal,
    find_question,
    refuse_question,
    weigh_questions,
)
from qiguan.examination.actions.seasons import draw_paper, open_season, publish_list
from qiguan.examination.models import Answer, Phase, Question, Season, Weighing
from qiguan.intake.actions.form_keys import make_form_key
from qiguan.people.models import AuditEntry
from tests.examination.seasons import ANSWERING, DRAWING, LISTING, MARKING, PLAN, WEIGHING, drawn, listed, open_one, propose
from tests.factories import AT, make_account

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"weigh_until": date(2026, 9, 19)}, "评议截止"),
        ({"propose_until": date(2026, 9, 15)}, "征题截止"),
        ({"draw_on": date(2026, 9, 25)}, "抽签日"),
        ({"answer_until": date(2026, 9, 28)}, "答题截止"),
        ({"mark_until": date(2026, 10, 10)}, "评分截止"),
        ({"questions_drawn": 0}, "抽几题"),
        ({"least": 9}, "最低份数"),
        ({"limit": 10000}, "不满意的线"),
        ({"groups": [("", 3)]}, "人群"),
        ({"number_source": " "}, "抽签号码出处"),
        ({"frame_words": ""}, "名单说明"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_not_published(town, wrong, place):
    with pytest.raises(QiguanError) as told:
        open_one(town, **wrong)
    assert told.value.place == place
    assert not Season.objects.exists()


def test_who_opens_a_season_over_what(town):
    mine, theirs = make_account(town.city, "示例发布", platform_id="gh_0"), make_account(town.commerce, platform_id="gh_1")
    for accounts, organ, word in (
        ([mine], town.city, "本单位自己"),
        ([theirs], town.east, "不在本单位"),
        ([], town.city, "没有选"),
    ):
        with pytest.raises(QiguanError, match=word):
            open_season(organ=organ, title="x", accounts=accounts, plan=PLAN, by=None, at=AT)
    with pytest.raises(NotPermitted):
        open_season(organ=town.city, title="x", accounts=[theirs], plan=PLAN, by=town.users["east"], at=AT)
    season = open_one(town, by="supervisor")
    assert season.phase(AT) == Phase.PROPOSING
    assert AuditEntry.objects.filter(action="open_season", by=town.users["supervisor"]).count() == 1
    seen = {name for name, user in town.users.items() if Season.objects.visible_to(user).exists()}
    assert seen == set(town.users), "of 东例区 a unit is asked, so that its supervisor sees the season as well"
    assert Season.objects.create(
        **{f.attname: getattr(season, f.attname) for f in Season._meta.concrete_fields if f.name not in {"id", "public_id", "organ", "organ_path"}},
        organ=town.east, organ_path=town.east.path,
    ) not in Season.objects.visible_to(town.users["unit"])  # fmt: skip


# ── questions ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_question_is_followed_by_its_code_and_a_retry_gives_the_same(town):
    season = open_one(town)
    key = make_form_key(what="examination question", now=AT)
    code = propose(season, "为什么<script>停更</script>？", key=key)
    assert propose(season, "另一道题？", key=key) == code
    question = Question.objects.get()
    assert find_question(code=code.lower(), visitor="x", now=AT) == question
    assert code not in str(Question.objects.values().get())
    with pytest.raises(QiguanError, match="没有这个码"):
        find_question(code="A" * 17, visitor="x", now=AT)
    season.propose_until = AT.replace(year=2025)
    with pytest.raises(QiguanError, match="截止"):
        propose(season, "太晚了的题？")


def test_the_moderator_words_it_anew_only_where_the_citizen_wished(town):
    season = open_one(town)
    propose(season, "你们凭什么半年不更新？")
    propose(season, "停更了不吭声是什么意思？", neutral=True)
    own, wished = Question.objects.all()
    with pytest.raises(QiguanError, match="没有请人代拟"):
        admit_question(question=own, neutral="停更有没有公告？", by=None, at=AT)
    admit_question(question=own, by=None, at=AT)
    admit_question(question=wished, neutral="停更前有没有公告？", by=None, at=AT)
    assert (own.asked, wished.asked, wished.words) == ("你们凭什么半年不更新？", "停更前有没有公告？", "停更了不吭声是什么意思？")
    with pytest.raises(QiguanError, match="已经有人办了"):
        admit_question(question=own, by=None, at=AT)


def test_a_refusal_has_its_reason_and_another_person_answers_the_appeal(town):
    season = open_one(town)
    propose(season, "某某处长的电话是多少？")
    question, boss, other = Question.objects.get(), town.users["supervisor"], town.users["second"]
    with pytest.raises(NotPermitted):
        refuse_question(question=question, why="private", words="问的是个人电话", by=town.users["unit"], at=AT)
    with pytest.raises(QiguanError, match="没有选理由"):
        refuse_question(question=question, why="boring", words="问的是个人电话", by=boss, at=AT)
    with pytest.raises(QiguanError, match="没有写"):
        refuse_question(question=question, why="private", words="", by=boss, at=AT)
    refuse_question(question=question, why="private", words="问的是个人电话", by=boss, at=AT)
    appeal_question(question=question, words="我问的是值班电话", at=AT)
    with pytest.raises(QiguanError, match="申诉一次"):
        appeal_question(question=question, words="再申诉一次", at=AT)
    with pytest.raises(QiguanError, match="没有审核，或申诉"):
        publish_list(season=season, by=boss, at=LISTING)
    question.refresh_from_db()
    with pytest.raises(QiguanError, match="另一个人"):
        decide_question_appeal(question=question, admit=True, words="改判为通过", by=boss, at=AT)
    decide_question_appeal(question=question, admit=True, words="值班电话可以问", by=other, at=AT)
    assert (question.stage, question.why_words, question.appeal_words) == ("admitted", "问的是个人电话", "值班电话可以问")


def test_a_visitor_weighs_a_question_once(town):
    season = open_one(town)
    propose(season, "留言为什么没有人回？")
    admit_question(question=Question.objects.get(), by=None, at=AT)
    name = Question.objects.get().public_id

    def weigh(view: str, cookie: str = "a", at=AT, key: str = "") -> int:
        key = key or make_form_key(what=WEIGH_FORM, now=AT)
        return weigh_questions(
            season=season, views={name: view, "zzz": "agree"}, visitor="x", cookie=cookie, form_key=key, at=at, now=AT
        )

    key = make_form_key(what=WEIGH_FORM, now=AT)
    assert (weigh("agree", key=key), weigh("agree", cookie="b", key=key)) == (1, 0)
    assert (weigh("disagree"), weigh("nonsense", cookie="c"), weigh("pass", cookie="d")) == (0, 0, 1)
    assert sorted(Weighing.objects.values_list("view", flat=True)) == ["agree", "pass"]
    with pytest.raises(QiguanError, match="截止"):
        weigh("agree", at=LISTING)


# ── the list and the draw ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_comes_before_the_number_and_the_number_on_its_day(town):
    season = open_one(town)
    for n in range(3):
        propose(season, f"第{n}道题问什么？", visitor=str(n))
    for question in Question.objects.all():
        admit_question(question=question, by=None, at=AT)
    Weighing.objects.bulk_create(Weighing(question=question, view="disagree", visitor=str(n)) for n in range(40))
    boss = town.users["supervisor"]
    with pytest.raises(QiguanError, match="评议截止以后"):
        publish_list(season=season, by=boss, at=WEIGHING)
    with pytest.raises(QiguanError, match="抽签日要晚于今天"):
        publish_list(season=season, by=boss, at=DRAWING)
    with pytest.raises(QiguanError, match="没有写号码出处"):
        publish_list(season=season, draw_on=date(2026, 10, 2), by=boss, at=DRAWING)
    told = publish_list(season=season, by=boss, at=LISTING)
    season.refresh_from_db()
    assert told == fingerprint(season.list_text) == season.list_hash
    assert "第2道" not in season.list_text, "weighed down beyond doubt, by the published rule"
    assert Question.objects.get(left_out=True).words == "第2道题问什么？"
    with pytest.raises(QiguanError, match="才抽签"):
        draw_paper(season=season, seed="1", by=boss, at=LISTING)
    with pytest.raises(QiguanError, match="没有填号码"):
        draw_paper(season=season, seed=" ", by=boss, at=DRAWING)
    draw_paper(season=season, seed="1", by=boss, at=DRAWING)
    with pytest.raises(QiguanError, match="只抽一次"):
        draw_paper(season=season, seed="2", by=boss, at=DRAWING)


def test_the_paper_is_what_anyone_draws_from_the_published_list(town):
    season = drawn(town)
    assert [q.question.number for q in season.paper.questions.all()] == read_list(season.list_text.encode()).draw("0917232931")
    assert not any(q.again for q in season.paper.questions.all())


def test_too_few_questions_make_no_paper(town):
    with pytest.raises(QiguanError, match="不够抽9题"):
        listed(town, questions_drawn=9)


def test_a_unit_answers_openly_until_the_deadline(town):
    season = drawn(town)
    mine, other = season.candidates.select_related("season", "account__owner").order_by("owner_name").all()
    mine, other = (mine, other) if mine.owner_name == "南例县商务局" else (other, mine)
    question, unit = season.paper.questions.first(), town.users["unit"]
    said = {"question": question, "words": "已经公告。", "by": unit}
    with pytest.raises(NotPermitted):
        answer_question(candidate=other, at=ANSWERING, **said)
    with pytest.raises(QiguanError, match="链接不对"):
        answer_question(candidate=mine, at=ANSWERING, link="javascript:alert(1)", **said)
    answer_question(candidate=mine, at=ANSWERING, **said)
    answer_question(candidate=mine, at=ANSWERING, link="https://www.example.gov.cn/a", **{**said, "words": "9月3日公告的。"})
    assert [a.words for a in Answer.objects.all()] == ["9月3日公告的。"]
    with pytest.raises(QiguanError, match="不是答题的时候"):
        answer_question(candidate=mine, at=MARKING, **said)
