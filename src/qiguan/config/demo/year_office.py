"""What the city's office does in the replayed year: a human round, a quarterly round, its bulletin, the day's desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from qiguan.collection.actions.checks import Seen, close_round, hold_next, open_round, record_check
from qiguan.collection.models import CheckRound
from qiguan.config.demo.year_lives import Player
from qiguan.config.demo.year_town import Town
from qiguan.core.calendar import WorkCalendar
from qiguan.core.days import day_of, end_of
from qiguan.core.facts import Said
from qiguan.core.ticket import Cause, TicketState
from qiguan.inspection.actions.findings import confirm_findings, dismiss_findings
from qiguan.inspection.actions.rounds import Choice, judge_round
from qiguan.inspection.actions.rounds import open_round as open_inspection
from qiguan.inspection.actions.settling import settle_round
from qiguan.inspection.models import Finding, Round
from qiguan.people.models import User
from qiguan.publication.actions.bulletins import (
    answer_reply,
    approve_bulletin,
    draft_bulletin,
    edit_bulletin,
    reply_to_bulletin,
    show_to_units,
)
from qiguan.publication.actions.publishing import publish_bulletin
from qiguan.publication.models import Bulletin, UnitReply
from qiguan.rectification.actions.appeals import decide_appeal
from qiguan.rectification.actions.chasing import chase_tickets
from qiguan.rectification.actions.extensions import decide_extension
from qiguan.rectification.actions.rechecking import close_ticket, decide_recheck
from qiguan.rectification.actions.tickets import open_tickets
from qiguan.rectification.models import Appeal, Extension, Ticket
from qiguan.register.actions.filings import decide_filing
from qiguan.register.models import Account, Filing

SERVICE = {"app", "mini_program"}
CAUSES = (Cause.NO_CONTENT, Cause.CANNOT, Cause.PASSWORD, Cause.NO_CONTENT)


@dataclass(slots=True)
class Quarter:
    """One quarter's inspection: what it is called, its check point, and how far it has come."""

    title: str
    point: date
    number: int
    human: CheckRound | None = None
    round: Round | None = None
    bulletin: Bulletin | None = None

    @property
    def at(self) -> datetime:
        """The check point: 24:00 of the quarter's last day."""
        return end_of(self.point)


def look_by_hand(town: Town, quarter: Quarter, step: int, *, at: datetime) -> None:
    """The human round: opened on the first day, looked at by two checkers on the next, closed."""
    boss, checkers = town.office["jianguan"], (town.office["hecha"], town.office["hecha2"])
    if step == 0:
        unseen = Account.objects.filter(sources__isnull=True).exclude(status=Account.Status.CLOSED).select_related("owner")
        quarter.human = open_round(
            organ=town.city,
            title=f"{quarter.title}人工核查",
            accounts=unseen,
            seed=f"示例彩票{quarter.point:%Y%m%d}",
            point=quarter.at,
            by=boss,
            at=at,
        )
    elif step == 1 and quarter.human is not None:
        for checker in checkers:
            for n, task in enumerate(hold_next(round_=quarter.human, by=checker, most=12)):
                looked = at + timedelta(minutes=3 * n + 5)
                player = town.by_account[task.account_id]
                seen = see(player, quarter, at=looked)
                record_check(
                    account=task.account,
                    seen=seen,
                    client_key=f"y{quarter.number}-{task.pk}",
                    looked_at=looked,
                    task=task,
                    by=checker,
                    at=looked,
                )
        close_round(round_=quarter.human, by=boss, at=at + timedelta(hours=8))


def see(player: Player, quarter: Quarter | None, *, at: datetime) -> Seen:
    """What a checker sees of an account at `at`; in the first round one takes an old post for the newest."""
    shown = [p for p in player.posts if p <= at]
    if player.entry.platform in SERVICE:
        return Seen(Said.NEWEST, None, message_box=True, menu=True)
    if quarter is not None and quarter.number == 1 and player.life.missed:
        shown = [p for p in shown if p <= quarter.at - timedelta(days=player.life.missed)]
    if not shown:
        return Seen(Said.NEVER)
    before = [p for p in shown if quarter is not None and p <= quarter.at]
    told, then = ("newest", end_of(day_of(before[-1]))) if before else ("never", None)
    return Seen(Said.NEWEST, end_of(day_of(shown[-1])), message_box=True, before_said=told, before_at=then)


