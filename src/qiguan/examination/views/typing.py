"""录入纸质答卷: typed twice, by two persons; the page shows where the two differ."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qiguan.core.errors import QiguanError
from qiguan.core.marking import GRADES
from qiguan.examination.actions.paper_ballots import Typed, enter_paper_ballot
from qiguan.examination.ballots import PaperEntry
from qiguan.examination.forms import choices, lines_of, said_in
from qiguan.examination.models import Phase
from qiguan.examination.queries.permits import TYPISTS, demand_examiner
from qiguan.examination.views.seasons import seen_season
from qiguan.jobs import clock
from qiguan.people.queries import official


@login_required
def season_typing(request: HttpRequest, public_id: str) -> HttpResponse:
    """Type one paper ballot."""
    season, user, at = seen_season(request, public_id), official(request), clock.now()
    demand_examiner(user, season, *TYPISTS)
    if season.phase(at) != Phase.MARKING:
        messages.error(request, "现在不是评分的时候，不能录入纸质答卷")
        return redirect("season", public_id=public_id)
    error: QiguanError | None = None
    typed: Typed | None = None
    if request.method == "POST":
        try:
            typed = enter_paper_ballot(
                season=season, code=request.POST.get("code", ""), said=said_in(season, request.POST), by=user, at=at
            )
            if not typed.differences:
                messages.success(request, "两遍一致，已计入" if typed.cast else "第一遍录好了，请另一个人再录一遍")
                return redirect("season_typing", public_id=public_id)
        except QiguanError as told:
            error = told
    sent, group = request.POST, request.POST.get("group", "")
    context = {
        "season": season, "error": error, "differences": typed.differences if typed else [], "code": sent.get("code", ""),
        "lines": [(line, "") for line in lines_of(season, sent)], "whole": choices(GRADES, sent.get("whole")),
        "groups": [(str(n), name, str(n) == group) for n, (name, _) in enumerate(season.groups, 1)],
        "once": PaperEntry.objects.filter(candidate__season=season).count(),
    }  # fmt: skip
    page = render(request, "examination/season_typing.html", context, status=400 if error else 200)
    page["Cache-Control"] = "no-store"
    return page
