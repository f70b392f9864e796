"""群众考评 of 示例市: a season published last quarter, one that is being marked, and in 东例区 one that takes questions.

Brought there by the product's own ways; only the ballots of the published one are written straight into the box, settled, as a
hundred of them one by one would cost the start of the demonstration seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from qiguan.core.days import day_of
from qiguan.core.marking import Mark, written
from qiguan.examination.actions.answers import answer_question
from qiguan.examination.actions.counting import count_season, publish_season
from qiguan.examination.actions.questions import FORM, admit_question, propose_question
from qiguan.examination.actions.seasons import Plan, draw_paper, open_season, publish_list
from qiguan.examination.ballots import Ballot, Panel
from qiguan.examination.models import Candidate, Season
from qiguan.intake.actions.form_keys import make_form_key
from qiguan.people.models import Organ
from qiguan.register.models import Account

_ASKED = (
    "看病报销要带哪些材料，在公众号上能不能一次查清？",
    "招工信息多久更新一次，过期的会不会删？",
    "留言以后多少天有人回？",
    "停更的时候为什么不说一声？",
    "修路封路能不能提前三天发出来？",
    "农产品滞销的时候，公众号能帮着发一发吗？",
)
_SAID = (
    "以前材料散在几篇文章里，现在合成一张清单，放在菜单第一项。外省发票要原件这一条，要等省里联网。",
    "每周一更新，招满的当天标“已招满”，过了截止日期的自动移到旧信息里。",
    "做不到当天回。现在是三个工作日内答复，超过的在后台标红，由分管负责人过问。",
)
_DAY = timedelta(days=1)


def found_seasons(*, city: Organ, district: Organ, at: datetime) -> None:
    """Found the three seasons as of `at`."""
    accounts = Account.objects.filter(status=Account.Status.OPEN, owner__sort=Organ.Sort.DEPARTMENT).select_related("owner")
    asked = list(accounts.filter(owner__parent=city).order_by("pk")[:3])
    _publish(_drawn(city, "上一季群众考评", asked, at - 120 * _DAY), at - 120 * _DAY)
    _drawn(city, "这一季群众考评", asked, at - 70 * _DAY)
    theirs = list(accounts.filter(owner__parent=district).order_by("pk")[:3])
    season = _opened(district, "东例区群众考评", theirs, at - 5 * _DAY)
    _propose(season, _ASKED[:3], at - 4 * _DAY, admitted=2)


def _opened(organ: Organ, title: str, accounts: Sequence[Account], start: datetime) -> Season:
    first = day_of(start)
    plan = Plan(
        propose_until=first + 20 * _DAY, weigh_until=first + 30 * _DAY, draw_on=first + 34 * _DAY, answer_until=first + 54 * _DAY,
        mark_until=first + 90 * _DAY, number_source=f"{(first + 34 * _DAY):%Y年%m月%d日}示例彩票开奖号", drawn_by="示例市统计调查队",
        frame_words="从上季度到各单位窗口办过事的人里抽；没有留地址的抽不到。", questions_drawn=3, groups=[("60岁以上", 460), ("18至59岁", 1540)],
    )  # fmt: skip
    return open_season(organ=organ, title=title, accounts=accounts, plan=plan, by=None, at=start)


def _propose(season: Season, words: Sequence[str], at: datetime, *, admitted: int) -> None:
    for n, said in enumerate(words):
        key = make_form_key(what=FORM, now=at)
        propose_question(
            season=season, words=said, wants_neutral=False, form_key=key, visitor=f"demo {season.pk} {n}", at=at, now=at
        )
    for question in season.questions.all()[:admitted]:
        admit_question(question=question, by=None, at=at)


def _drawn(organ: Organ, title: str, accounts: Sequence[Account], start: datetime) -> Season:
    """A season whose units have answered, but for one that left its last question."""
    season = _opened(organ, title, accounts, start)
    _propose(season, _ASKED, start + _DAY, admitted=len(_ASKED))
    publish_list(season=season, by=None, at=start + 31 * _DAY)
    paper = draw_paper(season=season, seed=f"{season.draw_on:%m%d}232931", by=None, at=start + 35 * _DAY)
    season.refresh_from_db()
    for place, candidate in enumerate(season.candidates.select_related("season", "account__owner")):
        for n, question in enumerate(paper.questions.all()):
            if (place, n) != (2, 2):
                answer_question(candidate=candidate, question=question, words=_SAID[n % 3], by=None, at=start + 40 * _DAY)
    return season


def _publish(season: Season, start: datetime) -> None:
    lot, asked = Random(20), season.paper.questions.count()  # noqa: S311
    for place, candidate in enumerate(season.candidates.all()):
        Candidate.objects.filter(pk=candidate.pk).update(frame=2000, invited=120, returned=6)
        _fill(candidate, Panel.INVITED, 62, lot, asked, bad=2 if place == 2 else 0)
        _fill(candidate, Panel.OPEN, 45, lot, asked, bad=1)
    count_season(season=season, by=None, at=start + 92 * _DAY)
    publish_season(season=season, by=None, at=start + 93 * _DAY)


def _fill(candidate: Candidate, panel: str, many: int, lot: Random, asked: int, *, bad: int) -> None:
    """Put ballots in the box; `bad`: how many of the paper's last questions go down badly."""

    def grade(n: int) -> int:
        return lot.choices((1, 2, 3, 4, 5), (2, 3, 4, 8, 5) if n >= asked - bad else (5, 8, 4, 2, 1))[0]

    Ballot.objects.bulk_create(
        Ballot(
            candidate=candidate, panel=panel, grade=grade(0), group=lot.choice((0, 1, 2, 2, 2)), settled=True,
            marks=written(Mark(grade(n), lot.choice((1, 1, 2, 3))) for n in range(asked)), verified=panel == Panel.INVITED or lot.random() < 0.8,
        )
        for _ in range(many)
    )  # fmt: skip
