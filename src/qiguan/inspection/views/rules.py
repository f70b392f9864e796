"""判定口径: the rules and packs with whose number each is, which pack binds which organ, and the working-day calendar."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.core.errors import QiguanError
from qiguan.core.pack import load_packs
from qiguan.core.rule import all_rules
from qiguan.core.written_dates import SHANGHAI, parse_day
from qiguan.inspection.actions.packs import set_working_day, use_pack
from qiguan.inspection.models import PackUse
from qiguan.inspection.queries.packs import local_packs_seen_by
from qiguan.inspection.views.local_packs import local_rows
from qiguan.jobs import clock
from qiguan.jobs.models import WorkingDay
from qiguan.people.models import Role, User
from qiguan.people.queries import has_role, official, organs_seen_by


@login_required
def rules(request: HttpRequest) -> HttpResponse:
    """Rules and packs; a supervisor names the pack of an organ."""
    may_change = has_role(request.user, Role.SUPERVISOR)
    if request.method == "POST":
        organ = get_object_or_404(organs_seen_by(request.user), public_id=request.POST.get("organ", ""))
        since = parse_day(request.POST.get("since", ""))
        try:
            if not isinstance(since, date):
                raise QiguanError("日期读不出来", place="自哪天起", remedy="请写成2026年9月30日")
            use_pack(organ=organ, pack=request.POST.get("pack", ""), since=since, by=official(request), at=clock.now())
            messages.success(request, f"{organ.name}自{since}起按所选规则包检查，账号正在重新判断")
        except QiguanError as error:
            messages.error(request, str(error))
        return redirect("rules")
    uses = (
        PackUse.objects.filter(organ__in=organs_seen_by(request.user)).select_related("organ").order_by("organ__path", "-since")
    )
    titles = dict(_choices(request.user))
    context = {
        "rules": all_rules().values(), "packs": load_packs().values(), "local": local_rows(request.user), "choices": _choices(request.user), "uses": [(u, titles.get(u.pack, u.pack)) for u in uses], "may_change": may_change,
        "organs": organs_seen_by(request.user).order_by("path")[:400] if may_change else [], "at": clock.now(),
    }  # fmt: skip
    return render(request, "inspection/rules.html", context)


def _choices(user: User | AnonymousUser) -> list[tuple[str, str]]:
    """The packs to choose from: those that ship, then those filled in, each once."""
    local = {row.key: f"{row.title}（本地）" for row in reversed(local_packs_seen_by(user))}
    return [*((p.id, p.title_zh) for p in load_packs().values()), *local.items()]


@login_required
def calendar(request: HttpRequest) -> HttpResponse:
    """One year of the official calendar: what departs from the plain week; a supervisor corrects a day."""
    this_year = clock.now().astimezone(SHANGHAI).year
    text = request.GET.get("year", "")
    year = int(text) if text.isdecimal() and len(text) == 4 else this_year
    if request.method == "POST":
        day = parse_day(request.POST.get("day", ""))
        try:
            if not isinstance(day, date):
                raise QiguanError("日期读不出来", place="日期", remedy="请写成2026年9月30日")
            set_working_day(
                day=day,
                working=request.POST.get("working") == "1",
                note=request.POST.get("note", ""),
                by=official(request),
                at=clock.now(),
            )
            messages.success(request, f"{day}已改")
        except QiguanError as error:
            messages.error(request, str(error))
        return redirect(f"{request.path}?year={year}")
    days = WorkingDay.objects.filter(day__year=year)
    odd = [d for d in days if d.is_working == (d.day.weekday() >= 5)]
    context = {
        "year": year, "known": days.exists(), "odd": odd, "working": days.filter(is_working=True).count(), "may_change": has_role(request.user, Role.SUPERVISOR), "at": clock.now(),
        "years": sorted({d.year for d in WorkingDay.objects.dates("day", "year")} | {this_year + 1}),
    }  # fmt: skip
    return render(request, "inspection/calendar.html", context)
