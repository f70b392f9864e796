"""A season in a small town, brought to any step: two candidates, questions of citizens, a paper of two, letters."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from qiguan.core.days import start_of
from qiguan.core.marking import Mark
from qiguan.examination.actions.answers import answer_question
from qiguan.examination.actions.casting import Said, cast_invited, cast_open, make_ballot_form
from qiguan.examination.actions.codes import seal_codes
from qiguan.examination.actions.questions import FORM, admit_question, propose_question
from qiguan.examination.actions.seasons import Plan, draw_paper, open_season, publish_list
from qiguan.examination.models import Question, Season
from qiguan.intake.actions.form_keys import make_form_key
from tests.factories import AT, Town, make_account

DAY = timedelta(days=1)
NOON = timedelta(hours=12)
PLAN = Plan(
    propose_until=date(2026, 9, 20), weigh_until=date(2026, 9, 25), draw_on=date(2026, 9, 28), answer_until=date(2026, 10, 10),
    mark_until=date(2026, 10, 25), number_source="9月28日公布的示例市彩票第2026110期开奖号码", frame_words="从各单位上季度办事登记的人里抽；没有留地址的抽不到。",
    drawn_by="示例市统计调查队", questions_drawn=2, least=30, limit=3000, groups=[("60岁以上", 600), ("18至59岁", 1400)],
)  # fmt: skip
WEIGHING = start_of(date(2026, 9, 23)) + NOON
LISTING = start_of(date(2026, 9, 26)) + NOON
DRAWING = start_of(date(2026, 9, 28)) + NOON
ANSWERING = start_of(date(2026, 10, 1)) + NOON
MARKING = start_of(date(2026, 10, 15)) + NOON
CLOSING = start_of(date(2026, 10, 27)) + NOON
NOW = datetime(2026, 10, 15, 4, 0, tzinfo=UTC)  # machine time of the forms
WORDS = ("看病报销要带哪些材料，能不能一次查清？", "招工信息多久更新一次？", "留言为什么没有人回？", "停更的时候为什么不说一声？")


def open_one(town: Town, *, by: str | None = None, **more) -> Season:
    if not hasattr(town, "accounts"):
        town.accounts = [
            make_account(town.commerce, "南例商务", platform_id="gh_c"),
            make_account(town.audit, "东例审计", platform="weibo", platform_id="9"),
        ]
    plan = Plan(**{f: getattr(PLAN, f) for f in PLAN.__slots__} | more)
    return open_season(
        organ=town.city, title="2026年秋季", accounts=town.accounts, plan=plan, by=town.users[by] if by else None, at=AT
    )


def propose(season: Season, words: str, *, visitor: str = "192.0.2.1", neutral: bool = False, key: str = "") -> str:
    key = key or make_form_key(what=FORM, now=AT)
    return propose_question(season=season, words=words, wants_neutral=neutral, form_key=key, visitor=visitor, at=AT, now=AT)


def listed(town: Town, **more) -> Season:
    season = open_one(town, **more)
    for n, words in enumerate(WORDS):
        propose(season, words, visitor=f"192.0.2.{n}")
    for question in Question.objects.filter(season=season):
        admit_question(question=question, by=None, at=AT)
    publish_list(season=season, by=None, at=LISTING)
    season.refresh_from_db()
    return season


def drawn(town: Town, **more) -> Season:
    season = listed(town, **more)
    draw_paper(season=season, seed="0917232931", by=None, at=DRAWING)
    season.refresh_from_db()
    return season


def marking(town: Town, letters: int = 0, *, frame: int = 2000, **more) -> Season:
    """The units have answered; `letters` codes of the first candidate stand in `season.codes`."""
    season = drawn(town, **more)
    for candidate in season.candidates.all():
        for question in season.paper.questions.all():
            answer_question(
                candidate=candidate, question=question, words="已经合成一张清单，放在菜单第一项。", by=None, at=ANSWERING
            )
    season.codes = (
        seal_codes(candidate=season.candidates.first(), count=letters, frame=frame, by=None, at=ANSWERING) if letters else []
    )
    return season


def said(season: Season, grade: int = 2, point: int = 1, group: int = 0, each: int | None = None) -> Said:
    return Said(grade, [Mark(grade if each is None else each, point)] * season.paper.questions.count(), group)


def vote(season: Season, code: str, grade: int = 2, *, form: str = "", **more):
    form = form or make_ballot_form(now=NOW)
    return cast_invited(
        season=season, code=code, said=said(season, grade, **more), form_key=form, visitor=code, at=MARKING, now=NOW
    )


def vote_open(
    candidate,
    grade: int = 2,
    *,
    form: str = "",
    work: str = "",
    visitor: str = "198.51.100.1",
    marked_here: bool = False,
    at=MARKING,
):
    form = form or make_ballot_form(now=NOW)
    return cast_open(
        candidate=candidate, said=said(candidate.season, grade), form_key=form, work=work, visitor=visitor, marked_here=marked_here, at=at, now=NOW
    )  # fmt: skip
