"""群众出题: the seasons, one season with its next door first, its questions and its list, a unit's paper."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from qiguan.core.marking import METHOD, say
from qiguan.core.platforms import PLATFORM_NAMES
from qiguan.core.sampling import RULE
from qiguan.examination.models import Candidate, Phase, Question, Season
from qiguan.examination.queries.public import (
    dates_of,
    is_late,
    moderation_of,
    paper_of,
    public_questions,
    public_seasons,
    steps_of,
)
from qiguan.jobs import clock


def season_of(public_id: str) -> Season:
    """Return a season by its address; 404 for any other."""
    return get_object_or_404(public_seasons(), public_id=public_id)


def exams(request: HttpRequest) -> HttpResponse:
    """List the seasons."""
    at = clock.now()
    rows = [(s, s.phase(at)) for s in public_seasons()[:50]]
    return render(request, "examination/exams.html", {"rows": rows, "at": at})


def exam(request: HttpRequest, public_id: str) -> HttpResponse:
    """One season: what can be done now, its dates, its rules, its questions in numbers, its paper."""
    season, at = season_of(public_id), clock.now()
    candidates = [(c, PLATFORM_NAMES.get(c.platform, c.platform)) for c in season.candidates.all()]
    drawn = season.stage not in {Season.Stage.OPEN, Season.Stage.LISTED}
    shown: dict[str, Any] = {
        "season": season, "phase": season.phase(at), "P": Phase, "steps": steps_of(season, at), "dates": dates_of(season), "at": at,
        "numbers": moderation_of(season), "candidates": candidates, "method": METHOD, "rule": RULE, "limit": say(season.limit), "reasons": Question.Why.labels,
        "paper": season.paper.questions.select_related("question") if drawn else [],
    }  # fmt: skip
    return render(request, "examination/exam.html", shown)


def exam_questions(request: HttpRequest, public_id: str) -> HttpResponse:
    """The admitted questions, and once the weighing is over how they were weighed."""
    season, at = season_of(public_id), clock.now()
    over = at > season.weigh_until
    shown = {"season": season, "rows": public_questions(season), "over": over, "numbers": moderation_of(season)}
    return render(request, "examination/exam_questions.html", shown)


def exam_list(request: HttpRequest, public_id: str) -> HttpResponse:
    """The numbered list as a file: the very bytes of the fingerprint."""
    season = season_of(public_id)
    if not season.list_text:
        return render(request, "404.html", status=404)
    answer = HttpResponse(season.list_text.encode(), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="questions.txt"'
    return answer


def exam_paper(request: HttpRequest, public_id: str) -> HttpResponse:
    """A unit's answers to the paper."""
    candidate = get_object_or_404(Candidate.objects.select_related("season"), public_id=public_id)
    season, at = candidate.season, clock.now()
    shown = {
        "c": candidate, "season": season, "platform": PLATFORM_NAMES.get(candidate.platform, candidate.platform), "asked": paper_of(candidate),
        "late": is_late(season, at), "phase": season.phase(at), "P": Phase, "at": at,
    }  # fmt: skip
    return render(request, "examination/exam_paper.html", shown)