def inspect(town: Town, quarter: Quarter, step: int, *, at: datetime) -> None:
    """The round: 2 judged, 3 decided by the first supervisor, 4 settled, tickets opened and the bulletin drafted, 5 approved and shown."""
    boss, second, leader = town.office["jianguan"], town.office["jianguan2"], town.office["fuze"]
    if step == 2:
        quarter.round = open_inspection(
            organ=town.city, title=f"{quarter.title}检查", at=quarter.at, choice=Choice(), by=boss, now=at
        )
        judge_round(round_=quarter.round, at=at + timedelta(minutes=5))
    if quarter.round is None:
        return
    if step == 3:
        _decide(quarter.round, boss, at)
    elif step == 4:
        settle_round(round_=quarter.round, by=boss, at=at)
        open_tickets(round_=quarter.round, by=boss, at=at + timedelta(minutes=30))
        made = draft_bulletin(round_=quarter.round, by=boss, at=at + timedelta(hours=1))
        words = {"number": f"示政办新媒〔{at.year}〕{quarter.number}号", "addressees": "各县（市、区）人民政府，高新区管委会，市政府各部门、各直属机构", "rectify_by": day_of(at) + timedelta(days=14)}  # fmt: skip
        edit_bulletin(bulletin=made, changes=words, by=boss, at=at + timedelta(hours=2))
        quarter.bulletin = made
    elif step == 5 and quarter.bulletin is not None:
        approve_bulletin(bulletin=quarter.bulletin, by=leader, at=at)
        show_to_units(bulletin=quarter.bulletin, by=second, at=at + timedelta(minutes=10))
    elif step == 6 and quarter.bulletin is not None:
        _replies(town, quarter.bulletin, at)


def _decide(round_: Round, boss: User, at: datetime) -> None:
    """Confirm what was found; what is no veto and stands for the first time in the first round is dismissed once, with a reason."""
    open_ones = list(round_.findings.filter(state=Finding.State.SUSPECTED).select_related("round").order_by("pk"))
    light = [f for f in open_ones if not f.veto]
    out, rest = light[:1], [f for f in open_ones if f not in light[:1]]
    if out:
        dismiss_findings(findings=out, reason="已电话核实，登记信息当天已补报", by=boss, at=at)
    if rest:
        confirm_findings(findings=rest, by=boss, at=at + timedelta(minutes=20))


def _replies(town: Town, bulletin: Bulletin, at: datetime) -> None:
    """Two units say something to their line: one explains, one says it is not its account and is answered."""
    lines = list(
        bulletin.round.accounts.filter(findings__state=Finding.State.CONFIRMED)
        .select_related("account__owner")
        .order_by("pk")
        .distinct()[:2]
    )
    said = (
        (UnitReply.Sort.REPLY, "原运营人员上月调离，已明确新的运营人员，本周恢复更新。"),
        (UnitReply.Sort.NOT_OURS, "此账号由下属中心开设，请核实主办单位。"),
    )
    for line, (sort, words) in zip(lines, said, strict=False):
        admin = town.units[line.account.owner.name].admin
        reply_to_bulletin(bulletin=bulletin, line=line, sort=sort, words=words, by=admin, at=at + timedelta(hours=1))


