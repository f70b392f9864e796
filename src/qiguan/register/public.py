"""The public front page: is this account official? No log-in, no scripts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qiguan.register.models import Account, PublicEntry
from qiguan.register.queries.lookup import look_up, platform_word


def lookup(request: HttpRequest) -> HttpResponse:
    """Ask, and the answer."""
    query = request.GET.get("q", "").strip()
    found = look_up(query) if query else None
    listed = found.entries if found else []
    names = dict(Account.objects.filter(pk__in=[e.account_id for e in listed]).values_list("pk", "public_id"))
    entries = [(e, platform_word(e), names[e.account_id]) for e in listed]
    context = {
        "found": found,
        "entries": entries,
        "query": query[:500],
        "count": PublicEntry.objects.exclude(status="closed").count(),
    }
    return render(request, "register/lookup.html", context)
