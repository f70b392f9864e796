"""窗口体检: one account's front door, and which of its links a machine tries."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.collection.actions.windows import BY_LINK, add_window_item, remove_window_item
from qiguan.collection.models import WindowItem
from qiguan.collection.queries.windows import window_of
from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.window import Part
from qiguan.jobs import clock
from qiguan.people.models import Role
from qiguan.people.queries import demand_role, official
from qiguan.register.models import Account


@login_required
def account_window(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the table; add a link, or take one out."""
    demand_role(request.user, Role.SUPERVISOR, Role.UNIT_ADMIN)
    visible = Account.objects.visible_to(request.user).select_related("owner", "supervisor")
    account = get_object_or_404(visible, public_id=public_id)
    items = WindowItem.objects.filter(account=account, removed_at=None).order_by("part", "pk")
    at, error = clock.now(), None
    if request.method == "POST":
        try:
            if request.POST.get("remove"):
                item = get_object_or_404(items, public_id=request.POST["remove"])
                remove_window_item(item=item, by=official(request), at=at)
                messages.success(request, f"已去掉“{item.label}”")
            else:
                said = {name: request.POST.get(name, "") for name in ("part", "label", "link")}
                item = add_window_item(account=account, by=official(request), at=at, **said)
                messages.success(request, f"已添加“{item.label}”，几分钟内会试")
            return redirect("account_window", public_id=public_id)
        except NotPermitted:
            raise
        except QiguanError as problem:
            error = problem
    context = {
        "account": account, "lines": window_of(account, at=at), "items": [(i, Part(i.part).word) for i in items], "at": at,
        "parts": [(p.value, p.word) for p in BY_LINK], "said": request.POST, "error": error,
    }  # fmt: skip
    return render(request, "collection/account_window.html", context, status=400 if error else 200)
