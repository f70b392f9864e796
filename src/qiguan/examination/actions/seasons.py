"""A season from its opening to its paper: rules and dates, the numbered list, the draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Q

from qiguan.core.days import day_of, end_of, say_day
from qiguan.core.errors import QiguanError
from qiguan.core.marking import WHOLE, is_rejected
from qiguan.core.question_list import fingerprint, read_list, write_list
from qiguan.core.said import plain_words
from qiguan.examination.models import Candidate, Paper, PaperQuestion, Question, Season, Weighing
from qiguan.examination.queries.permits import demand_examiner
from qiguan.examination.queries.results import questions_below_limit
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, Role, User
from qiguan.people.queries import demand_role
from qiguan.register.models import Account

MOST_QUESTIONS = 20  # on a paper
LEAST = 30  # ours: answers below which nothing is published
LIMIT = 3000  # ours: 30 %


@dataclass(frozen=True, slots=True)
class Plan:
    """What is published when a season opens. `until` days end at 24:00; `groups`: (name, how many of the frame)."""

    propose_until: date
    weigh_until: date
    draw_on: date
    answer_until: date
    mark_until: date
    number_source: str
    frame_words: str
    drawn_by: str
    questions_drawn: int = 5
    least: int = LEAST
    limit: int = LIMIT
    groups: Sequence[tuple[str, int]] = ()


def open_season(*, organ: Organ, title: str, accounts: Sequence[Account], plan: Plan, by: User | None, at: datetime) -> Season:
    """Open a season of the organ over some accounts. What the plan says is public from now on and does not change.

    Raises QiguanError where dates are out of order, the accounts are none, foreign or the organ's own.
    """
    if by is not None:
        demand_role(by, Role.SUPERVISOR, organ=organ)
    title = plain_words(title, place="名称", most=120)
    _demand_sound(plan, at)
    if not accounts:
        raise QiguanError("没有选考评对象", place="考评对象", remedy="至少选一个账号")
    for account in accounts:
        if account.owner_id == organ.pk:
            raise QiguanError(f"“{account.name}”是本单位自己的账号", place="考评对象", remedy="自己的账号由上一级来考")
        if not account.owner_path.startswith(organ.path) and not account.supervisor_path.startswith(organ.path):
            raise QiguanError(f"“{account.name}”不在本单位的监管范围", place="考评对象", remedy="请从列表里选")
    with transaction.atomic():
        season = Season.objects.create(
            organ=organ, organ_path=organ.path, title=title, opened_at=at, opened_by=by, draw_on=plan.draw_on,
            propose_until=end_of(plan.propose_until), weigh_until=end_of(plan.weigh_until), answer_until=end_of(plan.answer_until),
            mark_until=end_of(plan.mark_until), number_source=plain_words(plan.number_source, place="抽签号码出处", most=120),
            questions_drawn=plan.questions_drawn, least=plan.least, limit=plan.limit, groups=[[n, size] for n, size in plan.groups],
            frame_words=plain_words(plan.frame_words, place="名单说明", most=1000), drawn_by=plain_words(plan.drawn_by, place="抽取和密封", most=120),
        )  # fmt: skip
        Candidate.objects.bulk_create(
            Candidate(
                season=season, account=a, name=a.name, platform=a.platform, owner_name=a.owner.name, owner_path=a.owner_path
            )
            for a in accounts
        )
        record_audit(
            action="open_season", by=by, at=at, on=season, organ=organ, fields=["title", "dates", "rules"], count=len(accounts)
        )
    return season


def _demand_sound(plan: Plan, at: datetime) -> None:
    days = [
        ("征题截止", plan.propose_until), ("评议截止", plan.weigh_until), ("抽签日", plan.draw_on), ("答题截止", plan.answer_until),
        ("评分截止", plan.mark_until),
    ]  # fmt: skip
    before = ("今天", day_of(at))
    for name, day in days:
        if day < before[1] or (day == before[1] and name not in {"征题截止", "评议截止"}):
            raise QiguanError(f"{name}要晚于{before[0]}（{say_day(before[1])}）", place=name, remedy="请改日期")
        before = (name, day)
    if not 1 <= plan.questions_drawn <= MOST_QUESTIONS:
        raise QiguanError(f"一张试卷1到{MOST_QUESTIONS}题", place="抽几题", remedy="请改题数")
    if plan.least < 10:
        raise QiguanError("少于10份的结果不能公布", place="最低份数", remedy="请写10或更大的数")
    if not 0 < plan.limit < WHOLE:
        raise QiguanError("不满意的线要在0到100%之间", place="不满意的线", remedy="请改这个数")
    if any(not name.strip() or size < 0 for name, size in plan.groups):
        raise QiguanError("人群要写名称和人数", place="人群", remedy="一行一组，如：60岁以上 2300")


def publish_list(*, season: Season, draw_on: date | None = None, number_source: str = "", by: User | None, at: datetime) -> str:
    """Number the questions and publish the list; return its fingerprint. Nothing on it changes after this.

    Where the day of the draw has come meanwhile, a later day and its number are named anew: nobody may know the number yet.
    """
    if by is not None:
        demand_examiner(by, season)
    with transaction.atomic():
        season = Season.objects.select_for_update().get(pk=season.pk)
        if season.stage != Season.Stage.OPEN or at <= season.weigh_until:
            raise QiguanError("评议截止以后才公布名单，只公布一次", place=season.title, remedy="请等到评议截止")
        if season.questions.filter(stage__in=[Question.Stage.WAITING, Question.Stage.APPEALED]).exists():
            raise QiguanError("还有题目没有审核，或申诉没有答复", place="题目", remedy="先审完")
        day, source = draw_on or season.draw_on, number_source.strip() or season.number_source
        if day <= day_of(at) or end_of(day) >= season.answer_until:
            raise QiguanError("抽签日要晚于今天、早于答题截止", place="抽签日", remedy="另定抽签日，并写明那天的哪个号码")
        if draw_on not in {None, season.draw_on} and not number_source.strip():
            raise QiguanError("改了抽签日，没有写号码出处", place="抽签号码出处", remedy="写那天才知道、谁都查得到的号码")
        views = Count("weighings", filter=Q(weighings__view=Weighing.View.AGREE)), Count("weighings", filter=Q(weighings__view=Weighing.View.DISAGREE))  # fmt: skip
        admitted = (
            season.questions.filter(stage=Question.Stage.ADMITTED).annotate(agree=views[0], disagree=views[1]).order_by("pk")
        )
        kept = [q for q in admitted if not is_rejected(q.agree, q.disagree, least=season.least)]
        if len(kept) < season.questions_drawn:
            raise QiguanError(
                f"名单里只有{len(kept)}题，不够抽{season.questions_drawn}题", place="题目", remedy="这一季题目太少，不能开考"
            )
        text = write_list([q.asked for q in kept], count=season.questions_drawn)
        for (number, _), question in zip(read_list(text.encode()).questions, kept, strict=True):
            Question.objects.filter(pk=question.pk).update(number=number)
        season.questions.filter(stage=Question.Stage.ADMITTED, number="").update(left_out=True)
        season.list_text, season.list_hash, season.listed_at = text, fingerprint(text), at
        season.draw_on, season.number_source, season.stage = day, source[:120], Season.Stage.LISTED
        season.save()
        record_audit(
            action="publish_question_list", by=by, at=at, on=season, organ=season.organ, fields=["list_hash"], count=len(kept)
        )
    return season.list_hash


def draw_paper(*, season: Season, seed: str, by: User | None, at: datetime) -> Paper:
    """Draw the paper from the published list with the public number. Once; anyone can redo it.

    A question that last season's invited panel marked below the limit is asked again, beside those drawn.
    """
    if by is not None:
        demand_examiner(by, season)
    seed = seed.strip()[:60]
    if not seed:
        raise QiguanError("没有填号码", place="抽签号码", remedy=f"请填{season.number_source}")
    with transaction.atomic():
        season = Season.objects.select_for_update().get(pk=season.pk)
        if season.stage != Season.Stage.LISTED:
            raise QiguanError("名单公布以后才抽签，只抽一次", place=season.title, remedy="请看现在到了哪一步")
        if day_of(at) < season.draw_on:
            raise QiguanError(f"{say_day(season.draw_on)}才抽签", place="抽签日", remedy=f"等{season.number_source}公布")
        numbers = read_list(season.list_text.encode()).draw(seed)
        found = {q.number: q for q in season.questions.exclude(number="")}
        paper = Paper.objects.create(season=season, drawn_at=at, drawn_by=by)
        rows = [(found[n], found[n].asked, False) for n in numbers] + [(q, q.asked, True) for q in _asked_again(season)]
        PaperQuestion.objects.bulk_create(
            PaperQuestion(paper=paper, order=n, question=q, words=words, again=again)
            for n, (q, words, again) in enumerate(rows[:MOST_QUESTIONS], 1)
        )
        Season.objects.filter(pk=season.pk).update(seed=seed, stage=Season.Stage.DRAWN)
        record_audit(action="draw_paper", by=by, at=at, on=season, organ=season.organ, fields=["seed"], count=len(numbers))
    return paper


def _asked_again(season: Season) -> list[Question]:
    before = Season.objects.filter(organ=season.organ, stage=Season.Stage.PUBLISHED).exclude(pk=season.pk).first()
    if before is None:
        return []
    accounts = set(season.candidates.values_list("account_id", flat=True))
    below = [b.question.question for b in questions_below_limit(before) if b.candidate.account_id in accounts]
    return list(dict.fromkeys(below))
