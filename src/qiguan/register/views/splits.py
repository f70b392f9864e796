"""分设 by page: first the successors, then whose each account is; nothing is written before both are said."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.written_dates import parse_day
from qiguan.jobs import clock
from qiguan.people.models import Organ, Role
from qiguan.people.queries import MANAGES, demand_role, official, organs_seen_by
from qiguan.register.actions.splitting import split_organ, successors_named
from qiguan.register.models import Account


@login_required
def organ_split(request: HttpRequest, public_id: str) -> HttpResponse:
    """Name the successors; then say whose each account is; then it is written."""
    demand_role(request.user, *MANAGES)
    organ = get_object_or_404(organs_seen_by(request.user).select_related("parent"), public_id=public_id)
    demand_role(request.user, Role.SUPERVISOR, organ=organ.parent or organ)
    context: dict[str, Any] = {"organ": organ, "posted": request.POST}
    try:
        if request.POST.get("confirmed"):
            return _split(request, organ)
        if request.POST.get("next"):
            context |= _second_step(request, organ)
    except NotPermitted:
        raise
    except QiguanError as error:
        messages.error(request, str(error))
    return render(request, "register/split.html", context)


def _second_step(request: HttpRequest, organ: Organ) -> dict[str, Any]:
    day, into = _day(request), successors_named(organ=organ, names=_names(request), by=official(request))
    accounts = Account.objects.filter(owner=organ).order_by("status", "name_key", "pk")
    return {"day": day, "into": into, "accounts": accounts, "stays": any(s.organ == organ for s in into)}


def _split(request: HttpRequest, organ: Organ) -> HttpResponse:
    given = {key.removeprefix("to-"): str(value) for key, value in request.POST.items() if key.startswith("to-") and value}
    split_organ(
        organ=organ,
        into=_names(request),
        on=_day(request),
        document=request.POST.get("document", "").strip()[:200],
        given=given,
        by=official(request),
        at=clock.now(),
    )
    waiting = Account.objects.filter(owner=organ).exclude(status=Account.Status.CLOSED).count() if organ.ended_on else 0
    more = f"；还有{waiting}个账号没定归谁，已标为主办单位已撤并" if waiting else ""
    messages.success(request, f"已登记{organ.name}分设{more}")
    return redirect("organ_change", public_id=organ.public_id)


def _names(request: HttpRequest) -> list[str]:
    return [line.strip() for line in request.POST.get("into", "").replace("\x00", "").splitlines() if line.strip()]


def _day(request: HttpRequest) -> date:
    day = parse_day(request.POST.get("on", ""))
    if isinstance(day, date):
        return day
    raise QiguanError("日期读不出来", place="日期", remedy="请写成2026年9月30日")
