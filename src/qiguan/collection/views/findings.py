"""登记人工发现的问题: a small form for supervisors, and the proof for those who may see it."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.archive.actions import read_blob
from qiguan.archive.uploads import read_upload
from qiguan.collection.actions.findings import Found, record_finding
from qiguan.collection.queries.findings import findings_seen_by, rules_by_hand
from qiguan.core.days import end_of
from qiguan.core.errors import NotPermitted, QiguanError, UnusableInput
from qiguan.core.rule import all_rules
from qiguan.core.written_dates import SHANGHAI, parse_day
from qiguan.jobs import clock
from qiguan.people.models import Role
from qiguan.people.queries import demand_role, official
from qiguan.register.models import Account


@login_required
def finding_new(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take what a supervisor saw at one account; wrong input is told by field and nothing typed is lost."""
    demand_role(request.user, Role.SUPERVISOR)
    visible = Account.objects.visible_to(request.user).select_related("owner", "supervisor")
    account = get_object_or_404(visible, public_id=public_id)
    now = clock.now()
    key, status, error = uuid.uuid4().hex, 200, None
    if request.method == "POST":
        key = request.POST.get("key", "")[:40]
        try:
            found = Found(
                rule=request.POST.get("rule", "")[:20],
                words=request.POST.get("words", ""),
                seen_at=_seen_at(request.POST.get("seen_on", ""), now),
                is_there=request.POST.get("found", "yes") != "no",
                link=request.POST.get("link", "").strip()[:1000],
            )
            picture = read_upload(request, "shot")[1] if request.FILES.get("shot") else b""
            record_finding(account=account, found=found, client_key=key, screenshot=picture, by=official(request), at=now)
            messages.success(request, "已登记，账号正在重新判断")
            return redirect("finding_new", public_id=public_id)
        except NotPermitted:
            raise
        except QiguanError as problem:
            error, status = problem, 400
    titles = {code: rule.title_zh for code, rule in all_rules().items()}
    kept = findings_seen_by(request.user).filter(account=account).order_by("-at", "-pk")[:50]
    context = {
        "account": account, "rules": rules_by_hand(), "key": key, "error": error, "said": request.POST, "at": now,
        "today": now.astimezone(SHANGHAI).date(), "kept": [(f, titles.get(f.rule, f.rule)) for f in kept],
    }  # fmt: skip
    return render(request, "collection/finding_new.html", context, status=status)


def _seen_at(text: str, now: datetime) -> datetime:
    day = parse_day(text) if text else now.astimezone(SHANGHAI).date()
    if not isinstance(day, date):
        raise UnusableInput("日期读不出来", place="哪天看到的", remedy="请写成2026年9月30日")
    return now if day == now.astimezone(SHANGHAI).date() else end_of(day)


@login_required
def finding_proof(request: HttpRequest, public_id: str) -> HttpResponse:
    """A finding's screenshot, as an attachment."""
    found = get_object_or_404(findings_seen_by(request.user).exclude(proof=""), public_id=public_id)
    response = HttpResponse(read_blob(found.proof), content_type="image/jpeg")
    response["Content-Disposition"] = f'attachment; filename="finding-{found.public_id}.jpg"'
    response["Cache-Control"] = "private, no-store"
    return response
