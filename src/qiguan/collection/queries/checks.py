"""Reads of the human round: progress, who did how much, the second looks and where they disagree."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, QuerySet

from qiguan.collection.models import CheckRound, CheckTask, HumanCheck
from qiguan.people.models import Role, User, any_within
from qiguan.people.queries import memberships_of, paths_seen_by

CHECKING = (Role.CHECKER, Role.SUPERVISOR, Role.UNIT_ADMIN, Role.AUDITOR)


def rounds_seen_by(user: User | AnonymousUser) -> QuerySet[CheckRound]:
    """Rounds of the user's organs, or above them: a unit's checker works in the city's round."""
    if paths_seen_by(user) is None:
        return CheckRound.objects.select_related("organ")
    condition = Q(pk__in=[])
    for membership in memberships_of(user, roles=CHECKING):
        condition |= any_within(["organ_path"], [membership.organ.path])
    return CheckRound.objects.filter(condition).select_related("organ")


@dataclass(frozen=True, slots=True)
class RoundProgress:
    """How far a round has come. `by_person`: words for the person and how many."""

    total: int
    done: int
    doubled: int
    doubled_done: int
    by_person: list[tuple[str, int]]


def progress_of(round_: CheckRound) -> RoundProgress:
    """Count a round's tasks."""
    counts = CheckTask.objects.filter(round=round_).aggregate(
        total=Count("pk", filter=Q(turn=1)), done=Count("pk", filter=Q(turn=1) & ~Q(done_at=None)), doubled=Count("pk", filter=Q(turn=2)), doubled_done=Count("pk", filter=Q(turn=2) & ~Q(done_at=None))
    )  # fmt: skip
    people = HumanCheck.objects.filter(task__round=round_).values_list("hand").annotate(n=Count("pk")).order_by("-n")
    return RoundProgress(**counts, by_person=list(people))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two looks at one account."""

    first: HumanCheck
    second: HumanCheck

    @property
    def agree(self) -> bool:
        """The same finding, and the newest post within a day of the other's, or newer only because time went on."""
        a, b = sorted((self.first, self.second), key=lambda c: c.at)
        if a.said != b.said:
            return a.said == "never" and b.newest_at is not None and b.newest_at > a.at
        if a.newest_at is None or b.newest_at is None:
            return a.newest_at == b.newest_at
        return abs(b.newest_at - a.newest_at) <= timedelta(days=1) or b.newest_at > a.at


def pairs_of(round_: CheckRound) -> list[Pair]:
    """Return the accounts looked at twice, disagreements first."""
    doubled = CheckTask.objects.filter(round=round_, turn=2).values("account")
    found: dict[int, list[HumanCheck]] = defaultdict(list)
    checks = HumanCheck.objects.filter(task__round=round_, account__in=doubled).select_related("account", "task").order_by("at")
    for check in checks:
        found[check.account_id].append(check)
    pairs = []
    for looks in found.values():
        first = next((c for c in looks if c.task and c.task.turn == 1), None)
        second = next((c for c in looks if c.task and c.task.turn == 2), None)
        if first and second:
            pairs.append(Pair(first, second))
    return sorted(pairs, key=lambda p: p.agree)


def last_check_words(account_ids: list[int]) -> dict[int, HumanCheck]:
    """Return the newest check of each account."""
    newest: dict[int, HumanCheck] = {}
    for check in HumanCheck.objects.filter(account__in=account_ids).order_by("at"):
        newest[check.account_id] = check
    return newest
