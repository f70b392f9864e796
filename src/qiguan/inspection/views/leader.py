"""分管负责人: three buttons an account, and a second page that asks once more. A fetched link does nothing; only that page's button does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from qiguan.core.errors import QiguanError
from qiguan.core.facts import State
from qiguan.core.written_dates import SHANGHAI
from qiguan.inspection.actions.leading import decide_as_leader
from qiguan.inspection.actions.warnings import link_of
from qiguan.inspection.models import Standing
from qiguan.inspection.warned import LeaderDecision, LeaderLink
from qiguan.jobs import clock
from qiguan.people.queries import official
from qiguan.register.actions.filings import NO_SUCCESSOR

Choice = LeaderDecision.Choice
NOTICE_DAYS = 30  # between notice and closing, as websites have it; a proposal that the leader may change


@dataclass(frozen=True, slots=True)
class Question:
    """One account on the page: what was asked, how it stands now, what was answered."""

    decision: LeaderDecision
    standing: Standing | None

    @property
    def moved(self) -> bool:
        """Say whether it has posted since: the line of the message is no longer the next one."""
        now = self.standing
        return (
            now is not None
            and now.state == State.ACTIVE
            and now.next_line_at is not None
            and now.next_line_at > self.decision.line_at
        )


@csrf_exempt  # whoever holds the address holds the key: there is no session to ride on, and in-app browsers may keep no cookie
@require_http_methods(["GET", "HEAD", "POST"])
def leader(request: HttpRequest, key: str) -> HttpResponse:
    """Open by the key of a message."""
    link = link_of(key)
    if link is None:
        error = QiguanError("这个链接不对，或者已经作废", remedy="请从最近一条消息里打开，或登录后在“消息”里办理")
        return _private(render(request, "inspection/leader_closed.html", {"error": error}, status=404))
    return _private(_page(request, link, inside=False))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leader_inside(request: HttpRequest, public_id: str) -> HttpResponse:
    """Open the same from the inbox, logged in."""
    link = get_object_or_404(LeaderLink.objects.select_related("leader"), public_id=public_id, leader=official(request))
    return _private(_page(request, link, inside=True))


def _private(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _page(request: HttpRequest, link: LeaderLink, *, inside: bool) -> HttpResponse:
    at = clock.now()
    if not link.is_open(at):
        error = QiguanError("这个链接已过期", remedy="请登录后办理，或等下一次提醒")
        return render(request, "inspection/leader_closed.html", {"error": error}, status=410)
    decisions = link.decisions.select_related("account__owner", "filing").order_by("line_at", "pk")
    picked = decisions.filter(public_id=request.POST.get("decision", "")).first() if request.method == "POST" else None
    choice, problem = request.POST.get("choice", ""), None
    if picked is not None and request.POST.get("step") == "confirm":
        try:
            decide_as_leader(decision=picked, choice=choice, said=request.POST.dict(), by=link.leader, at=at)
            picked, choice = None, ""
        except QiguanError as error:
            problem = error
            picked = decisions.filter(public_id=request.POST.get("decision", "")).first()
    if picked is not None and choice in Choice.values and not picked.choice:
        context = {
            "decision": picked,
            "choice": choice,
            "word": Choice(choice).label,
            "said": _said(request, at),
            "problem": problem,
            "at": at,
        }
        return render(request, "inspection/leader_confirm.html", context, status=400 if problem else 200)
    standings = {s.pk: s for s in Standing.objects.filter(pk__in=[d.account_id for d in decisions])}
    context = {
        "questions": [Question(d, standings.get(d.account_id)) for d in decisions],
        "choices": Choice.choices,
        "problem": problem,
        "inside": inside,
        "link": link,
        "at": at,
    }
    return render(request, "inspection/leader.html", context, status=400 if problem else 200)


def _said(request: HttpRequest, at: datetime) -> dict[str, str]:
    """What was typed, else what is proposed: notice today, closing thirty days later."""
    today = at.astimezone(SHANGHAI).date()
    proposed = {
        "note": "",
        "owner": "",
        "why": "",
        "notice_on": today.isoformat(),
        "closes_on": (today + timedelta(days=NOTICE_DAYS)).isoformat(),
        "instead": NO_SUCCESSOR,
    }
    return {name: request.POST.get(name, value)[:400] for name, value in proposed.items()}
