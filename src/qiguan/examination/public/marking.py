"""阅卷: with a letter's code (invited panel) or without (open panel); reporting that praise was asked for. No session is touched."""

from __future__ import annotations

from typing import Any

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from qiguan.core.errors import QiguanError
from qiguan.core.marking import GRADES
from qiguan.examination.actions.casting import candidate_of_code, cast_invited, cast_open, make_ballot_form
from qiguan.examination.actions.pressure import report_pressure
from qiguan.examination.forms import choices, lines_of, said_in
from qiguan.examination.models import Candidate, Phase, Season
from qiguan.examination.public.asking import private, status_of
from qiguan.examination.public.seasons import season_of
from qiguan.examination.queries.public import paper_of
from qiguan.intake.proof_of_work import BITS
from qiguan.intake.visitors import visitor_of
from qiguan.jobs import clock

COOKIE = "qg_marked"
_COOKIE_AGE = 120 * 86400
_MOST = 40  # candidates a cookie remembers
_SIGNER = Signer(salt="qiguan.examination.marked")


@never_cache
def exam_code(request: HttpRequest, public_id: str) -> HttpResponse:
    """Type the letter's code; mark; thanks. The code is in no address: addresses are written down on the way."""
    season, at, now = season_of(public_id), clock.now(), clock.machine_now()
    code, visitor = request.POST.get("code", ""), visitor_of(request)
    error: QiguanError | None = None
    candidate: Candidate | None = None
    if request.method == "POST":
        try:
            if request.POST.get("do") == "cast":
                cast_invited(
                    season=season, code=code, said=said_in(season, request.POST), form_key=request.POST.get("key", ""), visitor=visitor, at=at, now=now
                )  # fmt: skip
                return private(redirect("exam_thanks", public_id=public_id))
            candidate = candidate_of_code(season=season, code=code, visitor=visitor, at=at, now=now)
        except QiguanError as told:
            error = told
    if error is not None and request.POST.get("do") == "cast":
        try:  # a ballot with something missing comes back with its marks
            candidate = candidate_of_code(season=season, code=code, visitor=visitor, at=at, now=now)
        except QiguanError as told:
            error = told
    if candidate is None:
        shown = {"season": season, "error": error, "said": request.POST, "open": season.phase(at) == Phase.MARKING}
        return private(render(request, "examination/exam_code.html", shown, status=status_of(error)), error)
    shown = _ballot(request, season, candidate, error) | {"code": code, "key": make_ballot_form(now=now)}
    return private(render(request, "examination/exam_ballot.html", shown, status=status_of(error)), error)


@never_cache
def exam_mark(request: HttpRequest, public_id: str) -> HttpResponse:
    """Mark a unit's paper in the open panel."""
    candidate = get_object_or_404(Candidate.objects.select_related("season"), public_id=public_id)
    season, at, now = candidate.season, clock.now(), clock.machine_now()
    if season.phase(at) != Phase.MARKING:
        return redirect("exam_paper", public_id=public_id)
    marked, error = _marked(request), None
    if request.method == "POST":
        try:
            cast_open(
                candidate=candidate, said=said_in(season, request.POST), form_key=request.POST.get("key", ""), work=request.POST.get("work", ""),
                visitor=visitor_of(request), marked_here=public_id in marked, at=at, now=now,
            )  # fmt: skip
            page = private(redirect("exam_thanks", public_id=season.public_id))
            kept = ",".join([*(m for m in marked if m != public_id), public_id][-_MOST:])
            page.set_cookie(
                COOKIE, _SIGNER.sign(kept), max_age=_COOKIE_AGE, httponly=True, samesite="Lax", secure=request.is_secure()
            )
            return page
        except QiguanError as told:
            error = told
    key = make_ballot_form(now=now)
    shown = _ballot(request, season, candidate, error) | {"key": key, "bits": BITS, "marked_here": public_id in marked}
    return private(render(request, "examination/exam_ballot.html", shown, status=status_of(error)), error)


def exam_thanks(request: HttpRequest, public_id: str) -> HttpResponse:
    """The same thanks for everyone, however often."""
    return render(request, "examination/exam_thanks.html", {"season": season_of(public_id)})


@never_cache
def exam_pressure(request: HttpRequest, public_id: str) -> HttpResponse:
    """Report with the code that praise was asked for."""
    season, at, now = season_of(public_id), clock.now(), clock.machine_now()
    error, sent = None, False
    if request.method == "POST":
        try:
            report_pressure(
                season=season, code=request.POST.get("code", ""), words=request.POST.get("words", ""), visitor=visitor_of(request), at=at, now=now
            )  # fmt: skip
            sent = True
        except QiguanError as told:
            error = told
    shown = {"season": season, "error": error, "said": request.POST, "sent": sent}
    return private(render(request, "examination/exam_pressure.html", shown, status=status_of(error)), error)


def _ballot(request: HttpRequest, season: Season, candidate: Candidate, error: QiguanError | None) -> dict[str, Any]:
    sent = request.POST
    answers = {a.question.pk: a.answer for a in paper_of(candidate)}
    group = sent.get("group", "")
    return {
        "season": season, "c": candidate, "error": error, "whole": choices(GRADES, sent.get("whole")),
        "lines": [(line, answers[line.question.pk]) for line in lines_of(season, sent)],
        "groups": [(str(n), name, str(n) == group) for n, (name, _) in enumerate(season.groups, 1)],
    }  # fmt: skip


def _marked(request: HttpRequest) -> list[str]:
    try:
        return _SIGNER.unsign(request.COOKIES.get(COOKIE, "")[:1000]).split(",")
    except BadSignature:
        return []
