"""Who may do what in a season: the assessed unit's people never touch codes, ballots, moderation or counting."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from qiguan.core.errors import NotPermitted
from qiguan.examination.models import Candidate, Season
from qiguan.people.models import Organ, Role, User
from qiguan.people.queries import demand_role, has_role, memberships_of

TYPISTS = (Role.SUPERVISOR, Role.CHECKER, Role.COUNTER)
ANSWER = (Role.UNIT_ADMIN, Role.OPERATOR)


def is_assessed(user: User | AnonymousUser, season: Season) -> bool:
    """Say whether the user works for a unit that sits this season's paper."""
    mine = [m.organ_id for m in memberships_of(user)]
    return season.candidates.filter(account__owner__in=mine).exists()


def may_examine(user: User | AnonymousUser, season: Season) -> bool:
    """Say whether the user may run the season."""
    return has_role(user, Role.SUPERVISOR, organ=season.organ) and not is_assessed(user, season)


def demand_examiner(user: User | AnonymousUser, season: Season, *roles: str) -> None:
    """Raise NotPermitted unless the user has one of the roles (supervisor) over the season and is of no assessed unit."""
    demand_role(user, *(roles or (Role.SUPERVISOR,)), organ=season.organ)
    if is_assessed(user, season):
        raise NotPermitted("被考单位的人不能办这件事", remedy="请由监管单位或第三方办理", code="forbidden")


def may_type(user: User | AnonymousUser, season: Season) -> bool:
    """Say whether the user may type paper ballots in."""
    return has_role(user, *TYPISTS, organ=season.organ) and not is_assessed(user, season)


def may_answer(user: User | AnonymousUser, candidate: Candidate) -> bool:
    """Say whether the user may answer for the candidate's unit."""
    return has_role(user, *ANSWER, organ=candidate.account.owner)


def offices_of(user: User | AnonymousUser) -> list[Organ]:
    """Return the organs for which the user may open a season."""
    return list(dict.fromkeys(m.organ for m in memberships_of(user, roles=[Role.SUPERVISOR])))
