"""报送: tasks, who has sent and who has not, each organ's own file out and in."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from qiguan.archive.uploads import read_upload
from qiguan.core.errors import QiguanError
from qiguan.core.written_dates import parse_day
from qiguan.jobs import clock
from qiguan.people.models import Organ, Role
from qiguan.people.queries import MANAGES, demand_role, has_role, memberships_of, official, organs_seen_by
from qiguan.register.actions.returns import (
    close_return,
    confirm_unchanged,
    explain_missing,
    open_return,
    receive_share,
    share_file,
)
from qiguan.register.models import ReturnTask
from qiguan.register.views.scoped import download, shares_seen

GROUPS = {"places": "下一级各地", "departments": "本级各部门", "chosen": "只选下面勾上的"}


@login_required
def returns(request: HttpRequest) -> HttpResponse:
    """Tasks of the user's jurisdiction; a supervisor opens new ones."""
    demand_role(request.user, *MANAGES)
    may_open = has_role(request.user, Role.SUPERVISOR)
    if request.method == "POST":
        demand_role(request.user, Role.SUPERVISOR)
        try:
            return redirect("return_task", public_id=_opened(request).public_id)
        except QiguanError as error:
            messages.error(request, str(error))
    shares = shares_seen(request)
    seen = Q(shares__in=shares.values("pk"))
    tasks = ReturnTask.objects.filter(pk__in=shares.values("task")).select_related("organ").order_by("-opened_at")
    tasks = tasks.annotate(
        total=Count("shares", filter=seen), sent=Count("shares", filter=seen & Q(shares__sent_at__isnull=False))
    )
    page = Paginator(tasks, 20).get_page(request.GET.get("page"))
    below = organs_seen_by(request.user).filter(parent__isnull=False, ended_on=None).order_by("path")[:400] if may_open else []
    return render(
        request,
        "register/returns.html",
        {"page_obj": page, "below": below, "may_open": may_open, "groups": GROUPS.items(), "posted": request.POST},
    )


def _opened(request: HttpRequest) -> ReturnTask:
    due = parse_day(request.POST.get("due_on", ""))
    if not isinstance(due, date):
        raise QiguanError("截止日期读不出来", place="截止日期", remedy="请写成2026年9月30日")
    top = next((m.organ for m in memberships_of(request.user, roles=[Role.SUPERVISOR])), None)
    top = top or organs_seen_by(request.user).order_by("path").first()
    if top is None:
        raise QiguanError("还没有登记单位", place="报送任务", remedy="请先导入登记表")
    seen = organs_seen_by(request.user).filter(path__startswith=top.path, ended_on=None)
    group = request.POST.get("group", "chosen")
    if group == "places":
        chosen = seen.filter(parent=top, sort=Organ.Sort.PLACE)
    elif group == "departments":
        chosen = seen.filter(parent=top).exclude(sort=Organ.Sort.PLACE)
    else:
        chosen = seen.filter(public_id__in=request.POST.getlist("organ"))
    return open_return(
        organ=top, title=request.POST.get("title", ""), due_on=due, organs=list(chosen), by=official(request), at=clock.now()
    )


@login_required
def return_task(request: HttpRequest, public_id: str) -> HttpResponse:
    """One task: who has sent, who has not, and each share the user may send. POST ends it."""
    demand_role(request.user, *MANAGES)
    shares = shares_seen(request).filter(task__public_id=public_id).order_by("organ_path")
    first = shares.first()
    if first is None:
        return render(request, "404.html", status=404)
    task = first.task
    if request.method == "POST":
        try:
            close_return(task=task, by=official(request), at=clock.now())
            messages.success(request, "这次报送已经结束")
        except QiguanError as error:
            messages.error(request, str(error))
        return redirect("return_task", public_id=public_id)
    counted = {"sent": shares.exclude(sent_at=None).count(), "total": shares.count()}
    only = request.GET.get("only", "")
    shares = shares.exclude(sent_at=None) if only == "sent" else shares.filter(sent_at=None) if only == "unsent" else shares
    page = Paginator(shares, 50).get_page(request.GET.get("page"))
    rows = [(s, has_role(request.user, *MANAGES, organ=s.organ)) for s in page]
    may_close = task.closed_at is None and has_role(request.user, Role.SUPERVISOR, organ=task.organ)
    context = {"task": task, "page_obj": page, "rows": rows, "only": only, "may_close": may_close, "at": clock.now(), **counted}
    return render(request, "register/return_task.html", context)


@login_required
def share_download(request: HttpRequest, share_id: int) -> HttpResponse:
    """The organ's own rows, already filled."""
    demand_role(request.user, *MANAGES)
    share = get_object_or_404(shares_seen(request), pk=share_id)
    return download(share_file(share), f"{share.organ.name}报送表.xlsx")


@login_required
@require_POST
def share_send(request: HttpRequest, share_id: int) -> HttpResponse:
    """Send the corrected file back for its preview, say that nothing changed, or say why a row is missing."""
    share = get_object_or_404(shares_seen(request), pk=share_id)
    by, at = official(request), clock.now()
    demand_role(by, *MANAGES, organ=share.organ)
    try:
        if request.POST.get("account"):
            explain_missing(share=share, account=request.POST["account"], why=request.POST.get("why", ""), by=by, at=at)
            messages.success(request, "已记下原因")
        elif request.POST.get("unchanged"):
            confirm_unchanged(share=share, by=by, at=at)
            messages.success(request, f"已记下：{share.organ.name}没有变化")
        else:
            name, data = read_upload(request, "file")
            file = receive_share(share=share, name=name, data=data, by=by, at=at)
            return redirect("register_file", public_id=file.public_id)
    except QiguanError as error:
        messages.error(request, str(error))
    return redirect("return_task", public_id=share.task.public_id)
