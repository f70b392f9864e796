"""抹除申请: ask for somebody's erasure from the log, decide about it, and see what stays of those that were done."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.core.errors import QiguanError
from qiguan.jobs import clock
from qiguan.people.audit.asking import ASKS, ask_erasure, decide_erasure, requests_seen_by
from qiguan.people.audit.erasing import BASES
from qiguan.people.models import ErasureRequest, Role, User
from qiguan.people.queries import demand_role, has_role, official

_SHOWN = 100


@login_required
def erasures(request: HttpRequest) -> HttpResponse:
    """List, ask, decide."""
    user, at = official(request), clock.now()
    demand_role(user, *ASKS)
    seen = requests_seen_by(user)
    if request.method == "POST":
        form = request.POST
        try:
            if form.get("do") == "ask":
                name = form.get("username", "").replace("\x00", "").strip()[:150]
                person = User.objects.filter(username=name).first()
                if person is None:
                    raise QiguanError("没有这个登录名", place="登录名", remedy="请核对；在“人员”里能查到")
                ask_erasure(user=person, basis=form.get("basis", ""), document=form.get("document", ""), by=user, at=at)
                messages.success(request, "已提交，等另一位监管员审批")
            elif form.get("do") in {"approve", "refuse"}:
                asked = get_object_or_404(seen, public_id=form.get("request", "").replace("\x00", ""))
                decide_erasure(request=asked, approve=form["do"] == "approve", reason=form.get("reason", ""), by=user, at=at)
                messages.success(request, "已抹除，操作记录的链仍然完整" if form["do"] == "approve" else "已记下不同意")
            return redirect("erasures")
        except QiguanError as error:
            messages.error(request, str(error))
    supervises = has_role(user, Role.SUPERVISOR)
    rows = [
        (r, BASES.get(r.basis, r.basis), supervises and r.state == ErasureRequest.State.ASKED and r.asked_by_id != user.pk)
        for r in seen[:_SHOWN]
    ]
    context = {
        "rows": rows,
        "bases": BASES.items(),
        "posted": request.POST,
        "person": request.GET.get("person", "")[:150],
        "at": at,
    }
    return render(request, "people/erasures.html", context)
