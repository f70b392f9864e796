"""报送: tasks, who has sent and who has not, each organ's own file out and in."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from qiguan.archive.uploads import read_upload
from qiguan.core.errors import QiguanError
from qiguan.core.written_dates import parse_day
from qiguan.jobs import clock
from qiguan.people.models import Role, any_within
from qiguan.people.queries import MANAGES, demand_role, has_role, official, organs_seen_by, paths_seen_by
from qiguan.register.actions.answers import answer_row
from qiguan.register.actions.returns import explain_missing, open_return, send_share, share_file
from qiguan.register.models import ReturnShare, ReturnTask
from qiguan.register.views.imports import _download, files_seen


def _shares(request: HttpRequest) -> Any:
    paths = paths_seen_by(request.user)
    shares = ReturnShare.objects.select_related("task", "organ", "file")
    return shares if paths is None else shares.filter(any_within(["organ_path"], paths))


@login_required
def returns(request: HttpRequest) -> HttpResponse:
    """Tasks of the user's jurisdiction; a supervisor opens new ones."""
    demand_role(request.user, *MANAGES)
    may_open = has_role(request.user, Role.SUPERVISOR)
    below = organs_seen_by(request.user).filter(parent__isnull=False).order_by("path")[:400] if may_open else []
    if request.method == "POST" and may_open:
        due = parse_day(request.POST.get("due_on", ""))
        organs = list(organs_seen_by(request.user).filter(public_id__in=request.POST.getlist("organ")))
        top = organs_seen_by(request.user).order_by("path").first()
        if isinstance(due, date) and top is not None:
            try:
                task = open_return(
                    organ=top,
                    title=request.POST.get("title", ""),
                    due_on=due,
                    organs=organs,
                    by=official(request),
                    at=clock.now(),
                )
                return redirect("return_task", public_id=task.public_id)
            except QiguanError as error:
                messages.error(request, str(error))
        else:
            messages.error(request, "截止日期读不出来，请写成2026年9月30日")
    shares = _shares(request)
    tasks = ReturnTask.objects.filter(pk__in=shares.values("task"))
    rows = [
        (t, shares.filter(task=t).exclude(sent_at=None).count(), shares.filter(task=t).count())
        for t in Paginator(tasks, 20).get_page(request.GET.get("page"))
    ]
    return render(request, "register/returns.html", {"rows": rows, "below": below, "may_open": may_open})


@login_required
def return_task(request: HttpRequest, public_id: str) -> HttpResponse:
    """One task: who has sent, who has not, and each share the user may send."""
    shares = _shares(request).filter(task__public_id=public_id).order_by("organ_path")
    first = shares.first()
    if first is None:
        return render(request, "404.html", status=404)
    page = Paginator(shares, 50).get_page(request.GET.get("page"))
    return render(
        request,
        "register/return_task.html",
        {
            "task": first.task,
            "page_obj": page,
            "sent": shares.exclude(sent_at=None).count(),
            "total": shares.count(),
            "at": clock.now(),
        },
    )


@login_required
def share_download(request: HttpRequest, share_id: int) -> HttpResponse:
    """The organ's own rows, already filled."""
    share = get_object_or_404(_shares(request), pk=share_id)
    return _download(share_file(share), f"{share.organ.name}报送表.xlsx")


@login_required
@require_POST
def share_send(request: HttpRequest, share_id: int) -> HttpResponse:
    """Send the corrected file back, or say why a row is missing."""
    share = get_object_or_404(_shares(request), pk=share_id)
    try:
        if request.POST.get("account"):
            explain_missing(
                share=share,
                account=request.POST["account"],
                why=request.POST.get("why", ""),
                by=official(request),
                at=clock.now(),
            )
            messages.success(request, "已记下原因")
        elif request.FILES.get("file"):
            name, data = read_upload(request, "file")
            file = send_share(share=share, name=name, data=data, by=official(request), at=clock.now())
            return redirect("register_file", public_id=file.public_id)
    except QiguanError as error:
        messages.error(request, str(error))
    return redirect("return_task", public_id=share.task.public_id)


@login_required
@require_POST
def answer(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """Answer one row that asks, or decide between two claims."""
    file = get_object_or_404(files_seen(request), public_id=public_id)
    try:
        answer_row(file=file, number=number, answer=request.POST.get("answer", ""), by=official(request), at=clock.now())
        messages.success(request, f"第{number}行已确认")
    except QiguanError as error:
        messages.error(request, str(error))
    return redirect("register_file", public_id=public_id)
