"""A citizen proposes a question, follows it by its code, appeals, and weighs what others ask. No log-in, no scripts."""

from __future__ import annotations

import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from qiguan.core.errors import QiguanError, TooMany
from qiguan.examination.actions.questions import (
    FORM,
    MOST,
    WEIGH_FORM,
    appeal_question,
    find_question,
    propose_question,
    weigh_questions,
)
from qiguan.examination.keys import shown as grouped
from qiguan.examination.models import Phase, Question, Weighing
from qiguan.examination.public.seasons import season_of
from qiguan.examination.queries.public import to_weigh
from qiguan.intake.actions.form_keys import make_form_key
from qiguan.intake.visitors import visitor_of
from qiguan.jobs import clock

COOKIE = "qg_weigh"
_COOKIE_AGE = 120 * 86400


def private(page: HttpResponse, error: QiguanError | None = None) -> HttpResponse:
    """Keep a page that holds a code out of caches and search engines (its address holds none); say when to come again."""
    page["Cache-Control"] = "no-store"
    page["X-Robots-Tag"] = "noindex"
    if isinstance(error, TooMany):
        page["Retry-After"] = str(error.wait)
    return page


def status_of(error: QiguanError | None) -> int:
    """Return the status of a form's answer."""
    return 200 if error is None else 429 if isinstance(error, TooMany) else 400


@never_cache
def exam_propose(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the form of one question, and take it: the answer bears the code, and the same form gives the same code again."""
    season, at, now = season_of(public_id), clock.now(), clock.machine_now()
    error: QiguanError | None = None
    if request.method == "POST":
        try:
            code = propose_question(
                season=season, words=request.POST.get("words", ""), wants_neutral=request.POST.get("neutral") == "yes",
                form_key=request.POST.get("key", ""), visitor=visitor_of(request), at=at, now=now,
            )  # fmt: skip
            return private(render(request, "examination/exam_proposed.html", {"season": season, "code": grouped(code)}))
        except QiguanError as told:
            error = told
    shown = {
        "season": season, "error": error, "said": request.POST, "most": MOST, "key": make_form_key(what=FORM, now=now),
        "open": season.phase(at) == Phase.PROPOSING, "reasons": Question.Why.labels,
    }  # fmt: skip
    return private(render(request, "examination/exam_propose.html", shown, status=status_of(error)), error)


@never_cache
def exam_mine(request: HttpRequest) -> HttpResponse:
    """What became of my question, by its code; the appeal against a refusal."""
    at, now = clock.now(), clock.machine_now()
    question: Question | None = None
    error: QiguanError | None = None
    if request.method == "POST":
        try:
            question = find_question(code=request.POST.get("code", ""), visitor=visitor_of(request), now=now)
            if request.POST.get("do") == "appeal":
                appeal_question(question=question, words=request.POST.get("words", ""), at=at)
                question.refresh_from_db()
        except QiguanError as told:
            error = told
    shown = {
        "q": question, "error": error, "said": request.POST, "at": at, "S": Question.Stage,
        "may_appeal": question is not None and question.stage == Question.Stage.REFUSED and at <= question.season.weigh_until,
    }  # fmt: skip
    return private(render(request, "examination/exam_mine.html", shown, status=status_of(error)), error)


@never_cache
def exam_weigh(request: HttpRequest, public_id: str) -> HttpResponse:
    """Weigh some questions in random order; a cookie of ours, which proves little, keeps one visitor from seeing them again."""
    season, at, now = season_of(public_id), clock.now(), clock.machine_now()
    cookie, error, done = request.COOKIES.get(COOKIE, "")[:60], None, 0
    fresh = cookie or secrets.token_urlsafe(16)
    if request.method == "POST":
        views = {name[2:]: str(view) for name, view in request.POST.items() if name.startswith("q-")}
        try:
            done = weigh_questions(
                season=season, views=views, visitor=visitor_of(request), cookie=fresh, form_key=request.POST.get("key", ""), at=at, now=now
            )  # fmt: skip
            cookie = fresh
        except QiguanError as told:
            error = told
    shown = {
        "season": season, "rows": to_weigh(season, cookie), "views": Weighing.View.choices, "error": error, "done": done,
        "sent": request.method == "POST" and error is None, "key": make_form_key(what=WEIGH_FORM, now=now),
        "open": season.phase(at) in {Phase.PROPOSING, Phase.WEIGHING},
    }  # fmt: skip
    page = render(request, "examination/exam_weigh.html", shown, status=status_of(error))
    if request.method == "POST" and error is None:
        page.set_cookie(COOKIE, fresh, max_age=_COOKIE_AGE, httponly=True, samesite="Lax", secure=request.is_secure())
    return private(page, error)
