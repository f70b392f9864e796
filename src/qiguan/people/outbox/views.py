"""消息: the inbox, one's own ways to be reached, and what did not arrive."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.core.errors import QiguanError
from qiguan.jobs import clock
from qiguan.people.outbox.deciding import DECIDES, decide_delivery, deliveries_seen_by, unreachable_people
from qiguan.people.outbox.models import Delivery, Notice, NoticeTarget
from qiguan.people.outbox.queueing import read_notices
from qiguan.people.outbox.targets import MOST, add_target, remove_target
from qiguan.people.outbox.words import hint, trouble
from qiguan.people.queries import demand_role, has_role, official
from qiguan.people.secrets import decrypt

PAGE = 20


@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """One's own messages, newest first."""
    user = official(request)
    if request.method == "POST":
        only = request.POST.get("notice", "")
        read_notices(of=user, only=[only] if only else None, at=clock.now())
        return redirect(request.get_full_path())
    mine = Notice.objects.inbox_of(user)
    unread_only = request.GET.get("unread") == "1"
    page = Paginator(mine.unread() if unread_only else mine, PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": page,
        "page_obj": page,
        "unread": mine.unread().count(),
        "unread_only": unread_only,
        "ways": NoticeTarget.objects.filter(user=user, removed_at=None).count(),
        "may_decide": has_role(user, *DECIDES),
        "at": clock.now(),
    }
    return render(request, "people/inbox.html", context)


@login_required
def targets(request: HttpRequest) -> HttpResponse:
    """One's own ways to be reached; the product itself always is one."""
    user = official(request)
    own = NoticeTarget.objects.filter(user=user, removed_at=None).order_by("pk")
    if request.method == "POST":
        try:
            if request.POST.get("do") == "remove":
                target = get_object_or_404(own, public_id=request.POST.get("target", ""))
                remove_target(target=target, by=user, at=clock.now())
                messages.success(request, "已删除，地址已清空")
            elif request.POST.get("do") == "add":
                form = request.POST
                add_target(
                    kind=form.get("kind", ""),
                    address=form.get("address", ""),
                    secret=form.get("secret", ""),
                    by=user,
                    at=clock.now(),
                )
                messages.success(request, "已添加，以后的消息也发到这里")
            return redirect("notice_targets")
        except QiguanError as error:
            messages.error(request, str(error))
    context = {
        "rows": [(target, hint(target.kind, decrypt(bytes(target.address))), _last(target)) for target in own],
        "kinds": NoticeTarget.Kind.choices,
        "kind": request.POST.get("kind", ""),
        "full": own.count() >= MOST,
        "at": clock.now(),
    }
    answer = render(request, "people/targets.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


def _last(target: NoticeTarget) -> tuple[str, str, str]:
    """How the last delivery by this way went: its word, what happened, what helps."""
    last = target.deliveries.exclude(state=Delivery.State.DROPPED).order_by("-pk").first()
    return (last.get_state_display(), *trouble(last.error)) if last is not None else ("还没有发过", "", "")


@login_required
def deliveries(request: HttpRequest) -> HttpResponse:
    """What failed or is in doubt, of the people in the organs one manages; no address is shown."""
    user = official(request)
    demand_role(user, *DECIDES)
    seen = deliveries_seen_by(user)
    if request.method == "POST":
        delivery = get_object_or_404(seen, public_id=request.POST.get("delivery", ""))
        try:
            decide_delivery(delivery=delivery, do=request.POST.get("decide", ""), by=user, at=clock.now())
            messages.success(request, "已记下")
        except QiguanError as error:
            messages.error(request, str(error))
        return redirect(request.get_full_path())
    waiting = (Delivery.State.FAILED, Delivery.State.IN_DOUBT)
    found = seen.troubled().select_related("notice__to", "target", "decided_by").order_by("-pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": [(d, *trouble(d.error), d.state in waiting) for d in page],
        "page_obj": page,
        "unreachable": unreachable_people(user),
        "open": seen.filter(state__in=waiting).count(),
        "at": clock.now(),
    }
    return render(request, "people/deliveries.html", context)
