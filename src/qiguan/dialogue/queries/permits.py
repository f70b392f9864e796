"""Who may do what with a message: asked by the actions and by the page that offers the step. What is not visible is not there."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from qiguan.core.errors import NotPermitted
from qiguan.dialogue.models import Message
from qiguan.people.models import Role, User
from qiguan.people.queries import has_role, memberships_of


def sees(user: User | AnonymousUser, message: Message) -> bool:
    """Say whether the user may see the message at all."""
    return Message.objects.visible_to(user).filter(pk=message.pk).exists()


def acts_for_office(user: User | AnonymousUser, message: Message) -> bool:
    """Say whether the user routes for the office: a supervisor there or above it."""
    return has_role(user, Role.SUPERVISOR, organ=message.office) and sees(user, message)


def acts_for_handler(user: User | AnonymousUser, message: Message) -> bool:
    """Say whether the user answers: administrator or supervisor of the unit that handles it, or its own operator."""
    if message.handler is None or not sees(user, message):
        return False
    if has_role(user, Role.UNIT_ADMIN, Role.SUPERVISOR, organ=message.handler):
        return True
    return any(m.organ_id == message.handler_id for m in memberships_of(user, roles=[Role.OPERATOR]))


def reviews(user: User | AnonymousUser, message: Message) -> bool:
    """Say whether the user may send what another wrote: operators may not."""
    roles = (Role.UNIT_ADMIN, Role.SUPERVISOR, Role.LEADER)
    return message.handler is not None and has_role(user, *roles, organ=message.handler) and sees(user, message)


def demand_office(user: User, message: Message) -> None:
    """Raise NotPermitted unless the user acts for the office."""
    if not acts_for_office(user, message):
        raise NotPermitted("这一步由监管员办", place="民情互动", remedy="请监管员办理", code="forbidden")


def demand_handler(user: User, message: Message) -> None:
    """Raise NotPermitted unless the user answers."""
    if not acts_for_handler(user, message):
        raise NotPermitted("这一步由承办单位办", place="民情互动", remedy="请承办单位的管理员办理", code="forbidden")
