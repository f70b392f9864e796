"""Reads of the human round: progress, who did how much, the second looks and where they disagree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from qiguan.collection.models import CheckRound, CheckTask, HumanCheck, Source
from qiguan.core.check_rows import SAID_WORDS
from qiguan.core.days import day_of, say_at
from qiguan.core.facts import Said
from qiguan.people.models import Role, User, any_within
from qiguan.people.queries import memberships_of, paths_seen_by
from qiguan.register.models import Account

CHECKING = (Role.CHECKER, Role.SUPERVISOR, Role.UNIT_ADMIN, Role.AUDITOR)


def rounds_seen_by(user: User | AnonymousUser) -> QuerySet[CheckRound]:
    """Return the rounds of organs where the user checks, manages or audits, and of those below."""
    if paths_seen_by(user) is None:
        return CheckRound.objects.select_related("organ")
    paths = [m.organ.path for m in memberships_of(user, roles=CHECKING)]
    return CheckRound.objects.filter(any_within(["organ_path"], paths)).select_related("organ")


def checks_seen_by(user: User | AnonymousUser) -> QuerySet[HumanCheck]:
    """Return the checks whose proof a user may open: of accounts in the organs where they check, manage, lead or audit."""
    if paths_seen_by(user) is None:
        return HumanCheck.objects.all()
    paths = [m.organ.path for m in memberships_of(user, roles=[*CHECKING, Role.LEADER])]
    return HumanCheck.objects.filter(any_within(["account__owner_path", "account__supervisor_path"], paths))


def without_complete_source(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Keep the accounts that no complete source reads without trouble: the ones a person must look at."""
    reading = Source.objects.filter(account=OuterRef("pk"), complete=True, enabled=True, failures=0)
    return accounts.filter(~Exists(reading))


@dataclass(frozen=True, slots=True)
class RoundProgress:
    """How far a round has come. `by_person`: words for the person and how many."""

    total: int = 0
    done: int = 0
    doubled: int = 0
    doubled_done: int = 0
    by_person: list[tuple[str, int]] = field(default_factory=list)

    @property
    def percent(self) -> int:
        """First looks done, in whole per cent."""
        return self.done * 100 // max(self.total, 1)


def progress_of_all(rounds: Iterable[CheckRound]) -> dict[int, RoundProgress]:
    """Count the tasks of several rounds in one question; nothing by person."""
    done = ~Q(done_at=None)
    counted = (
        CheckTask.objects.filter(round__in=[r.pk for r in rounds])
        .order_by()
        .values_list("round")
        .annotate(a=Count("pk", filter=Q(turn=1)), b=Count("pk", filter=Q(turn=1) & done), c=Count("pk", filter=Q(turn=2)), d=Count("pk", filter=Q(turn=2) & done))
    )  # fmt: skip
    return {round_: RoundProgress(*counts) for round_, *counts in counted}


def progress_of(round_: CheckRound) -> RoundProgress:
    """Count a round's tasks, and the looks of each person."""
    found = progress_of_all([round_]).get(round_.pk, RoundProgress())
    people = HumanCheck.objects.filter(task__round=round_).values_list("hand").annotate(n=Count("pk")).order_by("-n", "hand")
    return RoundProgress(found.total, found.done, found.doubled, found.doubled_done, list(people))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two looks at one account."""

    first: HumanCheck
    second: HumanCheck

    @property
    def agree(self) -> bool:
        """The same finding, and the newest post within a day of the other's, or newer only because time went on."""
        a, b = sorted((self.first, self.second), key=lambda c: c.at)
        went_on = b.newest_at is not None and day_of(b.newest_at) >= day_of(a.at)
        if a.said != b.said:
            return a.said == Said.NEVER and b.said == Said.NEWEST and went_on
        if a.newest_at is None or b.newest_at is None:
            return a.newest_at == b.newest_at and a.menu in {b.menu, None}
        return abs(b.newest_at - a.newest_at) <= timedelta(days=1) or went_on

    @property
    def first_words(self) -> str:
        """What the first person saw."""
        return words_of(self.first)

    @property
    def second_words(self) -> str:
        """What the second person saw."""
        return words_of(self.second)


