"""Reads of what people found."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from qiguan.collection.models import HumanFinding
from qiguan.core.rule import Rule, all_rules
from qiguan.people.models import Role, User, any_within
from qiguan.people.queries import memberships_of, paths_seen_by

MAY_SEE = (Role.SUPERVISOR, Role.UNIT_ADMIN, Role.AUDITOR, Role.LEADER)


def findings_seen_by(user: User | AnonymousUser) -> QuerySet[HumanFinding]:
    """Return the findings whose proof a user may open: of accounts in the organs where they supervise, manage, lead or audit."""
    if paths_seen_by(user) is None:
        return HumanFinding.objects.select_related("account")
    paths = [m.organ.path for m in memberships_of(user, roles=MAY_SEE)]
    seen = any_within(["account__owner_path", "account__supervisor_path"], paths)
    return HumanFinding.objects.filter(seen).select_related("account")


def rules_by_hand() -> Sequence[Rule]:
    """Return the rules under which a person may record a finding, the vetoes first."""
    return sorted((r for r in all_rules().values() if r.by_hand), key=lambda r: (r.weight != "单项否决", r.code))
