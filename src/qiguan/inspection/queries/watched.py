"""What the morning looks at: accounts near the line or newly over it, and the people of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Q

from qiguan.collection.models import Post
from qiguan.core.activity import Reason
from qiguan.core.calendar import WorkCalendar
from qiguan.core.days import day_of, end_of
from qiguan.core.facts import Scope, State
from qiguan.core.quota import Quota, blocked_until, period_start
from qiguan.core.warnings import Watched, Workdays
from qiguan.core.written_dates import SHANGHAI
from qiguan.inspection.models import Seen, Standing
from qiguan.inspection.queries.packs import PackBook
from qiguan.inspection.warned import LeaderDecision, Warned
from qiguan.jobs.many import among
from qiguan.jobs.models import WorkingDay
from qiguan.people.models import Membership, Role
from qiguan.register.models import AccountStaff, Filing

SILENT = [s for s in State if s.is_silence]
_ASKED = (Role.LEADER, Role.OPERATOR, Role.UNIT_ADMIN)


def workdays(at: datetime) -> Workdays:
    """Return the calendar of this year and the ones beside it, as the table has them today."""
    year = at.astimezone(SHANGHAI).year
    rows = WorkingDay.objects.filter(day__year__gte=year - 1, day__year__lte=year + 1)
    return Workdays(WorkCalendar(rows.values_list("day", "is_working", "note")))


def watched(*, at: datetime, days: Workdays) -> list[Watched]:
    """Return the accounts of which somebody may have to hear at `at`.

    1. Those whose line has few working days left, or are due; and those over a line. 2. Not those that no line binds.
    3. Their people: who runs them, else the unit's operators, else its administrators; leaders of the owner itself.
    """
    horizon = int(end_of(days.horizon(at.astimezone(SHANGHAI).date())).timestamp())
    near = Q(state__in=[State.ACTIVE, State.DUE]) & (Q(state=State.DUE) | Q(line_key__lte=horizon))
    agreed = Q(state=State.ACTIVE, account__agreed_days__isnull=False, last_post_at__isnull=False)
    found = Standing.objects.filter(near | agreed | Q(state__in=SILENT)).exclude(scope=Scope.LISTED).select_related("account")
    rows = [row for row in found.order_by("pk") if "not_bound" not in row.flags]
    staff, roles, settled = _people(rows, at)
    blocked, book = _blocked(rows, at), PackBook(at)
    out = []
    for row in rows:
        mine = roles[row.account.owner_id]
        agreed_days, pack = row.account.agreed_days, book.get(row.pack)
        operators = staff[row.pk] or mine[Role.OPERATOR] or mine[Role.UNIT_ADMIN]
        out.append(
            Watched(
                account=row.pk,
                name=f"{row.name}（{row.platform_word}）",
                state=State(row.state),
                line_at=row.next_line_at,
                because=row.because,
                last_day=day_of(row.last_post_at) if row.last_post_at else None,
                known=row.reason != Reason.POSTED_PARTIAL,
                blind=row.reason == Reason.NEW and row.seen in {Seen.NOTHING, Seen.PARTIAL},
                settled=row.pk in settled,
                agreed_days=agreed_days,
                agreed_at=row.last_post_at + timedelta(days=agreed_days) if agreed_days and row.last_post_at else None,
                quota_until=blocked.get(row.pk),
                push_only=pack is not None and pack.counts == "push",
                operators=operators,
                admins=mine[Role.UNIT_ADMIN],
                leaders=mine[Role.LEADER],
            )
        )
    return out


def _blocked(rows: Sequence[Standing], at: datetime) -> dict[int, datetime]:
    """Return until when the platform allows no push, of the accounts whose quota is written down and used up."""
    quotas = {row.pk: Quota(row.account.push_quota) for row in rows if row.account.push_quota}
    pushes: dict[int, list[datetime]] = defaultdict(list)
    since = period_start(Quota.MONTHLY, at)
    seen = Post.objects.filter(account__in=among(list(quotas)), pushed=True, published_at__gte=since, published_at__lte=at)
    for account, moment in seen.values_list("account_id", "published_at"):
        if moment is not None:
            pushes[account].append(moment)
    until = {pk: blocked_until(quota, pushes[pk], at) for pk, quota in quotas.items()}
    return {pk: moment for pk, moment in until.items() if moment is not None}


def said_of(accounts: Iterable[int]) -> set[tuple[int, int, str]]:
    """Return what may be said only once and was: (person, account, mark)."""
    once = Warned.objects.filter(account__in=among(list(accounts))).exclude(mark="")
    return set(once.values_list("user_id", "account_id", "mark"))


def runners_of(account_id: int, owner_id: int, at: datetime) -> list[int]:
    """Return who runs an account today: operator and deputy, else the unit's operators, else its administrators."""
    today = at.astimezone(SHANGHAI).date()
    staff = list(AccountStaff.objects.filter(in_force(today), account=account_id).values_list("user_id", flat=True))
    if staff:
        return list(dict.fromkeys(staff))
    held = Membership.objects.filter(in_force(today), organ=owner_id, user__is_active=True).values_list("role", "user_id")
    operators = [user for role, user in held if role == Role.OPERATOR]
    return operators or [user for role, user in held if role == Role.UNIT_ADMIN]


def in_force(today: date) -> Q:
    """Rows whose `since` and `until` hold on a day."""
    return (Q(since=None) | Q(since__lte=today)) & (Q(until=None) | Q(until__gt=today))


_Roles = dict[str, list[int]]


def _people(rows: Sequence[Standing], at: datetime) -> tuple[dict[int, list[int]], dict[int, _Roles], set[int]]:
    """Return staff by account, people by owner and role, and the accounts about which somebody has decided already."""
    today = at.astimezone(SHANGHAI).date()
    ids = among([row.pk for row in rows])
    staff: dict[int, list[int]] = defaultdict(list)
    for account, user in AccountStaff.objects.filter(in_force(today), account__in=ids, user__is_active=True).values_list(
        "account_id", "user_id"
    ):
        staff[account].append(user)
    owners = among(sorted({row.account.owner_id for row in rows}))
    roles: dict[int, _Roles] = defaultdict(lambda: defaultdict(list))
    held = Membership.objects.filter(in_force(today), organ__in=owners, role__in=_ASKED, user__is_active=True)
    for organ, role, user in held.order_by("user_id").values_list("organ_id", "role", "user_id"):
        roles[organ][role].append(user)
    ending = Filing.objects.filter(account__in=ids, what__in=[Filing.What.STOP, Filing.What.CANCEL], state=Filing.State.SUBMITTED)
    settled = set(ending.values_list("account_id", flat=True))
    lines = {row.pk: row.next_line_at for row in rows}
    decided = LeaderDecision.objects.filter(account__in=ids).exclude(choice__in=["", LeaderDecision.Choice.UPDATE])
    settled |= {a for a, line in decided.values_list("account_id", "line_at") if line == lines.get(a)}
    return staff, roles, settled
