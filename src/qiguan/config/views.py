"""Log-in's edges: where each role starts, and what a locked-out person reads."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qiguan.core.errors import QiguanError
from qiguan.people.models import Role
from qiguan.people.queries import memberships_of


def locked_out(request: HttpRequest, credentials: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Say in words that log-in rests for a quarter of an hour."""
    error = QiguanError("登录连续失败8次，这个账户在这台设备上暂停登录15分钟", remedy="请15分钟后再试，或联系单位管理员重设密码")
    return render(request, "ui/error.html", {"error": error, "status": 429}, status=429)


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Send each role to where its work starts."""
    user = request.user
    roles = {m.role for m in memberships_of(user)}
    if roles and roles <= {Role.CHECKER}:
        return redirect("check")
    if roles and roles <= {Role.OPERATOR, Role.CONTRACTOR}:
        return redirect("accounts")
    if roles and roles <= {Role.COUNTER}:
        return redirect("counter")
    if roles and roles <= {Role.AUDITOR}:
        return redirect("audit")
    return redirect("overview")
