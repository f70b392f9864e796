"""整改: the list, its counts, the bulk chase, and the notices of a settled round."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.core.errors import QiguanError
from qiguan.core.ticket import TicketState, What
from qiguan.inspection.models import Round
from qiguan.jobs import clock
from qiguan.people.models import Role, User
from qiguan.people.queries import has_role, official
from qiguan.rectification.actions.chasing import MOST, chase_tickets
from qiguan.rectification.actions.tickets import open_tickets
from qiguan.rectification.models import Ticket
from qiguan.rectification.queries.listing import TicketFilter, counts_of, rounds_waiting, tickets_like
from qiguan.rectification.queries.permits import acts_for_office
from qiguan.ui.values import Pick

PAGE = 50


class TicketFilterForm(forms.Form):
    """What the list can be narrowed to."""

    q = forms.CharField(label="账号或单位", required=False, max_length=60)
    late = forms.ChoiceField(label="期限", required=False, choices=[("", "不限"), ("1", "已超期")])
    state = forms.CharField(required=False, widget=forms.HiddenInput)


@login_required
def tickets(request: HttpRequest) -> HttpResponse:
    """List the tickets the user may see; the office chases the chosen ones, or sends the notices of a round."""
    user, at = official(request), clock.now()
    if request.method == "POST":
        try:
            messages.success(request, _done(request, user))
        except QiguanError as error:
            messages.error(request, str(error))
        return redirect(request.get_full_path())
    query = request.GET.dict()
    wanted = TicketFilter.of(query)
    page = Paginator(tickets_like(user, wanted, at=at).select_related("office", "account__owner"), PAGE).get_page(
        query.get("page")
    )
    counts = counts_of(user, at=at)
    rows = [(t, t.is_late(at), _chaseable(user, t, at)) for t in page]
    context = {
        "at": at, "page_obj": page, "rows": rows, "counts": counts, "picks": _picks(counts, query, wanted), "filter_form": TicketFilterForm(query),
        "waiting": rounds_waiting(user), "may_chase": any(chase for _, _, chase in rows), "days": settings.RECTIFY_DAYS,
        "may_figures": has_role(user, Role.SUPERVISOR, Role.LEADER, Role.AUDITOR),
    }  # fmt: skip
    return render(request, "rectification/tickets.html", context)


def _done(request: HttpRequest, user: User) -> str:
    form, at = request.POST, clock.now()
    if form.get("do") == What.CHASE:
        seen = Ticket.objects.visible_to(user).select_related("office", "account__owner")
        return chase_tickets(
            tickets=list(seen.filter(public_id__in=[t.replace("\x00", "") for t in form.getlist("ticket")[:MOST]])),
            by=user,
            at=at,
        ).words
    if form.get("do") == What.OPEN:
        allowed = [r.pk for r, _ in rounds_waiting(user)]
        round_ = get_object_or_404(
            Round.objects.select_related("organ"), public_id=form.get("round", "").replace("\x00", ""), pk__in=allowed
        )
        days = form.get("days", "")
        number = int(days) if days.isascii() and days.isdecimal() and len(days) < 4 else 0
        return f"发出{open_tickets(round_=round_, by=user, at=at, days=number)}件整改通知"
    raise QiguanError("没有这个操作", place="整改", remedy="请刷新页面")


def _chaseable(user: User, ticket: Ticket, at: datetime) -> bool:
    turn = ticket.standing in {TicketState.WAITING, TicketState.FIXING} and not ticket.is_late(at)
    return turn and ticket.chased_at is None and acts_for_office(user, ticket)


def _picks(counts: dict[str, int], query: dict[str, str], wanted: TicketFilter) -> list[Pick]:
    def url(**changes: str) -> str:
        kept = {k: v for k, v in {**query, **changes}.items() if v and k in {"q", "state", "late"}}
        return "?" + urlencode(kept)

    picks = [Pick("全部", url(state="", late=""), counts["total"], not wanted.state and not wanted.late)]
    picks += [Pick("已超期", url(state="", late="1"), counts["late"], wanted.late)] if counts["late"] else []
    for state in TicketState:
        if counts.get(state):
            picks.append(Pick(state.word, url(state=state.value, late=""), counts[state], wanted.state == state))
    return picks
