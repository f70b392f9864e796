"""Reads over people: what a user may see, organs by any name they ever bore."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from qiguan.core.errors import NotPermitted
from qiguan.core.written_dates import SHANGHAI
from qiguan.jobs import clock
from qiguan.people.models import Membership, Organ, Role, User

SEES_SUBTREE = (Role.SUPERVISOR, Role.UNIT_ADMIN, Role.LEADER, Role.AUDITOR)
MANAGES = (Role.SUPERVISOR, Role.UNIT_ADMIN)


def official(request: HttpRequest) -> User:
    """Return the logged-in user of a request; NotPermitted for anyone else."""
    if isinstance(request.user, User):
        return request.user
    raise NotPermitted("请先登录", remedy="登录后再做这件事", code="unauthenticated")


def _today() -> date:
    return clock.now().astimezone(SHANGHAI).date()


def memberships_of(user: User | AnonymousUser, *, roles: Iterable[str] = (), on: date | None = None) -> list[Membership]:
    """Return the user's memberships in force `on` a day (default: today), read once a request and kept on the user object.

    `since` is the first day, `until` the first day on which the role no longer holds.
    """
    if not isinstance(user, User) or not user.is_active:
        return []
    kept: list[Membership] | None = getattr(user, "_memberships_read", None)
    if kept is None:
        kept = list(Membership.objects.filter(user=user).select_related("organ").order_by("organ__path", "role"))
        user._memberships_read = kept  # type: ignore[attr-defined]
    wanted, day = set(roles), on or _today()
    return [m for m in kept if (not wanted or m.role in wanted) and m.in_force(day)]


def paths_seen_by(user: User | AnonymousUser) -> tuple[str, ...] | None:
    """Return the subtrees a user sees whole; None means everything (the installation's administrator)."""
    if isinstance(user, User) and user.is_active and user.is_superuser:
        return None
    return tuple(dict.fromkeys(m.organ.path for m in memberships_of(user, roles=SEES_SUBTREE)))


def has_role(user: User | AnonymousUser, *roles: str, organ: Organ | None = None) -> bool:
    """Say whether the user has one of the roles, in that organ or above it."""
    if isinstance(user, User) and user.is_active and user.is_superuser:
        return True
    return any(organ is None or organ.path.startswith(m.organ.path) for m in memberships_of(user, roles=roles))


def demand_role(user: User | AnonymousUser, *roles: str, organ: Organ | None = None) -> None:
    """Raise NotPermitted unless `has_role`."""
    if not has_role(user, *roles, organ=organ):
        raise NotPermitted("您的角色不能做这件事", remedy="请联系本单位管理员或监管员", code="forbidden")


def organs_seen_by(user: User | AnonymousUser) -> QuerySet[Organ]:
    """Return the organs in the user's subtrees."""
    from qiguan.people.models import any_within

    paths = paths_seen_by(user)
    return Organ.objects.all() if paths is None else Organ.objects.filter(any_within(["path"], paths))


def organs_named(key: str) -> QuerySet[Organ]:
    """Return organs that bear or ever bore this normalised name."""
    return Organ.objects.filter(Q(name_key=key) | Q(names__name_key=key)).distinct()


@lru_cache(maxsize=4096)
def pinyin_key(text: str) -> str:
    """Return a key that sorts Chinese names by pinyin, bytewise."""
    from pypinyin import Style, lazy_pinyin

    return " ".join(lazy_pinyin(text, style=Style.TONE3, errors="default"))[:200].lower()
