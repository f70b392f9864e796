"""Questions: a citizen proposes, a moderator admits or refuses by the published rule, another answers the appeal; visitors weigh."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.core.said import plain_words
from qiguan.examination.keys import digest, tracking_code
from qiguan.examination.models import Phase, Question, Season, Weighing
from qiguan.examination.queries.permits import demand_examiner
from qiguan.intake.actions.allow import Rate, demand_room
from qiguan.intake.actions.form_keys import use_form_key
from qiguan.people.actions import record_audit
from qiguan.people.models import User

FORM = "examination question"
WEIGH_FORM = "examination weighing"
MOST = 120  # characters of a question
PROPOSALS = Rate(10, timedelta(hours=1))  # of one address: an office or a household shares one
WEIGHINGS = Rate(60, timedelta(hours=1))
TRIES = Rate(30, timedelta(hours=1))


def propose_question(
    *, season: Season, words: str, wants_neutral: bool, form_key: str, visitor: str, at: datetime, now: datetime
) -> str:
    """Take a citizen's question; return the code by which it is followed. The same form again returns the same code."""
    demand_room(what=FORM, who=visitor, rate=PROPOSALS, now=now)
    if season.phase(at) != Phase.PROPOSING:
        raise UnusableInput("征题已经截止", place="题目", remedy="可以去评议别人提的题")
    said = plain_words(words, place="题目", most=MOST, least=4)
    code = tracking_code(form_key)
    with transaction.atomic():
        if use_form_key(what=FORM, key=form_key, now=now):
            Question.objects.create(
                season=season, words=said, wants_neutral=wants_neutral, proposed_at=at, track=digest("question", code)
            )
    return code


def find_question(*, code: str, visitor: str, now: datetime) -> Question:
    """Return the question that goes with a proposer's code. Raises QiguanError where there is none, TooMany for many tries."""
    demand_room(what="examination track", who=visitor, rate=TRIES, now=now)
    kept = "".join(c for c in code[:80].upper() if c.isalnum())
    found = Question.objects.filter(track=digest("question", kept)).select_related("season", "season__organ").first()
    if found is None:
        raise UnusableInput("没有这个码", place="查询码", remedy="请照提题时给的那一串再输一遍")
    return found


def admit_question(*, question: Question, neutral: str = "", by: User | None, at: datetime) -> None:
    """Admit a question; `neutral` wording only where the proposer wished for it: both are shown."""
    if by is not None:
        demand_examiner(by, question.season)
    words = plain_words(neutral, place="中性表述", most=MOST, least=4) if neutral.strip() else ""
    if words and not question.wants_neutral:
        raise QiguanError("提题人没有请人代拟", place="中性表述", remedy="请用原话")
    _decide(question, Question.Stage.WAITING, by, at, "admit_question", stage=Question.Stage.ADMITTED, neutral=words)


def refuse_question(*, question: Question, why: str, words: str, by: User | None, at: datetime) -> None:
    """Refuse a question by one of the published reasons, and say in words what is meant."""
    if by is not None:
        demand_examiner(by, question.season)
    if why not in Question.Why.values:
        raise QiguanError("没有选理由", place="理由", remedy="只能按公布的理由不予通过")
    said = plain_words(words, place="说明", most=300, least=4)
    _decide(question, Question.Stage.WAITING, by, at, "refuse_question", stage=Question.Stage.REFUSED, why=why, why_words=said)


def appeal_question(*, question: Question, words: str, at: datetime) -> None:
    """Appeal against a refusal, once, until the weighing ends."""
    said = plain_words(words, place="申诉", most=300, least=4)
    if at > question.season.weigh_until:
        raise UnusableInput("申诉已经截止", place="申诉", remedy="下一季可以再提")
    held = Question.objects.filter(pk=question.pk, stage=Question.Stage.REFUSED)
    if not held.update(stage=Question.Stage.APPEALED, appeal=said):
        raise UnusableInput("这道题现在不能申诉", place="申诉", remedy="每道没有通过的题可以申诉一次")


def decide_question_appeal(*, question: Question, admit: bool, words: str, by: User | None, at: datetime) -> None:
    """Answer an appeal: another person than the one who refused."""
    if by is not None:
        demand_examiner(by, question.season)
        if by.pk == question.decided_by_id:
            raise QiguanError("申诉要由另一个人答复", place="申诉", remedy="请另一位监管员办理")
    said = plain_words(words, place="答复", most=300, least=4)
    stage = Question.Stage.ADMITTED if admit else Question.Stage.FINAL
    _decide(question, Question.Stage.APPEALED, by, at, "decide_question_appeal", stage=stage, appeal_words=said)


def _decide(question: Question, was: str, by: User | None, at: datetime, action: str, **sets: str) -> None:
    with transaction.atomic():
        held = Question.objects.filter(pk=question.pk, stage=was, season__stage=Season.Stage.OPEN)
        if not held.update(decided_by=by, decided_at=at, **sets):
            raise QiguanError("这道题已经有人办了", place="题目", remedy="请刷新页面", code="conflict")
        record_audit(action=action, by=by, at=at, on=question, organ=question.season.organ, fields=sorted(sets))
    question.refresh_from_db()


def weigh_questions(
    *, season: Season, views: Mapping[str, str], visitor: str, cookie: str, form_key: str, at: datetime, now: datetime
) -> int:
    """Take a visitor's views (a question's public id → agree, disagree, pass); return how many are new. The first view stays."""
    demand_room(what=WEIGH_FORM, who=visitor, rate=WEIGHINGS, now=now)
    if season.stage != Season.Stage.OPEN or at > season.weigh_until:
        raise UnusableInput("评议已经截止", place=season.title, remedy="名单公布以后就抽签")
    known = {q.public_id: q for q in season.questions.filter(stage=Question.Stage.ADMITTED, public_id__in=list(views)[:50])}
    who, new = digest("weigher", cookie), 0
    with transaction.atomic():
        if not use_form_key(what=WEIGH_FORM, key=form_key, now=now):
            return 0
        for name, view in views.items():
            if name in known and view in Weighing.View.values:
                try:
                    with transaction.atomic():
                        Weighing.objects.create(question=known[name], view=view, visitor=who)
                    new += 1
                except IntegrityError:  # weighed before
                    continue
    return new
