"""A small round that the demonstration town has behind it: looked at by hand, settled, its bulletin published, its tickets under way.

Every step is the product's own action at the time at which people would have taken it, so that no page stands empty on the
first day and none says what could not have been.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from qiguan.collection.actions.checks import Seen, record_check
from qiguan.config.demo.stories import STORIES, post_times
from qiguan.config.demo.town import Entry
from qiguan.core.days import day_of, end_of, start_of
from qiguan.core.errors import QiguanError
from qiguan.core.facts import Said
from qiguan.core.life import USABILITY
from qiguan.inspection.actions.findings import confirm_findings
from qiguan.inspection.actions.rounds import Choice, judge_round, open_round
from qiguan.inspection.actions.settling import settle_round
from qiguan.inspection.models import Round
from qiguan.people.models import Organ, User
from qiguan.publication.actions.bulletins import approve_bulletin, draft_bulletin, edit_bulletin, show_to_units
from qiguan.publication.actions.publishing import publish_bulletin
from qiguan.rectification.actions.appeals import appeal_ticket
from qiguan.rectification.actions.chasing import chase_tickets
from qiguan.rectification.actions.tickets import acknowledge_ticket, open_tickets, report_ticket
from qiguan.rectification.models import Ticket
from qiguan.register.models import Account

BEFORE = timedelta(days=9)  # three working days for the units fit in, but over a long holiday
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def hold_round(*, city: Organ, place: Organ, users: Mapping[str, User], accounts: Mapping[str, Entry], at: datetime) -> Round:
    """Hold the round over a place as it was nine days before `at` and return it; where the calendar leaves the units no three days, the bulletin waits."""
    boss, checker, leader = (users[name] for name in ("jianguan", "hecha", "shenqian"))
    today = start_of(day_of(at - BEFORE))
    then = today + 10 * _HOUR
    mine = Account.objects.filter(owner_path__startswith=place.path).select_related("owner", "supervisor")
    for account in mine.exclude(platform__in=USABILITY):
        entry = accounts[account.platform_id]
        if STORIES[entry.story].said in {Said.NEWEST, Said.NEVER}:
            times = [t for t in post_times(STORIES[entry.story], seed=account.platform_id, at=at) if t <= then - _HOUR]
            seen = Seen(Said.NEWEST, end_of(day_of(times[-1])), message_box=True) if times else Seen(Said.NEVER)
            key = f"demo-round-{account.public_id}"
            record_check(account=account, seen=seen, client_key=key, looked_at=then - _HOUR, by=checker, at=then - _HOUR)
    choice = Choice(sort=Round.Sort.FILTERED, wanted={"place": place.public_id})
    round_ = open_round(organ=city, title=f"{place.name}专项检查", at=today, choice=choice, by=boss, now=then)
    judge_round(round_=round_, at=then)
    confirm_findings(findings=list(round_.findings.select_related("round")), by=boss, at=then + _HOUR)
    settle_round(round_=round_, by=boss, at=then + 2 * _HOUR)
    open_tickets(round_=round_, by=boss, at=then + 3 * _HOUR)
    _move_tickets(round_, boss, (users["danwei"], users["weijian"]), at)
    bulletin = draft_bulletin(round_=round_, by=boss, at=then + 4 * _HOUR)
    changes = {"number": f"示政办新媒〔{then.year}〕1号", "addressees": f"{place.name}各部门"}
    edit_bulletin(bulletin=bulletin, changes=changes, by=boss, at=then + 5 * _HOUR)
    approve_bulletin(bulletin=bulletin, by=leader, at=then + 6 * _HOUR)
    try:
        until = end_of(show_to_units(bulletin=bulletin, by=boss, at=then + 7 * _HOUR)) + 2 * _HOUR
    except QiguanError:  # no calendar of this year: the bulletin waits for it, as in an office
        return round_
    if until <= at:
        publish_bulletin(bulletin=bulletin, by=boss, at=until)
    return round_


def _move_tickets(round_: Round, boss: User, units: tuple[User, User], at: datetime) -> None:
    """One is reported by its unit, one appealed by another, one chased; the rest stand as they were sent."""
    tickets = list(Ticket.objects.filter(round=round_).select_related("account__owner", "office", "round", "line").order_by("pk"))
    reporting, appealing = units
    reported = _first_of(tickets, reporting)
    if reported is not None:
        acknowledge_ticket(ticket=reported, by=reporting, at=at - 6 * _DAY)
        words = "已调整值班安排，由两人轮流更新，从今天起每周至少更新两次。"
        report_ticket(ticket=reported, words=words, by=reporting, at=at - 3 * _HOUR)
    appealed = _first_of(tickets, appealing)
    if appealed is not None:
        words = "监测时间点前账号在平台升级认证，期间不能发布，请核对平台通知。"
        appeal_ticket(ticket=appealed, words=words, by=appealing, at=at - 2 * _DAY)
    rest = [t for t in tickets if t not in (reported, appealed)]
    if rest:
        chase_tickets(tickets=rest[:1], by=boss, at=at - _DAY)


def _first_of(tickets: list[Ticket], unit: User) -> Ticket | None:
    mine = set(unit.memberships.values_list("organ", flat=True))
    return next((t for t in tickets if t.account.owner_id in mine), None)
