"""单位沿革: organs with their lives, found by every former name; accounts whose owner ended, with three acts."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.core.errors import QiguanError
from qiguan.core.platforms import name_key
from qiguan.core.written_dates import parse_day
from qiguan.jobs import clock
from qiguan.people.actions import end_organ, found_organ, rename_organ
from qiguan.people.models import Organ, OrganEvent, Role
from qiguan.people.queries import MANAGES, demand_role, has_role, official, organs_seen_by
from qiguan.register.actions.organs import move_organ
from qiguan.register.models import Account
from qiguan.register.queries.ended import accounts_of_ended

CHANGES = {"merge": "合并", "abolish": "撤销", "move": "隶属调整"}  # what only a supervisor above the organ registers


@login_required
def organs(request: HttpRequest) -> HttpResponse:
    """The organs of the jurisdiction; a supervisor founds new ones."""
    demand_role(request.user, *MANAGES)
    seen = organs_seen_by(request.user)
    if request.method == "POST":
        demand_role(request.user, Role.SUPERVISOR)
        try:
            return redirect("organ_change", public_id=_founded(request).public_id)
        except QiguanError as error:
            messages.error(request, str(error))
    found = seen.prefetch_related("names").select_related("successor", "parent").order_by("path")
    words = request.GET.get("q", "").strip()[:60]
    if words:
        found = found.filter(name_key__contains=name_key(words)) | found.filter(names__name_key__contains=name_key(words))
    page = Paginator(found.distinct(), 50).get_page(request.GET.get("page"))
    may = has_role(request.user, Role.SUPERVISOR)
    context = {
        "page_obj": page,
        "words": words,
        "may_change": may,
        "parents": seen.filter(sort=Organ.Sort.PLACE, ended_on=None).order_by("path")[:400] if may else [],
        "levels": Organ.Level.choices,
        "sorts": Organ.Sort.choices,
        "ended": accounts_of_ended(request.user).count(),
        "posted": request.POST,
    }
    return render(request, "register/organs.html", context)


def _founded(request: HttpRequest) -> Organ:
    form = request.POST
    parent = organs_seen_by(request.user).filter(public_id=form.get("parent", "")).first()
    if parent is None:
        raise QiguanError("没有选上级", place="上级", remedy="请选一个")
    name = form.get("name", "").strip()[:120]
    twin = Organ.objects.filter(parent=parent, name_key=name_key(name), ended_on=None).first()
    if twin is not None:
        raise QiguanError(f"{parent.name}之下已有“{twin.name}”", place="单位名称", remedy="请核对名称")
    level, sort = form.get("level", parent.level), form.get("sort", Organ.Sort.DEPARTMENT)
    if level not in Organ.Level.values or sort not in Organ.Sort.values:
        raise QiguanError("没有这种层级或类别", place="层级", remedy="请从列表里选")
    day, document = parse_day(form.get("on", "")), form.get("document", "")[:200]
    founded = day if isinstance(day, date) else None
    return found_organ(
        name=name,
        parent=parent,
        level=level,
        sort=sort,
        founded_on=founded,
        document=document,
        by=official(request),
        at=clock.now(),
    )


@login_required
def organ_change(request: HttpRequest, public_id: str) -> HttpResponse:
    """One organ: its life, its accounts; POST renames, merges, abolishes or moves it, with date, document and counterpart."""
    demand_role(request.user, *MANAGES)
    organ = get_object_or_404(organs_seen_by(request.user).select_related("parent", "successor"), public_id=public_id)
    may = organ.ended_on is None and has_role(request.user, Role.SUPERVISOR, organ=organ)
    if request.method == "POST":
        demand_role(request.user, Role.SUPERVISOR, organ=organ)
        try:
            _changed(request, organ)
            messages.success(request, f"已登记{organ.name}的变化")
            return redirect("organ_change", public_id=public_id)
        except QiguanError as error:
            messages.error(request, str(error))
    accounts = Account.objects.visible_to(request.user).filter(owner=organ).order_by("status", "name_key")
    context = {
        "organ": organ,
        "names": organ.names.order_by("until", "pk"),
        "events": organ.events.select_related("other"),
        "children": organ.children.order_by("path")[:200],
        "page_obj": Paginator(accounts, 50).get_page(request.GET.get("page")),
        "may_change": may,
        "may_above": may and organ.parent is not None and has_role(request.user, Role.SUPERVISOR, organ=organ.parent),
        "changes": CHANGES.items(),
        "posted": request.POST,
    }
    return render(request, "register/organ.html", context)


def _changed(request: HttpRequest, organ: Organ) -> None:
    form, by, at = request.POST, official(request), clock.now()
    day, document, other = parse_day(form.get("on", "")), form.get("document", "")[:200], form.get("name", "").strip()[:120]
    if not isinstance(day, date):
        raise QiguanError("日期读不出来", place="日期", remedy="请写成2026年9月30日")
    if organ.ended_on is not None:
        raise QiguanError("这个单位已经撤并", place=organ.name, remedy="请刷新页面", code="conflict")
    if form.get("what") == "rename":
        if not other:
            raise QiguanError("没有写新名称", place="新名称", remedy="请填写全称")
        rename_organ(organ=organ, name=other, on=day, document=document, by=by, at=at)
        return
    if form.get("what") not in CHANGES:
        raise QiguanError("没有选是什么变化", place="什么变化", remedy="请选更名、合并、撤销或隶属调整")
    if form.get("what") == "move":
        parent = _living(request, other, "新的上级")
        if parent is None:
            raise QiguanError("没有写新的上级", place="新的上级", remedy="请填写全称")
        move_organ(organ=organ, parent=parent, on=day, document=document, by=by, at=at)
        return
    successor = _living(request, other, "职能承接单位")
    what = OrganEvent.What.MERGED if form.get("what") == "merge" else OrganEvent.What.ABOLISHED
    if what == OrganEvent.What.MERGED and successor is None:
        raise QiguanError("合并要写并入哪个单位", place="职能承接单位", remedy="请填写全称")
    end_organ(organ=organ, on=day, successor=successor, what=what, document=document, by=by, at=at)


def _living(request: HttpRequest, name: str, place: str) -> Organ | None:
    """The living organ of that name among those the user sees; None where no name is written."""
    found = list(organs_seen_by(request.user).filter(name_key=name_key(name), ended_on=None)[:2]) if name else []
    if name and len(found) != 1:
        what = f"有几个单位都叫“{name[:30]}”" if found else f"没有叫“{name[:30]}”的单位"
        raise QiguanError(what, place=place, remedy="请先登记它，或核对名称" if not found else "请先更名，把它们分开")
    return found[0] if found else None


@login_required
def ended(request: HttpRequest) -> HttpResponse:
    """Accounts flagged 主办单位已撤并, each with its three acts: 变更主办单位, 移交, 注销."""
    demand_role(request.user, *MANAGES)
    page = Paginator(accounts_of_ended(request.user), 50).get_page(request.GET.get("page"))
    return render(request, "register/ended.html", {"page_obj": page})
