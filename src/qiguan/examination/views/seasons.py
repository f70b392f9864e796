"""考评 for officials: the seasons, opening one, one season with its next step first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.core.errors import QiguanError
from qiguan.core.marking import say
from qiguan.examination.actions.codes import note_returned_letters
from qiguan.examination.actions.counting import count_season, publish_season
from qiguan.examination.actions.seasons import draw_paper, open_season, publish_list
from qiguan.examination.ballots import PaperEntry, PressureReport
from qiguan.examination.models import Candidate, Phase, Question, Season
from qiguan.examination.queries.permits import may_answer, may_examine, may_type, offices_of
from qiguan.examination.queries.public import dates_of, moderation_of, steps_of
from qiguan.examination.queries.results import questions_below_limit
from qiguan.examination.views.season_form import SeasonForm, told_in
from qiguan.jobs import clock
from qiguan.people.models import Role, User
from qiguan.people.queries import demand_role, has_role, official

SEES = (Role.SUPERVISOR, Role.UNIT_ADMIN, Role.OPERATOR, Role.LEADER, Role.AUDITOR, Role.CHECKER, Role.COUNTER)


@login_required
def seasons(request: HttpRequest) -> HttpResponse:
    """List the seasons of the user's offices, and those in which the user's units are asked."""
    demand_role(request.user, *SEES)
    at = clock.now()
    rows = [(s, s.phase(at)) for s in Season.objects.visible_to(request.user).select_related("organ")[:50]]
    return render(
        request, "examination/seasons.html", {"rows": rows, "may_open": has_role(request.user, Role.SUPERVISOR), "at": at}
    )


@login_required
def season_new(request: HttpRequest) -> HttpResponse:
    """Open a season; what was typed stays where something is wrong, and the field says what."""
    demand_role(request.user, Role.SUPERVISOR)
    at, user = clock.now(), official(request)
    form = SeasonForm(request.POST or None, offices=offices_of(user), at=at)
    if request.method == "POST" and form.is_valid():
        try:
            d = form.cleaned_data
            season = open_season(organ=d["organ"], title=d["title"], accounts=form.chosen(), plan=form.plan(), by=user, at=at)
            return redirect("season", public_id=season.public_id)
        except QiguanError as error:
            form.add_error(told_in(error), f"{error.message}。{error.remedy}")
    return render(request, "examination/season_new.html", {"form": form}, status=400 if form.errors else 200)


def seen_season(request: HttpRequest, public_id: str) -> Season:
    """Return a season that the user may see; 404 for any other."""
    demand_role(request.user, *SEES)
    return get_object_or_404(Season.objects.visible_to(request.user).select_related("organ"), public_id=public_id)


@login_required
def season(request: HttpRequest, public_id: str) -> HttpResponse:
    """One season: what is to be done next, how far the letters are, what the invited panel found."""
    found, user, at = seen_season(request, public_id), official(request), clock.now()
    if request.method == "POST":
        try:
            step = _STEPS.get(request.POST.get("do", ""))
            if step is None:
                raise QiguanError("不知道要做什么", place=found.title, remedy="请从页面上的按钮办")
            messages.success(request, step(request, found, user))
        except QiguanError as error:
            messages.error(request, str(error))
        return redirect("season", public_id=public_id)
    examines = may_examine(user, found)
    candidates = list(found.candidates.select_related("account__owner"))
    for c in candidates:
        c.mine = may_answer(user, c)  # type: ignore[attr-defined]
        c.answered = c.answers.count()  # type: ignore[attr-defined]
    drawn = found.stage not in {Season.Stage.OPEN, Season.Stage.LISTED}
    context: dict[str, Any] = {
        "season": found, "phase": found.phase(at), "P": Phase, "steps": steps_of(found, at), "dates": dates_of(found), "at": at,
        "numbers": moderation_of(found), "examines": examines, "types": may_type(user, found), "candidates": candidates,
        "limit": say(found.limit), "asked": found.paper.questions.count() if drawn else 0,
        "waiting": found.questions.filter(stage__in=[Question.Stage.WAITING, Question.Stage.APPEALED]).count(),
        "half": PaperEntry.objects.filter(candidate__season=found).count() if examines else 0,
        "pressure": PressureReport.objects.filter(candidate__season=found).exclude(words="").select_related("candidate").order_by("day", "key")
        if examines else [],
        "below": [(b, say(b.share), say(b.low)) for b in questions_below_limit(found)],
    }  # fmt: skip
    return render(request, "examination/season.html", context)


def _list(request: HttpRequest, found: Season, user: User) -> str:
    text = request.POST.get("draw_on", "")
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError as error:
        raise QiguanError("日期读不出来", place="抽签日", remedy="请写成2026-09-28") from error
    told = publish_list(season=found, draw_on=day, number_source=request.POST.get("number_source", ""), by=user, at=clock.now())
    return f"名单已公布，指纹{told}"


def _draw(request: HttpRequest, found: Season, user: User) -> str:
    paper = draw_paper(season=found, seed=request.POST.get("seed", ""), by=user, at=clock.now())
    return f"试卷已定，{paper.questions.count()}题"


def _count(request: HttpRequest, found: Season, user: User) -> str:
    count_season(season=found, drop_half_typed=request.POST.get("drop") == "yes", by=user, at=clock.now())
    return "统计好了，核对以后公布"


def _publish(request: HttpRequest, found: Season, user: User) -> str:
    publish_season(season=found, by=user, at=clock.now())
    return "结果已公布，所有的码都已删掉"


def _returned(request: HttpRequest, found: Season, user: User) -> str:
    one = get_object_or_404(
        Candidate.objects.select_related("season__organ"), season=found, public_id=request.POST.get("candidate", "")
    )
    text = request.POST.get("returned", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 7):
        raise QiguanError("不是个数", place="退信", remedy="请写退回的封数")
    note_returned_letters(candidate=one, returned=int(text), by=user, at=clock.now())
    return "记下了"


_STEPS: dict[str, Callable[[HttpRequest, Season, User], str]] = {
    "list": _list, "draw": _draw, "count": _count, "publish": _publish, "returned": _returned,
}  # fmt: skip
