"""备案 and 单位沿革: submit, decide, and the life of organs."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from qiguan.core.errors import QiguanError
from qiguan.core.platforms import PLATFORM_NAMES, name_key
from qiguan.core.written_dates import parse_day
from qiguan.jobs import clock
from qiguan.people.actions import end_organ, rename_organ
from qiguan.people.models import OrganEvent, Role, any_within
from qiguan.people.queries import MANAGES, demand_role, has_role, official, organs_seen_by, paths_seen_by
from qiguan.register.actions.filings import OPENING, STOPPING, decide_filing, submit_filing
from qiguan.register.models import Account, Filing
from qiguan.register.queries.nearest import nearest_accounts


def _filings(request: HttpRequest) -> Any:
    paths = paths_seen_by(request.user)
    found = Filing.objects.select_related("organ", "account", "submitted_by", "decided_by")
    return found if paths is None else found.filter(any_within(["organ_path"], paths))


@login_required
def filings(request: HttpRequest) -> HttpResponse:
    """Filings of the jurisdiction, those waiting first."""
    demand_role(request.user, *MANAGES)
    page = Paginator(_filings(request).order_by("-state", "-submitted_at"), 30).get_page(request.GET.get("page"))
    return render(
        request,
        "register/filings.html",
        {
            "page_obj": page,
            "at": clock.now(),
            "may_decide": has_role(request.user, Role.SUPERVISOR),
            "words": {**OPENING, **STOPPING},
        },
    )


@login_required
def filing_new(request: HttpRequest, what: str) -> HttpResponse:
    """The form of one kind of filing; an opening request shows the three nearest accounts."""
    demand_role(request.user, *MANAGES)
    if what not in Filing.What.values:
        return render(request, "404.html", status=404)
    account = (
        Account.objects.visible_to(request.user).filter(public_id=request.GET.get("account", "")).select_related("owner").first()
    )
    words = (
        OPENING
        if what == Filing.What.OPEN
        else STOPPING
        if what == Filing.What.STOP
        else {"name": "新名称", "platform_id": "新账号ID", "owner": "新主办单位"}
        if what == Filing.What.CHANGE
        else {"note": "说明"}
    )
    said = {key: request.POST.get(key, "") for key in words}
    organ = account.owner if account else organs_seen_by(request.user).filter(public_id=request.POST.get("organ", "")).first()
    if request.method == "POST" and not request.POST.get("look"):
        try:
            if organ is None:
                raise QiguanError("没有选单位", place="主办单位", remedy="请选一个")
            submit_filing(what=what, organ=organ, account=account, said=said, by=official(request), at=clock.now())
            messages.success(request, "已提交，等上级审批")
            return redirect("filings")
        except QiguanError as error:
            messages.error(request, str(error))
    context = {
        "what": what, "word": Filing.What(what).label, "account": account, "fields": [(k, w, said[k]) for k, w in words.items()], "platforms": PLATFORM_NAMES.items(),
        "organs": organs_seen_by(request.user)[:500], "organ": organ, "nearest": nearest_accounts(said.get("name", ""), organ) if what == Filing.What.OPEN else [],
    }  # fmt: skip
    return render(request, "register/filing_new.html", context)


@login_required
@require_POST
def filing_decide(request: HttpRequest, public_id: str) -> HttpResponse:
    """Approve or return."""
    filing = get_object_or_404(_filings(request), public_id=public_id)
    try:
        decide_filing(
            filing=filing,
            approve=request.POST.get("decide") == "approve",
            reason=request.POST.get("reason", ""),
            by=official(request),
            at=clock.now(),
        )
        messages.success(request, "已审批")
    except QiguanError as error:
        messages.error(request, str(error))
    return redirect("filings")


@login_required
def organs(request: HttpRequest) -> HttpResponse:
    """Organs with their lives; accounts of an ended owner counted."""
    demand_role(request.user, *MANAGES)
    found = (
        organs_seen_by(request.user).prefetch_related("names", "events").select_related("successor", "parent").order_by("path")
    )
    words = request.GET.get("q", "").strip()[:60]
    if words:
        found = found.filter(name_key__contains=name_key(words)) | found.filter(names__name_key__contains=name_key(words))
    page = Paginator(found.distinct(), 50).get_page(request.GET.get("page"))
    return render(
        request, "register/organs.html", {"page_obj": page, "words": words, "may_change": has_role(request.user, Role.SUPERVISOR)}
    )


@login_required
@require_POST
def organ_change(request: HttpRequest, public_id: str) -> HttpResponse:
    """Rename, merge or abolish, with date, document and successor."""
    organ = get_object_or_404(organs_seen_by(request.user), public_id=public_id)
    day = parse_day(request.POST.get("on", ""))
    document, other = request.POST.get("document", "")[:200], request.POST.get("name", "").strip()[:120]
    try:
        if not isinstance(day, date):
            raise QiguanError("日期读不出来", place="日期", remedy="请写成2026年9月30日")
        if request.POST.get("what") == "rename":
            if not other:
                raise QiguanError("没有写新名称", place="新名称", remedy="请填写全称")
            rename_organ(organ=organ, name=other, on=day, document=document, by=official(request), at=clock.now())
        else:
            successor = organs_seen_by(request.user).filter(name_key=name_key(other)).first() if other else None
            if other and successor is None:
                raise QiguanError(f"没有叫“{other[:30]}”的单位", place="职能承接单位", remedy="请先登记它，或核对名称")
            what = OrganEvent.What.MERGED if request.POST.get("what") == "merge" else OrganEvent.What.ABOLISHED
            end_organ(
                organ=organ, on=day, successor=successor, what=what, document=document, by=official(request), at=clock.now()
            )
        messages.success(request, f"已登记{organ.name}的变化")
    except QiguanError as error:
        messages.error(request, str(error))
    return redirect("organs")
