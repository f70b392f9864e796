"""What of the tickets waits for whom, and what each has not heard yet: the morning's message and 待我处理 read the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from qiguan.core.days import day_of, say_day
from qiguan.core.matters import Duty, Matter, News
from qiguan.core.ticket import MOVES, TicketState, What
from qiguan.jobs.many import among
from qiguan.people.models import Membership, Role, User
from qiguan.rectification.models import Extension, Step, StepTold, Ticket, TicketItem
from qiguan.register.models import AccountStaff, Filing

REMEMBERED = timedelta(days=31)  # longer than any holiday or outage: a step of the day before it is told on the morning after
_UNIT_NEWS = {
    What.OPEN, What.GRANT, What.REFUSE, What.CHASE, What.ESCALATE, What.FAIL, What.CLOSE, What.UPHOLD, What.UPHOLD_PART, What.REJECT,
    What.END_APPROVED, What.END_RETURNED, What.HANDED, What.ENDED, What.RECOUNT,
}  # fmt: skip
_OFFICE_NEWS = {What.ESCALATE, What.REOPENED}
_ABOVE = (Role.LEADER, Role.SUPERVISOR, Role.UNIT_ADMIN)


@dataclass(slots=True)
class Waiting:
    """A person's matters and news."""

    matters: list[Matter] = field(default_factory=list)
    news: list[News] = field(default_factory=list)


def waiting_by_person(*, at: datetime, tickets: Iterable[int] | None = None) -> dict[int, Waiting]:
    """Return what waits for each person at `at`, and the steps nobody has told him; of `tickets` alone where given.

    1. Open tickets with what they wait for; steps of the last days. 2. Their people, read in a few queries. 3. A step is told
    once to each, never to whoever took it.
    """
    chosen = Q() if tickets is None else Q(pk__in=among(list(tickets)))
    asked = Extension.objects.filter(ticket=OuterRef("pk"), state=Extension.State.ASKED)
    found = Ticket.objects.filter(chosen).exclude(state=TicketState.CLOSED).annotate(asked=Exists(asked))
    rows = list(found.select_related("account", "filing").order_by("due_on", "pk"))
    recent = Ticket.objects.filter(chosen, moved_at__gte=at - REMEMBERED)
    steps = Step.objects.filter(ticket__in=recent.values("pk"), what__in=_UNIT_NEWS | _OFFICE_NEWS, at__gte=at - REMEMBERED)
    fresh = list(steps.select_related("ticket__account").order_by("pk"))
    people = _People([*rows, *(step.ticket for step in fresh)], day_of(at))
    out: dict[int, Waiting] = defaultdict(Waiting)
    _add_matters(out, rows, people, at)
    told = set(StepTold.objects.filter(step__in=among([s.pk for s in fresh])).values_list("step_id", "user_id"))
    titles = _titles([s.ticket_id for s in fresh if s.what == What.OPEN])
    for step in fresh:
        one = News(step.ticket.public_id, step.ticket.name, step.pk, _words(step, titles))
        for person in people.hearing(step):
            if person != step.by_id and (step.pk, person) not in told:
                out[person].news.append(one)
    return dict(out)


class _People:
    """Who is who for a set of tickets."""

    def __init__(self, tickets: Sequence[Ticket], today: date) -> None:
        self._members: dict[tuple[int, str], list[int]] = defaultdict(list)
        organs = {t.office_id for t in tickets} | {t.account.owner_id for t in tickets} | {t.escalated_to_id for t in tickets}
        held = Membership.objects.filter(organ__in=among(sorted(o for o in organs if o)), role__in=_ABOVE, user__is_active=True)
        for m in held.order_by("user_id"):
            if m.in_force(today):
                self._members[m.organ_id, m.role].append(m.user_id)
        self._staff: dict[int, list[int]] = defaultdict(list)
        force = (Q(since=None) | Q(since__lte=today)) & (Q(until=None) | Q(until__gt=today))
        accounts = among(sorted({t.account_id for t in tickets}))
        runs = AccountStaff.objects.filter(force, account__in=accounts, user__is_active=True).order_by("pk")
        for account, user in runs.values_list("account_id", "user_id"):
            self._staff[account].append(user)
        self._confirmed: dict[int, set[int]] = defaultdict(set)
        appealed = among([t.pk for t in tickets if t.state == TicketState.APPEALED])
        for ticket, user in TicketItem.objects.filter(ticket__in=appealed).values_list("ticket_id", "finding__decided_by"):
            self._confirmed[ticket].add(user)

    def unit(self, ticket: Ticket) -> list[int]:
        """The unit's administrators and whoever runs the account."""
        return list(dict.fromkeys([*self._members[ticket.account.owner_id, Role.UNIT_ADMIN], *self._staff[ticket.account_id]]))

    def admins(self, ticket: Ticket) -> list[int]:
        """The unit's administrators: what binds the unit is theirs."""
        return self._members[ticket.account.owner_id, Role.UNIT_ADMIN]

    def office(self, ticket: Ticket, without: Iterable[int | None] = ()) -> list[int]:
        """The office's supervisors, `without` those who may not decide this; all where nobody else is there."""
        everyone = self._members[ticket.office_id, Role.SUPERVISOR]
        barred = set(without)
        return [person for person in everyone if person not in barred] or everyone

    def deciding_appeal(self, ticket: Ticket) -> list[int]:
        """Those who did not confirm the finding."""
        return self.office(ticket, self._confirmed[ticket.pk])

    def hearing(self, step: Step) -> list[int]:
        """Whom a step concerns."""
        what, ticket = What(step.what), step.ticket
        heard = self.unit(ticket) if what in _UNIT_NEWS else []
        heard = heard + (self.office(ticket) if what in _OFFICE_NEWS else [])
        if what is What.ESCALATE and ticket.escalated_to_id is not None:
            heard = heard + [p for role in _ABOVE for p in self._members[ticket.escalated_to_id, role]]
        return list(dict.fromkeys(heard))


