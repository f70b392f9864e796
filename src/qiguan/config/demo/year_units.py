"""What the units of the replayed year do: hear a warning and post, or not; take a ticket and put it right, appeal, close, hand over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from qiguan.config.demo.year_lives import SUCCESSORS, Player
from qiguan.config.demo.year_town import Town
from qiguan.core.calendar import WorkCalendar
from qiguan.core.days import day_of, say_day
from qiguan.core.ticket import Cause, TicketState
from qiguan.core.warnings import Stage
from qiguan.inspection.actions.leading import decide_as_leader
from qiguan.inspection.warned import LeaderDecision, Warned
from qiguan.rectification.actions.appeals import appeal_ticket
from qiguan.rectification.actions.ending import end_account, file_cancellation
from qiguan.rectification.actions.extensions import ask_extension
from qiguan.rectification.actions.tickets import acknowledge_ticket, report_ticket
from qiguan.rectification.models import Appeal, Step, Ticket
from qiguan.register.actions.custody import assign_staff
from qiguan.register.models import Account

BASIS = "《示例市政务新媒体整合方案》（示政办〔2025〕31号）"


def _successor(player: Player) -> str:
    """The id of the account that citizens are told to follow, on WeChat where it is: some names stand on two platforms."""
    named = Account.objects.filter(name=SUCCESSORS[player.entry.name]).order_by("pk")
    return (named.filter(platform="wechat_mp").first() or named.get()).platform_id


def hear_warnings(town: Town, *, at: datetime) -> int:
    """Let those who were warned at `at` act today; return how many accounts were posted on."""
    done = 0
    for warned in Warned.objects.filter(at=at).select_related("account", "user").order_by("pk"):
        player = town.by_account.get(warned.account_id)
        if player is None:
            continue
        answers = player.life.answers
        if warned.stage == Stage.LEADER:
            done += _leader(town, player, warned, at)
        elif warned.stage == Stage.BEFORE and answers == "operator" and player.dice.random() < 0.7:
            player.write(at + timedelta(hours=6))
            done += 1
        elif warned.stage == Stage.AFTER and answers in {"operator", "leader"} and player.posts[-1] < at:
            player.write(at + timedelta(hours=5), wakes=True)
            done += 1
    return done


def _leader(town: Town, player: Player, warned: Warned, at: datetime) -> int:
    """The leader presses a button two hours later, where this leader does anything."""
    answers = player.life.answers
    if answers not in {"operator", "leader", "closing"}:
        return 0
    decision = (
        LeaderDecision.objects.filter(account=warned.account_id, link__leader=warned.user_id, choice="").order_by("-pk").first()
    )
    if decision is None:
        return 0
    day, later = day_of(at), at + timedelta(hours=2)
    if answers == "closing":
        said = {
            "notice_on": say_day(day + timedelta(days=1)),
            "closes_on": say_day(day + timedelta(days=31)),
            "instead": _successor(player),
        }
        decide_as_leader(decision=decision, choice=LeaderDecision.Choice.CLOSE, said=said, by=warned.user, at=later)
        player.stop()
        return 0
    decide_as_leader(
        decision=decision, choice=LeaderDecision.Choice.UPDATE, said={"note": "请今天发一篇办事提醒"}, by=warned.user, at=later
    )
    player.write(at + timedelta(hours=5))
    return 1


def work_on_tickets(town: Town, calendar: WorkCalendar, *, at: datetime) -> None:
    """Let each unit take the next step on its tickets, by the working days since its time began."""
    hands = Ticket.objects.exclude(state__in=[TicketState.CLOSED, TicketState.PASSED]).select_related("account__owner", "round")
    for ticket in hands.order_by("pk"):
        player = town.by_account[ticket.account_id]
        age = calendar.count_working_days(ticket.counts_from, day_of(at))
        if ticket.standing is TicketState.WAITING and age >= 1 and player.life.ticket != "nothing":
            acknowledge_ticket(ticket=ticket, by=town.unit(player).admin, at=at + timedelta(minutes=20))
        elif ticket.standing is TicketState.ENDING:
            _cancelled(town, player, ticket, at)
        elif ticket.standing is TicketState.FIXING:
            WAYS[player.life.ticket](town, player, ticket, age, at)


def _cancelled(town: Town, player: Player, ticket: Ticket, at: datetime) -> None:
    """Once the notice has run its days: cancelled on the platform, and said so."""
    closes = ticket.ending_said.get("closes_on", "")
    stopping = ticket.ending_approved_at is not None and ticket.filing is not None and ticket.filing.what == "stop"
    if closes and stopping and day_of(at).isoformat() >= closes:
        note = f"已于{say_day(day_of(at))}在平台办完注销"
        file_cancellation(ticket=ticket, note=note, by=town.unit(player).admin, at=at + timedelta(hours=1))
        player.stop()


def _wakes(town: Town, player: Player, ticket: Ticket, age: int, at: datetime, *, on: int = 2) -> None:
    """Post again, and report the day after; who fell silent a second time does nothing more."""
    if player.life.again is not None and player.life.again <= day_of(at):
        return
    fresh = bool(player.posts) and player.posts[-1] > ticket.opened_at
    if age >= on and not fresh:
        player.write(at + timedelta(hours=3), wakes=True)
    elif age > on:
        _report(town, player, ticket, "已恢复更新，今后每周至少发布一篇，由运营人员和替班人员轮值", at)


def _report(town: Town, player: Player, ticket: Ticket, words: str, at: datetime) -> None:
    shot = ("整改截图说明.txt", "text/plain", f"{ticket.name}：{words}".encode())
    report_ticket(ticket=ticket, words=words, files=[shot], by=town.unit(player).operator, at=at + timedelta(hours=4))


def _fails_once(town: Town, player: Player, ticket: Ticket, age: int, at: datetime) -> None:
    """Report before anything was posted; the recheck sees it, and the second report holds."""
    if not Step.objects.filter(ticket=ticket, what="fail").exists():
        if age >= 2:
            _report(town, player, ticket, "已安排专人负责", at)
        return
    _wakes(town, player, ticket, age, at, on=4)


def _appeals(town: Town, player: Player, ticket: Ticket, age: int, at: datetime, words: str = "") -> None:
    if Appeal.objects.filter(ticket=ticket).exists():
        _wakes(town, player, ticket, age, at, on=3)
    elif age >= 2:
        said = words or "监测时间点前我单位每周都有发布，核查时看到的是置顶的旧内容，附发布记录"
        appeal_ticket(ticket=ticket, words=said, by=town.unit(player).admin, at=at + timedelta(hours=2))


def _appeals_wrongly(town: Town, player: Player, ticket: Ticket, age: int, at: datetime) -> None:
    _appeals(town, player, ticket, age, at, "我单位认为转发也应当算更新")


def _needs_longer(town: Town, player: Player, ticket: Ticket, age: int, at: datetime) -> None:
    if not ticket.extensions.exists() and age >= 7:
        ask_extension(
            ticket=ticket,
            days=3,
            reason="原管理员已调离，正在平台办理管理员变更",
            by=town.unit(player).admin,
            at=at + timedelta(hours=1),
        )
    elif age >= 10:
        _wakes(town, player, ticket, age, at, on=10)


def _finds_people(town: Town, player: Player, ticket: Ticket, age: int, at: datetime) -> None:
    """Name an operator of the unit's own, then post."""
    account = town.account(player)
    if not account.staff.filter(until=None).exists() and age >= 2:
        unit = town.unit(player)
        assign_staff(account=account, user=unit.operator, part="operator", by=unit.admin, at=at + timedelta(hours=1))
    _wakes(town, player, ticket, age, at, on=3)