def desk(town: Town, calendar: WorkCalendar, *, at: datetime) -> None:
    """A working day at the office: filings, extensions, appeals, rechecks, closing, the chase, bulletins whose preview is over."""
    boss, second = town.office["jianguan"], town.office["jianguan2"]
    for filing in Filing.objects.filter(state=Filing.State.SUBMITTED, submitted_at__lt=at).order_by("pk"):
        decide_filing(filing=filing, approve=True, reason="", by=second, at=at + timedelta(minutes=30))
    for extension in Extension.objects.filter(state=Extension.State.ASKED, asked_at__lt=at).select_related(
        "ticket__account__owner"
    ):
        decide_extension(extension=extension, days=extension.days, answer="", by=boss, at=at + timedelta(minutes=40))
    for appeal in Appeal.objects.filter(state=Appeal.State.ASKED).select_related("ticket__account__owner", "ticket__office"):
        if calendar.count_working_days(day_of(appeal.asked_at), day_of(at)) >= 5:
            _answer_appeal(town, appeal, second, at)
    _recheck(town, at)
    soon = [TicketState.WAITING, TicketState.FIXING]
    due = Ticket.objects.filter(
        state__in=soon, chased_at=None, due_on__gte=day_of(at), due_on__lte=day_of(at) + timedelta(days=3)
    )
    if tickets := list(due.select_related("account__owner", "office")):
        chase_tickets(tickets=tickets, by=boss, at=at + timedelta(hours=1))
    for bulletin in Bulletin.objects.filter(stage=Bulletin.Stage.PREVIEW).select_related("organ", "round"):
        for reply in bulletin.replies.filter(sort=UnitReply.Sort.NOT_OURS, answered_at=None):
            answer_reply(reply=reply, words="经核实，登记的主办单位无误，由其对下属中心负责。", by=boss, at=at)
        if bulletin.preview_until is not None and at > end_of(bulletin.preview_until):
            publish_bulletin(bulletin=bulletin, by=second, at=at + timedelta(hours=1))


def _answer_appeal(town: Town, appeal: Appeal, by: User, at: datetime) -> None:
    player = town.by_account[appeal.ticket.account_id]
    upheld = player.life.ticket == "appeals"
    items = list(appeal.ticket.items.filter(dropped_at=None)) if upheld else []
    answer = (
        "经复核发布记录，监测时间点前14日内有更新，原结论有误" if upheld else "监测时间点前没有任何内容，转发也没有，原结论正确"
    )
    decide_appeal(appeal=appeal, upheld=items, answer=answer, by=by, at=at + timedelta(minutes=50))


def _recheck(town: Town, at: datetime) -> None:
    """A person looks where the machine cannot tell; what passed is closed with its cause, the day after."""
    boss, checker = town.office["jianguan"], town.office["hecha"]
    told = Ticket.objects.filter(state=TicketState.REPORTED, needs_person=True).select_related(
        "account__owner", "round", "line", "office"
    )
    for ticket in told.order_by("pk"):
        player = town.by_account[ticket.account_id]
        if player.life.hand and not ticket.account.checks.filter(at__gt=ticket.reported_at).exists():
            looked = at + timedelta(minutes=15)
            record_check(
                account=ticket.account, seen=see(player, None, at=looked), client_key=f"yr-{ticket.pk}-{at:%m%d}", looked_at=looked, by=checker, at=looked
            )  # fmt: skip
        else:
            decide_recheck(ticket=ticket, passed=True, words="已打开账号核对，问题已改正", by=boss, at=at + timedelta(hours=2))
    passed = Ticket.objects.filter(state=TicketState.PASSED, moved_at__lt=at).select_related("account__owner", "office")
    for ticket in passed.order_by("pk"):
        player = town.by_account[ticket.account_id]
        cause = (
            Cause.NO_ONE
            if player.life.ticket == "finds_people"
            else Cause.MERGED_ORGAN
            if ticket.handed_at
            else CAUSES[ticket.pk % len(CAUSES)]
        )
        close_ticket(ticket=ticket, cause=cause, by=boss, at=at + timedelta(hours=3))


def correct(town: Town, quarter: Quarter, step: int, *, at: datetime) -> None:
    """The correction after an appeal that was upheld: drafted, approved the next day, then shown; the desk publishes it."""
    if quarter.round is None or quarter.bulletin is None:
        return
    if step == 0:
        quarter.bulletin.refresh_from_db()
        made = draft_bulletin(
            round_=quarter.round, by=town.office["jianguan"], at=at, corrects=quarter.bulletin,
            correction="通报附件所列“西例审计”（新浪微博）的结论有误：该账号在监测时间点前14日内有更新，原不合格结论撤销，合计数相应更正。",
        )  # fmt: skip
        edit_bulletin(
            bulletin=made,
            changes={"number": f"示政办新媒〔{at.year}〕1号更正"},
            by=town.office["jianguan"],
            at=at + timedelta(hours=1),
        )
        quarter.bulletin = made
    elif step == 1:
        approve_bulletin(bulletin=quarter.bulletin, by=town.office["fuze"], at=at)
        show_to_units(bulletin=quarter.bulletin, by=town.office["jianguan2"], at=at + timedelta(minutes=10))
