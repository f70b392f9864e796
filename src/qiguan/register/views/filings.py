"""备案: submit, decide, look again after ninety days."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from qiguan.core.errors import QiguanError
from qiguan.core.platforms import PLATFORM_NAMES
from qiguan.core.written_dates import SHANGHAI
from qiguan.jobs import clock
from qiguan.people.models import Role
from qiguan.people.queries import MANAGES, demand_role, has_role, official, organs_seen_by
from qiguan.register.actions.filings import FORMS, decide_filing, note_look, submit_filing
from qiguan.register.models import Account, Filing
from qiguan.register.queries.nearest import nearest_accounts
from qiguan.register.views.scoped import filings_seen

_LOOKED = {"looked": "90天回看"}
_WAITING_FIRST = Case(When(state=Filing.State.SUBMITTED, then=Value(0)), default=Value(1), output_field=IntegerField())


@login_required
def filings(request: HttpRequest) -> HttpResponse:
    """Filings of the jurisdiction: those waiting first; those due for a second look on top."""
    demand_role(request.user, *MANAGES)
    at = clock.now()
    seen = filings_seen(request)
    due = seen.filter(look_again_on__lte=at.astimezone(SHANGHAI).date(), state=Filing.State.APPROVED).order_by("look_again_on")
    page = Paginator(seen.order_by(_WAITING_FIRST, "-submitted_at"), 30).get_page(request.GET.get("page"))
    decides = {f.organ_id: has_role(request.user, Role.SUPERVISOR, organ=f.organ) for f in [*page, *due[:20]]}
    context = {
        "page_obj": page,
        "rows": [(f, _said(f), decides[f.organ_id] and f.submitted_by_id != request.user.pk) for f in page],
        "due": [(f, _said(f), decides[f.organ_id]) for f in due[:20]],
        "at": at,
    }
    return render(request, "register/filings.html", context)


def _said(filing: Filing) -> list[tuple[str, str]]:
    """The form's answers with the form's words."""
    words = FORMS[filing.what] | _LOOKED
    shown = {"platform": PLATFORM_NAMES.get(filing.said.get("platform", ""), "")}
    return [(word, shown.get(key) or filing.said[key]) for key, word in words.items() if filing.said.get(key)]


@login_required
def filing_new(request: HttpRequest, what: str) -> HttpResponse:
    """The form of one kind of filing; an opening request shows the three nearest accounts."""
    demand_role(request.user, *MANAGES)
    if what not in Filing.What.values:
        return render(request, "404.html", status=404)
    seen = Account.objects.visible_to(request.user).select_related("owner", "owner__successor")
    account = seen.filter(public_id=request.GET.get("account", "")).first()
    words = FORMS[what]
    said = {key: request.POST.get(key, request.GET.get(key, "")) for key in words}
    organs = organs_seen_by(request.user).filter(ended_on=None)
    organ = account.owner if account else organs.filter(public_id=request.POST.get("organ", "")).first()
    if request.method == "POST" and not request.POST.get("look"):
        try:
            if organ is None:
                raise QiguanError("没有选单位", place="主办单位", remedy="请选一个")
            submit_filing(what=what, organ=organ, account=account, said=said, by=official(request), at=clock.now())
            messages.success(request, "已提交，等上级审批")
            return redirect("filings")
        except QiguanError as error:
            messages.error(request, str(error))
    opening = what == Filing.What.OPEN
    context: dict[str, Any] = {
        "what": what, "word": Filing.What(what).label, "account": account, "fields": [(k, w, said[k]) for k, w in words.items()],
        "platforms": PLATFORM_NAMES.items(), "organs": organs.order_by("path")[:500], "organ": organ, "opening": opening,
        "nearest": nearest_accounts(said["name"], organ) if opening and (organ or said["name"]) else [],
    }  # fmt: skip
    return render(request, "register/filing_new.html", context)


@login_required
@require_POST
def filing_decide(request: HttpRequest, public_id: str) -> HttpResponse:
    """Approve, return, or note what the second look found."""
    filing = get_object_or_404(filings_seen(request), public_id=public_id)
    by, at, reason = official(request), clock.now(), request.POST.get("reason", "")
    decide = request.POST.get("decide", "")
    demand_role(by, Role.SUPERVISOR, organ=filing.organ)
    try:
        if decide == "looked":
            note_look(filing=filing, found=reason, by=by, at=at)
            messages.success(request, "已记下回看结果")
        elif decide in {"approve", "return"}:
            decide_filing(filing=filing, approve=decide == "approve", reason=reason, by=by, at=at)
            messages.success(request, "已同意" if decide == "approve" else "已退回")
    except QiguanError as error:
        messages.error(request, str(error))
    return redirect("filings")
