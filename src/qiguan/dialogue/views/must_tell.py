"""必须告知: those sent to the user's places, with the links that the machine found; a form for supervisors."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qiguan.core.errors import QiguanError
from qiguan.dialogue.actions.must_tell import A_MONTH, send_must_tell
from qiguan.dialogue.models import MustTell, ways_up
from qiguan.jobs import clock
from qiguan.people.models import Organ, Role, User
from qiguan.people.queries import memberships_of, official
from qiguan.register.models import Account


@login_required
def must_tell(request: HttpRequest) -> HttpResponse:
    """Show the notices to one's places; send one."""
    user, at = official(request), clock.now()
    organs = _may_send(user)
    posted: dict[str, str] = {}
    if request.method == "POST":
        try:
            _send(request, user, organs)
            messages.success(request, "已发出")
            return redirect("must_tell")
        except QiguanError as error:
            messages.error(request, str(error))
            posted = request.POST.dict()
    paths = [m.organ.path for m in memberships_of(user)]
    seen = MustTell.objects.all() if user.is_superuser else MustTell.objects.filter(organ__path__in=ways_up(paths))
    mine = Account.objects.visible_to(user)
    rows = [(n, n.receipts.filter(account__in=mine).select_related("account")) for n in seen.select_related("organ")[:30]]
    context = {"at": at, "rows": rows, "organs": organs, "bases": MustTell.Basis.choices, "most": A_MONTH, "posted": posted}
    return render(request, "dialogue/must_tell.html", context)


def _may_send(user: User) -> list[Organ]:
    places = {m.organ.pk: m.organ for m in memberships_of(user, roles=[Role.SUPERVISOR]) if m.organ.sort == Organ.Sort.PLACE}
    return list(places.values())


def _send(request: HttpRequest, user: User, organs: list[Organ]) -> None:
    said = request.POST
    organ = next((o for o in organs if o.public_id == said.get("organ")), None)
    if organ is None:
        raise QiguanError("没有选发到哪里", place="发到", remedy="请从列表里选")
    try:
        until = date.fromisoformat(said.get("until", ""))
    except ValueError as error:
        raise QiguanError("日期读不出来", place="告知到哪天为止", remedy="请写成2026-09-30") from error
    send_must_tell(
        organ=organ, basis=said.get("basis", ""), basis_words=said.get("basis_words", ""), title=said.get("title", ""), text=said.get("text", ""),
        until=until, link=said.get("link", ""), by=user, at=clock.now(),
    )  # fmt: skip
