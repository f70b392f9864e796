"""The account list, the accounts by months of silence, and the coverage page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe

from qiguan.core.facts import Scope, State
from qiguan.core.pack import pack_in_force
from qiguan.core.platforms import PLATFORM_NAMES
from qiguan.inspection.queries.coverage import blind_reasons, gains, seen_counts
from qiguan.inspection.queries.standings import (
    NUMBERED_PAGES,
    PAGE,
    ListFilter,
    list_counts,
    list_page,
    matching,
    silence_months,
    tally,
)
from qiguan.inspection.views.strips import row_strip
from qiguan.jobs import clock
from qiguan.people.models import Organ
from qiguan.ui.pictures.bars import Bar, columns
from qiguan.ui.values import Pick


class FilterForm(forms.Form):
    """What the list can be narrowed to: a plain GET form, nothing happens before it is sent."""

    q = forms.CharField(label="名称、单位或账号ID", required=False, max_length=60)
    platform = forms.ChoiceField(label="平台", required=False, choices=[("", "全部平台"), *PLATFORM_NAMES.items()])
    level = forms.ChoiceField(label="层级", required=False, choices=[("", "全部层级"), *Organ.Level.choices])
    scope = forms.ChoiceField(
        label="口径",
        required=False,
        choices=[("", "全部口径"), (Scope.NATIONAL, "国办口径"), (Scope.LOCAL, "地方扩围"), (Scope.LISTED, "只登记")],
    )
    state = forms.CharField(required=False, widget=forms.HiddenInput)
    place = forms.CharField(required=False, widget=forms.HiddenInput)


@login_required
def accounts(request: HttpRequest) -> HttpResponse:
    """List the accounts the user may see."""
    query = request.GET.dict()
    wanted = ListFilter.of(query)
    number = int(query["page"]) if query.get("page", "").isdecimal() and len(query["page"]) < 6 else 1
    counts = list_counts(user=request.user, wanted=wanted)
    page = list_page(user=request.user, wanted=wanted, counts=counts, number=number, after=query.get("after", "")[:260])
    at = clock.now()
    line_days = pack_in_force(settings.DEFAULT_PACK, at).days
    return render(
        request,
        "inspection/accounts.html",
        {
            "at": at,
            "page": page,
            "rows": [(row, mark_safe(row_strip(row, at=at, line_days=line_days))) for row in page.rows],  # noqa: S308  escaped in ui.pictures
            "wanted": wanted,
            "filter_form": FilterForm(query),
            "picks": _state_picks(counts, query, wanted),
            "first": (page.number - 1) * PAGE + 1,
            "last": (page.number - 1) * PAGE + len(page.rows),
            "by_key": bool(query.get("after")),
            "previous_url": _with(query, page=str(page.number - 1), after="")
            if page.number > 1 and not query.get("after")
            else "",
            "next_url": _next_url(query, page.number, page.next_key, bool(query.get("after"))) if page.has_next else "",
        },
    )


def _with(query: dict[str, str], **changes: str) -> str:
    kept = {
        k: v
        for k, v in {**query, **changes}.items()
        if v and k in {"q", "state", "platform", "level", "scope", "place", "sort", "ended", "page", "after"}
    }
    return "?" + urlencode(kept)


def _next_url(query: dict[str, str], number: int, key: str, by_key: bool) -> str:
    if by_key or number >= NUMBERED_PAGES:
        return _with(query, page="", after=key)
    return _with(query, page=str(number + 1), after="")


def _state_picks(counts: dict[str, int], query: dict[str, str], wanted: ListFilter) -> list[Pick]:
    total = sum(counts.values())
    picks = [Pick("全部", _with(query, state="", page="", after=""), total, not wanted.state)]
    picks += [
        Pick(state.word, _with(query, state=state.value, page="", after=""), counts[state], wanted.state == state, state)
        for state in State
        if counts.get(state)
    ]
    return picks


@login_required
def silence(request: HttpRequest) -> HttpResponse:
    """Show the accounts by months of silence."""
    at = clock.now()
    months = silence_months(user=request.user, at=at)
    bars = [Bar(word, n) for word, n in months]
    return render(
        request,
        "inspection/silence.html",
        {"at": at, "months": months, "picture": columns(bars, title=_silence_words(months)) if any(n for _, n in months) else ""},
    )


def _silence_words(months: list[tuple[str, int]]) -> str:
    return "按静默月数的账号：" + "，".join(f"{word}{n}个" for word, n in months)


@login_required
def coverage(request: HttpRequest) -> HttpResponse:
    """Show how we see the accounts, and which source to connect next."""
    found = matching(user=request.user, wanted=ListFilter.of({"place": request.GET.get("place", "")}))
    counted = tally(found, "state", "platform", "seen")
    seen = seen_counts(counted)
    context: dict[str, Any] = {
        "at": clock.now(),
        "seen": seen,
        "total": sum(seen.values()),
        "gains": gains(counted),
        "blind": blind_reasons(found),
        "unknown_url": reverse("accounts") + "?state=unknown",
    }
    return render(request, "inspection/coverage.html", context)
