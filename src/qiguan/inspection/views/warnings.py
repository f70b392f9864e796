"""提醒: the supervisor's list of what is near a line, who was told when, and what the leader decided. A list, no alarms."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qiguan.core.days import day_of, end_of
from qiguan.core.facts import Scope, State
from qiguan.core.written_dates import SHANGHAI
from qiguan.inspection.models import Standing
from qiguan.inspection.queries.watched import workdays
from qiguan.inspection.warned import LeaderDecision, Warned
from qiguan.jobs import clock
from qiguan.people.models import Role
from qiguan.people.queries import MANAGES, has_role

PAGE = 50


@login_required
def warnings(request: HttpRequest) -> HttpResponse:
    """Accounts near a line, the nearest first."""
    at = clock.now()
    today, days = at.astimezone(SHANGHAI).date(), workdays(at)
    horizon = int(end_of(days.horizon(today)).timestamp())
    near = Standing.objects.visible_to(request.user).filter(
        state__in=[State.ACTIVE, State.DUE], line_key__gte=int(at.timestamp())
    )
    near = near.filter(Q(state=State.DUE) | Q(line_key__lte=horizon)).exclude(scope=Scope.LISTED).order_by("line_key", "pk")
    page = Paginator(near, PAGE).get_page(request.GET.get("page"))
    ids = [row.pk for row in page]
    told: dict[int, list[Warned]] = {}
    for record in Warned.objects.filter(account__in=ids, line_at__gte=at).select_related("user").order_by("-at", "pk"):
        told.setdefault(record.account_id, []).append(record)
    decided = {
        d.account_id: d
        for d in LeaderDecision.objects.filter(account__in=ids, line_at__gte=at).exclude(choice="").order_by("decided_at")
    }
    names = has_role(request.user, *MANAGES, Role.LEADER, Role.AUDITOR)
    rows = []
    for row in page:
        line = day_of(row.next_line_at) if row.next_line_at else today
        rows.append(
            (row, days.left(today, line), days.holiday(today, line), _said(told.get(row.pk, []), names), decided.get(row.pk))
        )
    assumed = sorted({day.year for day in (today, days.horizon(today)) if not days.knows(day)})
    return render(request, "inspection/warnings.html", {"rows": rows, "page_obj": page, "assumed": assumed, "at": at})


def _said(records: list[Warned], names: bool) -> list[tuple[str, object]]:
    """Who was told and when, the newest word to each person; without names for those who manage nobody."""
    seen: dict[int, tuple[str, object]] = {}
    for record in records:
        role = "分管负责人" if record.stage == "leader" else "运营人员"
        seen.setdefault(record.user_id, (f"{role}{record.user}" if names else role, record.at))
    return list(seen.values())
