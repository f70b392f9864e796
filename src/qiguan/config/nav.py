"""The row of words on top, gathered from the apps: only config knows them all."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from qiguan.people.models import Role
from qiguan.people.queries import has_role, memberships_of
from qiguan.ui.nav import NavItem

# (word, URL name, URL prefix that marks it as current, roles that see it)
_EVERY = (Role.SUPERVISOR, Role.UNIT_ADMIN, Role.LEADER, Role.AUDITOR)
_ROW = (
    ("总览", "overview", "/office/overview/", _EVERY),
    ("账号", "accounts", "/office/accounts/", (*_EVERY, Role.OPERATOR, Role.CONTRACTOR)),
    ("人工核查", "check", "/office/check/", (Role.SUPERVISOR, Role.UNIT_ADMIN, Role.CHECKER)),
    ("采集", "sources", "/office/sources/", (Role.SUPERVISOR, Role.UNIT_ADMIN)),
    ("登记", "register", "/office/register/", (Role.SUPERVISOR, Role.UNIT_ADMIN)),
    ("报送", "returns", "/office/returns/", (Role.SUPERVISOR, Role.UNIT_ADMIN)),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context for every page: `nav`, and the user's place and roles."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav": []}
    nav = [
        NavItem(label=word, url=reverse(name), current=request.path.startswith(prefix))
        for word, name, prefix, roles in _ROW
        if has_role(user, *roles)
    ]
    mine = memberships_of(user)
    return {
        "nav": nav,
        "place": mine[0].organ if mine else None,
        "role_words": list(dict.fromkeys(m.get_role_display() for m in mine)),
    }
