"""推送密钥与授权: issue, see when last used, revoke in one click."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.collection.actions.credentials import issue_push_key, revoke_credential
from qiguan.collection.models import Credential
from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.jobs import clock
from qiguan.people.models import Role
from qiguan.people.queries import MANAGES, demand_role, has_role, official, organs_seen_by


@login_required
def source_keys(request: HttpRequest) -> HttpResponse:
    """Keys of the jurisdiction. A new key is shown in the answer to its making and never again."""
    demand_role(request.user, *MANAGES)
    organs = organs_seen_by(request.user)
    own = Credential.objects.filter(organ__in=organs).select_related("organ")
    key = ""
    if request.method == "POST":
        by, at = official(request), clock.now()
        if request.POST.get("do") == "revoke":
            revoke_credential(credential=get_object_or_404(own, public_id=request.POST.get("credential", "")), by=by, at=at)
            return redirect("source_keys")
        organ = get_object_or_404(organs, public_id=request.POST.get("organ", ""))
        try:
            _, key = issue_push_key(organ=organ, title=request.POST.get("title", ""), by=by, at=at)
        except NotPermitted:
            raise
        except QiguanError as error:
            messages.error(request, str(error))
    page = Paginator(own.order_by("-pk"), 50).get_page(request.GET.get("page"))
    answer = render(
        request,
        "collection/source_keys.html",
        {
            "rows": page,
            "page_obj": page,
            "key": key,
            "supervises": has_role(request.user, Role.SUPERVISOR),
            "organs": organs.filter(ended_on=None).order_by("path")[:2000],
            "at": clock.now(),
        },
    )
    answer["Cache-Control"] = "no-store"
    return answer