def _add_matters(out: Mapping[int, Waiting], rows: Sequence[Ticket], people: _People, at: datetime) -> None:
    for ticket in rows:
        for persons, duty, words, due in _duties(ticket, people, at):
            for person in persons:
                out[person].matters.append(Matter(ticket.public_id, ticket.name, duty, words, due))


_Duties = list[tuple[list[int], Duty, str, date | None]]


def _duties(ticket: Ticket, people: _People, at: datetime) -> _Duties:
    """What one ticket waits for, and of whom."""
    found: _Duties = []
    state, filing, day = ticket.standing, ticket.filing, ticket.due_on
    until = f"期限{say_day(day)}" if day else ticket.due_because
    if ticket.asked:  # type: ignore[attr-defined]
        found.append((people.office(ticket), Duty.EXTENSION, f"申请延期，{until}", day))
    if state is TicketState.REPORTED and ticket.needs_person:
        found.append((people.office(ticket), Duty.RECHECK, f"机器看不清，请人复查：{ticket.recheck}", None))
    elif state is TicketState.PASSED:
        found.append((people.office(ticket), Duty.CLOSE, "复查通过，请填原因销号", None))
    elif state is TicketState.APPEALED:
        found.append((people.deciding_appeal(ticket), Duty.APPEAL, "申诉，由确认问题以外的另一位监管员答复", None))
    elif state is TicketState.ENDING and filing is not None and filing.state == Filing.State.SUBMITTED:
        words = f"{filing.get_what_display()}备案，由提交人以外的人审批"
        found.append((people.office(ticket, [filing.submitted_by_id]), Duty.ENDING, words, None))
    late = ticket.is_late(at)
    if late:
        both = list(dict.fromkeys([*people.unit(ticket), *people.office(ticket)]))
        found.append((both, Duty.LATE, f"{until}已过，还没有办完", day))
    elif state.runs:
        found.append((people.unit(ticket), Duty.FIX, f"{state.word}，{until}", day))
    elif _may_cancel(ticket) and day is not None and day_of(at) >= day:
        found.append((people.admins(ticket), Duty.CANCEL, "公告的注销日期到了，在平台办完后报注销备案", day))
    return found


def _may_cancel(ticket: Ticket) -> bool:
    """Say whether the end is approved and its cancellation not yet filed."""
    approved = ticket.standing is TicketState.ENDING and ticket.ending_approved_at is not None
    return approved and (ticket.filing is None or ticket.filing.what != Filing.What.CANCEL)


def _titles(tickets: Sequence[int]) -> dict[int, str]:
    found: dict[int, list[str]] = defaultdict(list)
    for item in TicketItem.objects.filter(ticket__in=among(list(tickets)), dropped_at=None).select_related("finding"):
        found[item.ticket_id].append(item.finding.title)
    return {ticket: "、".join(titles) for ticket, titles in found.items()}


def _words(step: Step, titles: Mapping[int, str]) -> str:
    what, ticket = What(step.what), step.ticket
    if what is What.OPEN:
        until = f"请在{say_day(ticket.due_on)}前整改" if ticket.due_on else ticket.due_because
        return f"整改通知：{titles.get(ticket.pk, '')}。{until}；不再需要这个账号的，可以直接申请关停，和救活一个同样算成绩"
    if what in {What.CLOSE, What.ENDED}:
        return "已销号，谢谢" if what is What.CLOSE else "账号已关停，已销号；和救活一个同样算成绩，谢谢"
    if what is What.HANDED:
        return "接手整改：账号已移交本单位，期限重新算"
    if what is What.ESCALATE:
        return f"{step.words}（{ticket.owner_name}）"
    return f"{MOVES[what].word}：{step.words[:300]}" if step.words else MOVES[what].word


def waiting_for(user: User, *, at: datetime) -> Waiting:
    """Return what waits for one person now."""
    mine = Ticket.objects.visible_to(user).exclude(state=TicketState.CLOSED, moved_at__lt=at - REMEMBERED)
    return waiting_by_person(at=at, tickets=mine.values_list("pk", flat=True)).get(user.pk, Waiting())