def _ends(town: Town, player: Player, ticket: Ticket, age: int, at: datetime, how: str = "cancel") -> None:
    if age < 3:
        return
    notice = day_of(at) + timedelta(days=1)
    said = {
        "basis": BASIS, "notice_on": say_day(notice), "closes_on": say_day(notice + timedelta(days=15)), "instead": _successor(player), "followers": "3200",
    }  # fmt: skip
    cause = Cause.MERGED_ORGAN if player.entry.name.startswith("西例") else Cause.NOT_NEEDED
    end_account(ticket=ticket, how=how, said=said, cause=cause, by=town.unit(player).admin, at=at + timedelta(hours=2))


def _merges(town: Town, player: Player, ticket: Ticket, age: int, at: datetime) -> None:
    _ends(town, player, ticket, age, at, "merge")


def _hands_over(town: Town, player: Player, ticket: Ticket, age: int, at: datetime) -> None:
    """Its unit was merged into another: that one takes the account and posts."""
    successor = ticket.account.owner.successor
    if ticket.handed_at is None and successor is not None and age >= 2:
        said = {"owner": successor.name, "basis": "示机改〔2026〕5号"}
        end_account(
            ticket=ticket, how="hand", said=said, cause=Cause.MERGED_ORGAN, by=town.unit(player).admin, at=at + timedelta(hours=2)
        )
    elif ticket.handed_at is not None:
        if not ticket.account.staff.filter(until=None, user=town.unit(player).operator).exists():
            unit = town.unit(player)
            assign_staff(account=town.account(player), user=unit.operator, part="operator", by=unit.admin, at=at)
        _wakes(town, player, ticket, age, at)


def _nothing(town: Town, player: Player, ticket: Ticket, age: int, at: datetime) -> None:
    """Nobody there: the deadline passes."""


WAYS: dict[str, Callable[[Town, Player, Ticket, int, datetime], None]] = {
    "wakes": _wakes, "fails_once": _fails_once, "appeals": _appeals, "appeals_wrongly": _appeals_wrongly, "needs_longer": _needs_longer,
    "finds_people": _finds_people, "cancels": _ends, "merges": _merges, "hands_over": _hands_over, "nothing": _nothing,
}  # fmt: skip
