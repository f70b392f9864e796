"""What citizens see: seasons from their opening, questions once admitted, answers as they are given, results once published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom

from django.db.models import Count, Q, QuerySet

from qiguan.core.days import day_of, say, say_day
from qiguan.examination.keys import digest
from qiguan.examination.models import Answer, Candidate, PaperQuestion, Phase, Question, Season, Weighing

STEPS = ("出题", "评议", "抽签", "单位答题", "群众评分", "公布结果")
_STEP = {
    Phase.PROPOSING: 0, Phase.WEIGHING: 1, Phase.LISTING: 2, Phase.DRAWING: 2, Phase.ANSWERING: 3, Phase.MARKING: 4, Phase.CLOSING: 5,
    Phase.COUNTED: 5, Phase.PUBLISHED: 5,
}  # fmt: skip
AT_ONCE = 8  # questions weighed on one page


def public_seasons() -> QuerySet[Season]:
    """Return all seasons, the newest first: a season is public from its opening."""
    return Season.objects.select_related("organ")


def steps_of(season: Season, at: datetime) -> list[tuple[str, str]]:
    """Return each step with `done`, `now` or ""."""
    here = _STEP[season.phase(at)]
    return [(word, "done" if n < here else "now" if n == here else "") for n, word in enumerate(STEPS)]


def dates_of(season: Season) -> list[tuple[str, str]]:
    """Return the published dates in words."""
    return [
        ("征题", f"到{say(season.propose_until)}"),
        ("评议题目", f"到{say(season.weigh_until)}"),
        ("抽签", f"{say_day(season.draw_on)}，用{season.number_source}"),
        ("单位答题", f"到{say(season.answer_until)}"),
        ("群众评分", f"答题截止后，到{say(season.mark_until)}"),
    ]


def moderation_of(season: Season) -> dict[str, int]:
    """Return how the questions fared, in numbers."""
    stages = dict(season.questions.values_list("stage").annotate(n=Count("pk")).order_by())
    s = Question.Stage
    return {
        "all": sum(stages.values()),
        "admitted": stages.get(s.ADMITTED, 0),
        "refused": stages.get(s.REFUSED, 0) + stages.get(s.FINAL, 0) + stages.get(s.APPEALED, 0),
        "waiting": stages.get(s.WAITING, 0),
        "appealed": season.questions.exclude(appeal="").count(),
    }


def public_questions(season: Season) -> QuerySet[Question]:
    """Return the admitted questions with how they were weighed."""
    views = {v: Count("weighings", filter=Q(weighings__view=v)) for v in Weighing.View.values}
    found = season.questions.filter(stage=Question.Stage.ADMITTED)
    return found.annotate(n_agree=views["agree"], n_disagree=views["disagree"], n_pass=views["pass"]).order_by("pk")


def to_weigh(season: Season, cookie: str) -> list[Question]:
    """Return some questions that this visitor has not weighed, in an order drawn anew for each page."""
    done = (
        Weighing.objects.filter(visitor=digest("weigher", cookie), question__season=season) if cookie else Weighing.objects.none()
    )
    open_ = list(season.questions.filter(stage=Question.Stage.ADMITTED).exclude(pk__in=done.values("question")))
    return SystemRandom().sample(open_, min(AT_ONCE, len(open_)))


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the paper and what the unit said to it; None: nothing by the deadline, or not yet."""

    question: PaperQuestion
    answer: Answer | None


def paper_of(candidate: Candidate) -> list[Asked]:
    """Return the paper with the candidate's answers."""
    answers = {a.question_id: a for a in candidate.answers.all()}
    asked = PaperQuestion.objects.filter(paper__season=candidate.season_id).select_related("question")
    return [Asked(q, answers.get(q.pk)) for q in asked]


def is_late(season: Season, at: datetime) -> bool:
    """Say whether the deadline for answers has passed."""
    return day_of(at) > day_of(season.answer_until)
