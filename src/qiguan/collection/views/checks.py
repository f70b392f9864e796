"""Pages of the human round: the rounds, opening one, how one goes, its lot, a screenshot."""

from __future__ import annotations

import csv
import io
import secrets

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.archive.actions import read_blob
from qiguan.collection.actions.checks import MAY_CHECK, close_round, open_round
from qiguan.collection.models import CheckRound, CheckTask
from qiguan.collection.queries.checks import (
    checks_seen_by,
    lot_is_told,
    pairs_of,
    progress_of,
    progress_of_all,
    rounds_seen_by,
    without_complete_source,
)
from qiguan.core.check_point import parse_at
from qiguan.core.days import say_at
from qiguan.core.errors import QiguanError
from qiguan.core.platforms import PLATFORM_NAMES
from qiguan.core.sampling import RULE, fingerprint, ticket
from qiguan.jobs import clock
from qiguan.people.models import Role, within
from qiguan.people.queries import demand_role, has_role, official, organs_seen_by
from qiguan.register.models import Account

_MOST_IDS = 5000


@login_required
def rounds(request: HttpRequest) -> HttpResponse:
    """Rounds the user may work in; those who manage open new ones. `account` (public ids) names accounts, from any list."""
    demand_role(request.user, *MAY_CHECK, Role.AUDITOR)
    may_open = has_role(request.user, Role.SUPERVISOR, Role.UNIT_ADMIN)
    if request.method == "POST":
        demand_role(request.user, Role.SUPERVISOR, Role.UNIT_ADMIN)
        try:
            round_ = _open(request)
            return redirect("check_work" if request.POST.get("go") else "check_round", public_id=round_.public_id)
        except QiguanError as error:
            messages.error(request, str(error))
    page = Paginator(rounds_seen_by(request.user), 20).get_page(request.GET.get("page"))
    counts = progress_of_all(page.object_list)
    context = {
        "rows": [(r, counts.get(r.pk)) for r in page],
        "page_obj": page,
        "may_open": may_open,
        "chosen": list(_named(request)[:200]) if may_open else [],
        "organs": organs_seen_by(request.user).order_by("path")[:300] if may_open else [],
        "platforms": PLATFORM_NAMES.items(),
        "asked": request.POST,
        "at": clock.now(),
    }
    return render(request, "collection/check_rounds.html", context)


def _named(request: HttpRequest) -> QuerySet[Account]:
    """Return the accounts named by public id, those the user may see and that still run."""
    ids = [*request.GET.getlist("account"), *request.POST.getlist("account")]
    ids = [part for text in ids for part in text.split(",") if part][:_MOST_IDS]
    return Account.objects.visible_to(request.user).filter(public_id__in=ids).select_related("owner", "supervisor")


def _open(request: HttpRequest) -> CheckRound:
    asked = request.POST
    title = asked.get("title", "")
    accounts = _named(request)
    if asked.getlist("account"):
        chosen = list(accounts)
        if not chosen:
            raise Http404
        organ = chosen[0].owner
        if len(chosen) > 1 or not has_role(request.user, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=organ):
            mine = organs_seen_by(request.user).order_by("path")
            organ = get_object_or_404(mine, public_id=asked["organ"]) if asked.get("organ") else chosen[0].supervisor or organ
        title = title or (f"核查{chosen[0].name}" if len(chosen) == 1 else "")
    else:
        organ = get_object_or_404(organs_seen_by(request.user), public_id=asked.get("organ", ""))
        accounts = Account.objects.visible_to(request.user).exclude(status=Account.Status.CLOSED).select_related("owner")
        accounts = accounts.filter(within("owner_path", organ.path) | within("supervisor_path", organ.path))
        if asked.get("platform"):
            accounts = accounts.filter(platform=asked["platform"])
        if asked.get("unseen"):
            accounts = without_complete_source(accounts)
        chosen = list(accounts)
    seed = asked.get("seed", "").strip()[:60] or secrets.token_hex(8)
    point = parse_at(asked["point"], place="监测时间点") if asked.get("point") else None
    return open_round(organ=organ, title=title, accounts=chosen, seed=seed, point=point, by=official(request), at=clock.now())


@login_required
def check_round(request: HttpRequest, public_id: str) -> HttpResponse:
    """One round: progress, people, second looks, the lot."""
    round_ = get_object_or_404(rounds_seen_by(request.user), public_id=public_id)
    if request.method == "POST":
        close_round(round_=round_, by=official(request), at=clock.now())
        return redirect("check_round", public_id=public_id)
    pairs, progress = pairs_of(round_), progress_of(round_)
    agreed = sum(p.agree for p in pairs)
    told = lot_is_told(round_, progress)
    context = {
        "round": round_, "progress": progress, "pairs": pairs, "agreed": agreed, "rule": RULE, "at": clock.now(),
        "agreed_percent": agreed * 100 // len(pairs) if pairs else None,
        "may_close": has_role(request.user, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=round_.organ),
        "may_check": has_role(request.user, *MAY_CHECK, organ=round_.organ),
        "point_words": say_at(round_.point) if round_.point else "",
        "told": told, "fingerprint": fingerprint(round_.seed),
        "drawn": CheckTask.objects.filter(round=round_, turn=2).select_related("account")[:200] if told else [],
    }  # fmt: skip
    return render(request, "collection/check_round.html", context)


@login_required
def lot(request: HttpRequest, public_id: str) -> HttpResponse:
    """The list that was drawn from, with every lot, as CSV: enough for anyone to redo the draw."""
    round_ = get_object_or_404(rounds_seen_by(request.user), public_id=public_id)
    if not lot_is_told(round_, progress_of(round_)):
        raise Http404
    tasks = CheckTask.objects.filter(round=round_)
    drawn = set(tasks.filter(turn=2).values_list("account", flat=True))
    rows = [(ticket(round_.seed, t.account.public_id), t.account) for t in tasks.filter(turn=1).select_related("account")]
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(["编号", "SHA-256（种子|编号）", "抽中"])
    for number, account in sorted(rows, key=lambda row: row[0]):
        sheet.writerow([account.public_id, number, "是" if account.pk in drawn else ""])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="lot-{round_.public_id}.csv"'
    return response


@login_required
def shot(request: HttpRequest, public_id: str) -> HttpResponse:
    """A check's screenshot, as an attachment, for those who may see the account's evidence."""
    check = get_object_or_404(checks_seen_by(request.user).exclude(screenshot=""), public_id=public_id)
    response = HttpResponse(read_blob(check.screenshot), content_type="image/jpeg")
    response["Content-Disposition"] = f'attachment; filename="check-{check.public_id}.jpg"'
    response["Cache-Control"] = "private, no-store"
    return response
