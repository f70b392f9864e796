"""Letters of the invited panel: made and given out once, as a file to print and seal. Nothing of it is kept."""

from __future__ import annotations

from io import BytesIO

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from qiguan.core.days import say
from qiguan.core.errors import QiguanError
from qiguan.core.marking import GRADES, POINTS
from qiguan.examination.actions.codes import seal_codes
from qiguan.examination.models import Candidate, Season
from qiguan.examination.queries.permits import demand_examiner
from qiguan.examination.views.seasons import seen_season
from qiguan.jobs import clock
from qiguan.people.queries import official


@login_required
def season_codes(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask how many letters for whom, drawn from how many; answer with the letters."""
    season, user = seen_season(request, public_id), official(request)
    demand_examiner(user, season)
    if request.method == "POST":
        candidates = Candidate.objects.select_related("season__organ").filter(season=season)
        candidate = get_object_or_404(candidates, public_id=request.POST.get("candidate", ""))
        try:
            count, frame = (
                _number(request.POST.get(name, ""), word) for name, word in (("count", "封数"), ("frame", "名单人数"))
            )
            codes = seal_codes(candidate=candidate, count=count, frame=frame, by=user, at=clock.now())
        except QiguanError as error:
            messages.error(request, str(error))
            return redirect("season_codes", public_id=public_id)
        return letters(season, candidate, codes)
    return render(request, "examination/season_codes.html", {"season": season, "candidates": season.candidates.all()})


def letters(season: Season, candidate: Candidate, codes: list[str]) -> HttpResponse:
    """Return the letters as one file: a page a letter, with the code, the way in, and the paper to mark by hand."""
    link = settings.PUBLIC_URL + reverse("exam_code", args=[season.public_id])
    drawn = season.stage not in {Season.Stage.OPEN, Season.Stage.LISTED}
    page = render_to_string(
        "examination/letters.html",
        {
            "season": season, "c": candidate, "codes": codes, "link": link, "qr": _qr(link), "until": say(season.mark_until),
            "since": say(season.answer_until), "questions": season.paper.questions.all() if drawn else [], "grades": GRADES, "points": POINTS,
            "groups": [name for name, _ in season.groups],
        },
    )  # fmt: skip
    answer = HttpResponse(page.encode(), content_type="text/html; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="letters.html"'
    answer["Cache-Control"] = "no-store"
    return answer


def _qr(link: str) -> SafeString:
    """Return the address as a picture. It holds no code: an address is written down wherever it passes."""
    import segno

    out = BytesIO()
    segno.make(link, error="m").save(out, kind="svg", scale=4, xmldecl=False, svgns=True, omitsize=False)
    return SafeString(out.getvalue().decode())  # segno draws squares alone; the address is not in the markup


def _number(text: str, word: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise QiguanError("不是个数", place=word, remedy="请写阿拉伯数字")
    return int(text)
