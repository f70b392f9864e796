"""离岗 and 再启用: a person's roles, log-in, sessions and messages end together, and can be given back.

The register's action (`register.actions.leaving`) adds the accounts that the person ran.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db import transaction

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.written_dates import SHANGHAI
from qiguan.jobs import clock
from qiguan.people.actions import record_audit
from qiguan.people.models import Departure, Membership, Role, User, any_within
from qiguan.people.outbox.models import Delivery
from qiguan.people.queries import MANAGES, memberships_of

_ABOVE_UNIT = (Role.SUPERVISOR, Role.AUDITOR)  # a unit's administrator does not end the roles that watch over him


def users_managed_by(user: User) -> tuple[str, ...] | None:
    """Return the subtrees in which the user manages people; None: everywhere."""
    if user.is_superuser and user.is_active:
        return None
    return tuple(dict.fromkeys(m.organ.path for m in memberships_of(user, roles=MANAGES)))


def may_end(by: User, role: Membership) -> bool:
    """Say whether `by` may end this role. Who audits is sent away by the level above alone."""
    if by.is_superuser and by.is_active:
        return True
    for mine in memberships_of(by, roles=MANAGES):
        if not role.organ.path.startswith(mine.organ.path):
            continue
        if role.role not in _ABOVE_UNIT or (
            mine.role == Role.SUPERVISOR and (role.role != Role.AUDITOR or role.organ_id != mine.organ_id)
        ):
            return True
    return False


def roles_held(user: User, at: datetime) -> list[Membership]:
    """Return the roles in force."""
    today = at.astimezone(SHANGHAI).date()
    held = Membership.objects.filter(user=user).select_related("organ").order_by("organ__path", "role")
    return [m for m in held if m.in_force(today)]


def deactivate_user(*, user: User, reason: str = "", by: User, at: datetime) -> Departure:
    """End the roles that `by` may end; where none is left, the log-in, its sessions and what waits to be sent end too.

    Raises QiguanError where there is no such role, NotPermitted for oneself.
    """
    if user.pk == by.pk:
        raise NotPermitted("不能给自己办离岗", place="离岗", remedy="请另一位管理员办理", code="forbidden")
    if user.is_superuser and not by.is_superuser:
        raise NotPermitted("全局管理员由全局管理员办理", place=str(user), remedy="请联系系统管理员", code="forbidden")
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        held = roles_held(user, at)
        mine = [m for m in held if may_end(by, m)]
        if not mine and not (by.is_superuser and user.is_active):
            raise NotPermitted(
                "这个人没有归您管理的角色", place=str(user), remedy="请联系所在单位的管理员或监管员", code="forbidden"
            )
        Membership.objects.filter(pk__in=[m.pk for m in mine]).update(until=at.astimezone(SHANGHAI).date())
        gone = user.is_active and len(mine) == len(held)
        if gone:
            User.objects.filter(pk=user.pk).update(is_active=False)
            user.is_active = False
            _end_sessions(user)
            waiting = [Delivery.State.WAITING, Delivery.State.IN_DOUBT, Delivery.State.FAILED]
            Delivery.objects.filter(notice__to=user, state__in=waiting).update(state=Delivery.State.DROPPED, done_at=at)
        kept = {"roles": [m.pk for m in mine], "staff": [], "log_in": gone}
        made = Departure.objects.create(user=user, at=at, by=by, reason=reason.replace("\x00", "").strip()[:200], kept=kept)
        organ = mine[0].organ if mine else None
        fields = ["roles", *(["is_active"] if gone else [])]
        record_audit(action="deactivate_user", by=by, at=at, on=user, organ=organ, fields=fields, count=max(len(mine), 1))
    return made


def reactivate_user(*, departure: Departure, by: User, at: datetime) -> User:
    """Give back what a departure ended: the roles that `by` may give, and the log-in (the old sessions stay ended)."""
    with transaction.atomic():
        if not Departure.objects.filter(pk=departure.pk, back_at=None).update(back_at=at, back_by=by):
            raise QiguanError("已经重新启用过", place=str(departure.user), remedy="请刷新页面", code="conflict")
        roles = list(Membership.objects.filter(pk__in=departure.kept.get("roles", [])).select_related("organ"))
        if not all(may_end(by, m) for m in roles) or not (roles or by.is_superuser):
            raise NotPermitted("这些角色不归您管理", place=str(departure.user), remedy="请联系办离岗的管理员", code="forbidden")
        Membership.objects.filter(pk__in=[m.pk for m in roles]).update(until=None)
        if departure.kept.get("log_in"):
            User.objects.filter(pk=departure.user_id).update(is_active=True)
        departure.user.refresh_from_db()
        record_audit(
            action="reactivate_user", by=by, at=at, on=departure.user, organ=roles[0].organ if roles else None, fields=["roles"],
            count=max(len(roles), 1),
        )  # fmt: skip
    return departure.user


def _end_sessions(user: User) -> None:
    """Drop the sessions of the user, so that none lives again when the log-in does. There are as many as people at work."""
    mine = [
        s.session_key
        for s in Session.objects.filter(expire_date__gt=clock.machine_now()).iterator()
        if s.get_decoded().get("_auth_user_id") == str(user.pk)
    ]
    Session.objects.filter(session_key__in=mine).delete()


def people_seen_by(user: User) -> list[User]:
    """Return the people with a role, past ones too, in the organs that the user manages; by name."""
    paths = users_managed_by(user)
    everyone = User.objects.order_by("-is_active", "shown_name", "username").prefetch_related("memberships__organ")
    if paths is None:
        return list(everyone)
    roles = Membership.objects.filter(any_within(["organ__path"], paths)).values("user")
    return list(everyone.filter(pk__in=roles))
