"""待我处理: one page for everybody, with nothing on it where nothing waits."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from qiguan.jobs import clock
from qiguan.people.queries import official
from qiguan.people.waiting.sections import OFFERS


@login_required
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """List what waits for the user now."""
    user, at = official(request), clock.now()
    sections = [section for section in (offer(user, at) for offer in OFFERS) if section.total]
    context = {"sections": sections, "total": sum(s.total for s in sections), "at": at}
    return render(request, "people/waiting.html", context)
