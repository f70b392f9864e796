"""民情互动: the list, nearest day first."""

from __future__ import annotations

from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qiguan.dialogue.queries.listing import VIEWS, counts_of, headed, messages_like
from qiguan.jobs import clock
from qiguan.people.models import Role
from qiguan.people.queries import has_role, official
from qiguan.ui.values import Pick

PAGE = 50


class FilterForm(forms.Form):
    """What the list can be narrowed to."""

    q = forms.CharField(label="编号、12345工单号、单位或文字", required=False, max_length=60)
    view = forms.CharField(required=False, widget=forms.HiddenInput)


@login_required
def messages(request: HttpRequest) -> HttpResponse:
    """List the messages that the user may see."""
    user, at = official(request), clock.now()
    view = request.GET.get("view", "waiting")
    view = view if view in VIEWS else "waiting"
    query = request.GET.get("q", "")
    page = Paginator(messages_like(user, view, query, at=at), PAGE).get_page(request.GET.get("page"))
    counts = counts_of(user, at=at)
    picks = [
        Pick(word, "?" + urlencode({"view": name}), counts[name], name == view)
        for name, word in VIEWS.items()
        if counts[name] or name in {"waiting", view}
    ]
    rows = [(m, headed(m), m.is_late(at)) for m in page]
    context = {
        "at": at, "rows": rows, "page_obj": page, "counts": counts, "picks": picks, "filter_form": FilterForm({"q": query, "view": view}),
        "may_counter": has_role(user, Role.COUNTER, Role.SUPERVISOR, Role.UNIT_ADMIN), "may_desk": has_role(user, Role.SUPERVISOR, Role.UNIT_ADMIN),
        "may_tell": has_role(user, Role.SUPERVISOR),
    }  # fmt: skip
    return render(request, "dialogue/messages.html", context)