def words_of(check: HumanCheck) -> str:
    """Return what a check says: 最近一篇9月14日, 从未发布, 改名为“…”; then what it says of the time up to a check point."""
    return "，".join(w for w in (_seen_words(check), before_words(check)) if w)


def before_words(check: HumanCheck) -> str:
    """Return what a check says of the time up to a check point: 9月16日24:00以前最近一篇9月14日; "" where nothing was said."""
    if check.point is None:
        return ""
    said = {"never": "没有发布", "unclear": "看不清"}.get(check.before_said, "")
    if not said and check.before_at is not None:
        said = f"最近一篇{_in_year(day_of(check.before_at), check)}"
    return f"{say_at(check.point)}以前{said}"


def _seen_words(check: HumanCheck) -> str:
    if check.said == Said.RENAMED:
        words = f"改名为“{check.new_name}”"
        return words + (f"，最近一篇{_day(check)}" if check.newest_at else "")
    if check.said == Said.NEWEST:
        if check.newest_at is None:
            return {True: "能用", False: "用不了", None: "找到了，没试"}[check.menu]
        return f"最近一篇{_day(check)}"
    return SAID_WORDS[Said(check.said)]


def _day(check: HumanCheck) -> str:
    assert check.newest_at is not None
    day = day_of(check.newest_at) if check.newest_precision == "day" else day_of(check.newest_at + timedelta(microseconds=1))
    return _in_year(day, check)


def _in_year(day: date, check: HumanCheck) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day.year != day_of(check.at).year else f"{day.month}月{day.day}日"


def pairs_of(round_: CheckRound) -> list[Pair]:
    """Return the accounts looked at twice, disagreements first. Of several looks by a turn the latest counts."""
    doubled = CheckTask.objects.filter(round=round_, turn=2).values("account")
    found: dict[int, dict[int, HumanCheck]] = defaultdict(dict)
    checks = HumanCheck.objects.filter(task__round=round_, account__in=doubled).select_related("account", "task")
    for check in checks.order_by("at", "pk"):
        if check.task is not None:
            found[check.account_id][check.task.turn] = check
    pairs = [Pair(looks[1], looks[2]) for looks in found.values() if len(looks) == 2]
    return sorted(pairs, key=lambda p: (p.agree, p.first.account.name))


def clash_of(check: HumanCheck, task: CheckTask) -> str:
    """Return what to tell who recorded a look that did not count, or that another made too; "" where all is well."""
    if check.task_id is None:
        return f"{task.account.name}：留作证据，{check.note.rsplit('；', 1)[-1]}"
    if (
        check.point is None
        and task.round.point is not None
        and check.newest_at is not None
        and check.newest_at > task.round.point
    ):
        return f"{task.account.name}：已记下，没有记{say_at(task.round.point)}以前最近一篇，这一批检查判不了这个账号；可以“改一改”补上"
    if HumanCheck.objects.filter(task=check.task_id).exclude(by=check.by_id).exists():
        return f"{task.account.name}：另一个人也看了，两条都留下了"
    return ""


def lot_is_told(round_: CheckRound, progress: RoundProgress) -> bool:
    """Say whether the lot may be shown: once nobody can look at the drawn ones with more care than at the rest."""
    return round_.closed_at is not None or progress.done >= progress.total


def last_checks(account_ids: Iterable[int], *, but_of: CheckRound | None = None) -> dict[int, HumanCheck]:
    """Return the newest check of each account, those of one round left out: a second looker must not see the first's answer."""
    checks = HumanCheck.objects.filter(account__in=list(account_ids))
    if but_of is not None:
        checks = checks.exclude(task__in=CheckTask.objects.filter(round=but_of))
    return {check.account_id: check for check in checks.order_by("at", "pk")}


def own_last(round_: CheckRound, user: User) -> HumanCheck | None:
    """Return what the user recorded last in the round, for a slip of the finger."""
    checks = HumanCheck.objects.filter(task__round=round_, by=user).select_related("account")
    return checks.order_by("-pk").first()
