"""采集源: the list by outcome with remedies, add, test now, history, switch."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.collection.actions.polls import poll_due
from qiguan.collection.actions.sources import GIVEN, add_source, change_source
from qiguan.collection.models import Credential, Poll, Source
from qiguan.collection.queries.words import source_words
from qiguan.connectors import all_connectors
from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.remedies import REMEDIES
from qiguan.core.source import Outcome
from qiguan.jobs import clock
from qiguan.people.models import Role
from qiguan.people.queries import MANAGES, demand_role, official
from qiguan.register.models import Account


def _sources(request: HttpRequest) -> Any:
    return Source.objects.filter(account__in=Account.objects.visible_to(request.user)).select_related("account", "account__owner")


@login_required
def sources(request: HttpRequest) -> HttpResponse:
    """Sources of the jurisdiction, by outcome; those that need a hand first."""
    demand_role(request.user, *MANAGES, Role.AUDITOR)
    found = _sources(request)
    counts = dict(found.order_by().values_list("outcome").annotate(n=Count("pk")))
    chosen = request.GET.get("outcome", "")
    if chosen in set(Outcome):
        found = found.filter(outcome=chosen)
    page = Paginator(found.order_by("-failures", "account__owner_path", "pk"), 50).get_page(request.GET.get("page"))
    rows = [(s, REMEDIES.get(Outcome(s.outcome)) if s.outcome else None, source_words(s.connector, s.url)) for s in page]
    groups = [(o.value, REMEDIES[o].title, counts[o.value]) for o in Outcome if counts.get(o.value)]
    return render(
        request,
        "collection/sources.html",
        {
            "rows": rows,
            "page_obj": page,
            "groups": groups,
            "chosen": chosen,
            "total": sum(counts.values()),
            "waiting": counts.get("", 0),
            "at": clock.now(),
        },
    )


@login_required
def source_new(request: HttpRequest) -> HttpResponse:
    """Add a source to an account."""
    demand_role(request.user, *MANAGES)
    account = get_object_or_404(
        Account.objects.visible_to(request.user).select_related("owner"),
        public_id=request.GET.get("account") or request.POST.get("account", ""),
    )
    web = [(c.code, c.title) for c in all_connectors().values() if c.code not in GIVEN]
    keys = Credential.objects.filter(organ_id__in=_above(account), kind="wechat_component", revoked_at=None)
    if request.method == "POST":
        try:
            source = add_source(
                account=account,
                connector_code=request.POST.get("connector", ""),
                url=request.POST.get("url", "").strip(),
                complete=request.POST.get("complete") == "1",
                credential=keys.filter(public_id=request.POST.get("credential", "")).first(),
                by=official(request),
                at=clock.now(),
            )
            return redirect("source", public_id=source.public_id)
        except QiguanError as error:
            messages.error(request, str(error))
    return render(
        request,
        "collection/source_new.html",
        {"account": account, "connectors": web, "credentials": keys, "said": request.POST},
        status=400 if request.method == "POST" else 200,
    )


@login_required
def source(request: HttpRequest, public_id: str) -> HttpResponse:
    """One source: what it answered, poll by poll; test now; switch."""
    found = get_object_or_404(_sources(request), public_id=public_id)
    if request.method == "POST":
        try:
            _change(request, found)
        except NotPermitted:
            raise
        except QiguanError as error:
            messages.error(request, str(error))
        return redirect("source", public_id=public_id)
    polls = Paginator(Poll.objects.filter(source=found).order_by("-last_at"), 30).get_page(request.GET.get("page"))
    remedy = REMEDIES.get(Outcome(found.outcome)) if found.outcome else None
    rows = [(p, REMEDIES[Outcome(p.outcome)]) for p in polls]
    return render(
        request,
        "collection/source.html",
        {
            "source": found,
            "words": source_words(found.connector, found.url),
            "given": found.connector in GIVEN,
            "rows": rows,
            "page_obj": polls,
            "remedy": remedy,
            "at": clock.now(),
        },
    )


def _change(request: HttpRequest, found: Source) -> None:
    """Do what the pressed button says."""
    do, by, at = request.POST.get("do", ""), official(request), clock.now()
    if do == "test":
        demand_role(by, *MANAGES, organ=found.account.owner)
        if found.connector not in GIVEN:
            poll_due(at=at, only=[found.pk])
    elif do in {"on", "off"}:
        change_source(source=found, enabled=do == "on", by=by, at=at)
    elif do in {"complete", "partial"}:
        change_source(source=found, complete=do == "complete", by=by, at=at)
    elif do == "name":
        change_source(source=found, accept_name=True, by=by, at=at)
    elif do == "move":
        change_source(source=found, accept_move=True, by=by, at=at)
    elif do == "address":
        change_source(source=found, url=request.POST.get("url", "").strip(), by=by, at=at)


def _above(account: Account) -> list[int]:
    """Return the ids of the account's owner and of every organ above it."""
    return [int(pk) for pk in account.owner_path.strip("/").split("/")]
