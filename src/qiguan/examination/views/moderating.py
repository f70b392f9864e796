"""审题: admit or refuse by the published reasons, answer appeals."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.core.errors import QiguanError
from qiguan.examination.actions.questions import MOST, admit_question, decide_question_appeal, refuse_question
from qiguan.examination.models import Question
from qiguan.examination.queries.permits import demand_examiner
from qiguan.examination.queries.public import moderation_of
from qiguan.examination.views.seasons import seen_season
from qiguan.jobs import clock
from qiguan.people.queries import official


@login_required
def season_questions(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what waits for a decision, appeals first, and take decisions."""
    season, user, at = seen_season(request, public_id), official(request), clock.now()
    demand_examiner(user, season)
    if request.method == "POST":
        asked = Question.objects.select_related("season__organ").filter(season=season)
        question = get_object_or_404(asked, public_id=request.POST.get("question", ""))
        words = request.POST.get("words", "")
        try:
            match request.POST.get("do"):
                case "admit":
                    admit_question(question=question, neutral=request.POST.get("neutral", ""), by=user, at=at)
                case "refuse":
                    refuse_question(question=question, why=request.POST.get("why", ""), words=words, by=user, at=at)
                case "uphold" | "reject":
                    admit = request.POST["do"] == "uphold"
                    decide_question_appeal(question=question, admit=admit, words=words, by=user, at=at)
                case _:
                    raise QiguanError("没有选怎么办", place="题目", remedy="请按通过或不通过")
            messages.success(request, f"{question.get_stage_display()}：{question.asked[:40]}")
        except QiguanError as error:
            messages.error(request, str(error))
        return redirect("season_questions", public_id=public_id)
    waiting = season.questions.filter(stage__in=[Question.Stage.APPEALED, Question.Stage.WAITING]).order_by("stage", "pk")
    page = Paginator(waiting, 20).get_page(request.GET.get("page"))
    context = {
        "season": season, "page_obj": page, "numbers": moderation_of(season), "reasons": Question.Why.choices, "most": MOST, "at": at,
        "S": Question.Stage, "user_id": user.pk,
    }  # fmt: skip
    return render(request, "examination/season_questions.html", context)
