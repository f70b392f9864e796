"""答题: a unit answers the paper question by question; it is public at once."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.core.errors import QiguanError
from qiguan.examination.actions.answers import MOST, answer_question
from qiguan.examination.models import Candidate, PaperQuestion, Phase, Season
from qiguan.examination.queries.permits import may_answer
from qiguan.examination.queries.public import paper_of
from qiguan.jobs import clock
from qiguan.people.queries import official


@login_required
def season_answer(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the paper of one's own account with what was answered, and take answers; what was typed stays where it is refused."""
    user, at = official(request), clock.now()
    seen = Candidate.objects.filter(season__in=Season.objects.visible_to(user)).select_related("season", "account__owner")
    candidate = get_object_or_404(seen, public_id=public_id)
    if not may_answer(user, candidate):
        raise Http404
    error: QiguanError | None = None
    tried = request.POST.get("question", "")
    if request.method == "POST":
        number = int(tried) if tried.isascii() and tried.isdecimal() and len(tried) < 4 else 0
        question = get_object_or_404(PaperQuestion, paper__season=candidate.season, order=number)
        try:
            answer_question(
                candidate=candidate, question=question, words=request.POST.get("words", ""), link=request.POST.get("link", ""), by=user, at=at
            )  # fmt: skip
            messages.success(request, f"第{number}题的回答已公开")
            return redirect("season_answer", public_id=public_id)
        except QiguanError as told:
            error = told
    context = {
        "c": candidate, "season": candidate.season, "asked": paper_of(candidate), "open": candidate.season.phase(at) == Phase.ANSWERING,
        "most": MOST, "error": error, "tried": tried, "said": request.POST, "at": at,
    }  # fmt: skip
    return render(request, "examination/season_answer.html", context, status=400 if error else 200)
