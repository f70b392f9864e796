"""人员: who has which role in the organs one manages; somebody leaves, or comes back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qiguan.core.errors import QiguanError
from qiguan.core.written_dates import SHANGHAI
from qiguan.jobs import clock
from qiguan.people.leaving import may_end, people_seen_by, roles_held, users_managed_by
from qiguan.people.models import Departure, Membership, User
from qiguan.people.queries import MANAGES, demand_role, official
from qiguan.register.actions.leaving import come_back, leave, left_alone, staff_to_end
from qiguan.register.models import AccountStaff
from qiguan.register.queries.runners import runners_for

PAGE = 50
_ACCOUNT = "account_"


@login_required
def people(request: HttpRequest) -> HttpResponse:
    """List them, those who left last."""
    user, at = official(request), clock.now()
    demand_role(user, *MANAGES)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:60]
    found = [p for p in people_seen_by(user) if words in p.shown_name or words in p.username]
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    today, paths = at.astimezone(SHANGHAI).date(), users_managed_by(user)

    def in_sight(role: Membership) -> bool:
        return paths is None or role.organ.path.startswith(paths)

    runs = dict(
        AccountStaff.objects.filter(Q(until=None), user__in=[p.pk for p in page])
        .values_list("user")
        .annotate(n=Count("account", distinct=True))
    )
    rows = [(p, [m for m in p.memberships.all() if m.in_force(today) and in_sight(m)], runs.get(p.pk, 0)) for p in page]
    return render(request, "register/people.html", {"rows": rows, "page_obj": page, "total": len(found), "q": words, "at": at})


@login_required
def person(request: HttpRequest, public_id: str) -> HttpResponse:
    """One person: roles, accounts, and the form of leaving; after it, the button to come back."""
    user, at = official(request), clock.now()
    demand_role(user, *MANAGES)
    who = next((p for p in people_seen_by(user) if p.public_id == public_id), None)
    if who is None:
        raise Http404
    if request.method == "POST":
        try:
            messages.success(request, _done(request, who, user))
            return redirect("person", public_id=public_id)
        except QiguanError as error:
            messages.error(request, str(error))
    held = roles_held(who, at)
    rows = staff_to_end(who, user, at)
    alone = {account.pk for account in left_alone(rows, who)}
    accounts = {row.account_id: row.account for row in rows}.values()
    choices = [(a, a.pk in alone, [p for p in runners_for(a, at) if p != who]) for a in accounts]
    context = {
        "who": who, "roles": [(m, may_end(user, m)) for m in held], "mine": any(may_end(user, m) for m in held) and who != user, "choices": choices,
        "alone": len(alone), "stays": any(not may_end(user, m) for m in held), "departure": who.departures.filter(back_at=None).order_by("-pk").first(), "at": at,
    }  # fmt: skip
    return render(request, "register/person.html", context)


def _done(request: HttpRequest, who: User, user: User) -> str:
    form, at = request.POST, clock.now()
    if form.get("do") == "leave":
        chosen = {name.removeprefix(_ACCOUNT): str(value) for name, value in form.items() if name.startswith(_ACCOUNT)}
        stand_ins = {account: "" if person == "none" else person for account, person in chosen.items() if person}
        leave(user=who, stand_ins=stand_ins, reason=form.get("reason", ""), by=user, at=at)
        return "已办离岗"
    if form.get("do") == "back":
        departure = Departure.objects.filter(user=who, back_at=None).order_by("-pk").first()
        if departure is None:
            raise QiguanError("没有离岗记录", place=str(who), remedy="请刷新页面")
        come_back(departure=departure, by=user, at=at)
        return "已重新启用"
    raise QiguanError("没有这个操作", place="人员", remedy="请刷新页面")
