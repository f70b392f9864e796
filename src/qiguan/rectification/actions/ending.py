"""Closing, merging or handing over an account in one sitting; following its filings; watching that it stays closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from qiguan.core.activity import Reason
from qiguan.core.closing import NO_SUCCESSOR, Ending, earliest_end, missing_elements, wait_of
from qiguan.core.days import day_of, say_day
from qiguan.core.errors import QiguanError
from qiguan.core.ticket import MOVES, Cause, Outcome, TicketState, What
from qiguan.core.written_dates import parse_day
from qiguan.people.models import User
from qiguan.rectification.actions.extensions import drop_question
from qiguan.rectification.actions.taking import demand_words, take_step
from qiguan.rectification.actions.telling import tell_pressing
from qiguan.rectification.models import Step, Ticket
from qiguan.rectification.queries.deadlines import calendar_from, due_by, working_days_between
from qiguan.rectification.queries.permits import demand_unit
from qiguan.register.actions.filings import submit_filing
from qiguan.register.models import Account, Filing


def end_account(*, ticket: Ticket, how: str, said: Mapping[str, str], cause: str, by: User, at: datetime) -> Step:
    """Ask to cancel, merge or hand over the account: one form, one filing for another person's approval.

    `said`: basis, notice_on, closes_on, instead, followers for cancelling and merging; owner, basis for handing over.
    Raises QiguanError naming the missing element, or the earliest day that freeze and notice allow.
    """
    demand_unit(by, ticket, What.END)
    if how not in Ticket.Ending.values:
        raise QiguanError("没有选怎么办", place="办法", remedy="从关停注销、合并、移交里选一个")
    if cause not in set(Cause) - {Cause.MISJUDGED}:
        raise QiguanError("没有选原因", place="原因代码", remedy="请从列表里选")
    if ticket.standing not in MOVES[What.END].start:  # before a filing is written
        raise QiguanError(f"整改单现在是“{ticket.standing.word}”", place=ticket.name, remedy="刷新后再看", code="conflict")
    kept, what, form, words = _handing(said) if how == Ticket.Ending.HAND else _stopping(ticket, how, said)
    with transaction.atomic():
        filing = submit_filing(what=what, organ=ticket.account.owner, account=ticket.account, said=form, by=by, at=at)
        drop_question(ticket=ticket, at=at)
        if filing.said.get("instead_id"):  # which account the name was taken for: the notice tells citizens just that
            words = words.replace(f"今后关注：{kept['instead']}；", f"今后关注：{filing.said['instead']}；")
            kept = {**kept, "instead": filing.said["instead"]}
        return take_step(
            ticket=ticket, what=What.END, by=by, at=at, words=f"{Ticket.Ending(how).label}：{words}", ending=how, ending_said=kept, filing=filing,
            cause=cause, ending_approved_at=None,
        )  # fmt: skip


def _stopping(ticket: Ticket, how: str, said: Mapping[str, str]) -> tuple[dict[str, str], str, dict[str, str], str]:
    notice, closes = _day(said.get("notice_on", ""), "公告日期"), _day(said.get("closes_on", ""), "注销日期")
    instead = said.get("instead", "").strip()[:200]
    account = ticket.account
    ending = Ending(
        account.owner.name,
        account.name,
        account.platform,
        account.platform_id,
        said.get("basis", "").strip()[:200],
        notice,
        closes,
        instead,
    )
    missing = missing_elements(ending)
    if missing:
        raise QiguanError("公告还缺：" + "、".join(missing), place="注销公告", remedy="补全后再提交")
    if how == Ticket.Ending.MERGE and instead == NO_SUCCESSOR:
        raise QiguanError("合并要写并到哪个账号", place="今后关注哪个账号", remedy="写在册账号的名称、ID或链接")
    followers = said.get("followers", "").strip()
    if followers and not (followers.isascii() and followers.isdecimal() and len(followers) < 11):
        raise QiguanError("粉丝数读不出来", place="粉丝数", remedy="请写整数，不知道就空着")
    wait = wait_of(account.platform, int(followers) if followers else None, notice_days=settings.CLOSING_NOTICE_DAYS)
    first = earliest_end(notice, wait)
    if closes < first:
        raise QiguanError(f"最早{say_day(first)}才能注销", place="注销日期", remedy=f"{wait.because}")
    kept = {
        "basis": ending.basis, "notice_on": notice.isoformat(), "closes_on": closes.isoformat(), "instead": instead, "wait": wait.because, "followers": followers,
    }  # fmt: skip
    form = {"notice_on": notice.isoformat(), "closes_on": closes.isoformat(), "instead": instead}
    return (
        kept,
        Filing.What.STOP,
        form,
        f"{say_day(notice)}公告，{say_day(closes)}注销；今后关注：{instead}；依据：{ending.basis}",
    )


def _handing(said: Mapping[str, str]) -> tuple[dict[str, str], str, dict[str, str], str]:
    owner = demand_words(said.get("owner", ""), place="移交给哪个单位", remedy="写单位全称", most=120)
    basis = demand_words(said.get("basis", ""), place="依据", remedy="写文件或会议", most=200)
    return {"owner": owner, "basis": basis}, Filing.What.CHANGE, {"owner": owner, "why": basis}, f"移交{owner}；依据：{basis}"


def _day(text: str, place: str) -> date:
    found = parse_day(text)
    if isinstance(found, date):
        return found
    raise QiguanError("没有写日期" if not text.strip() else "日期读不出来", place=place, remedy="请写成2026年9月30日")


def file_cancellation(*, ticket: Ticket, note: str, by: User, at: datetime) -> Step:
    """Say that the account is cancelled on its platform: the second filing, after the notice and the freeze."""
    demand_unit(by, ticket, What.CANCELLED)
    note = demand_words(note, place="注销情况", remedy="写哪天在平台办完", most=400)
    if ticket.ending not in {Ticket.Ending.CANCEL, Ticket.Ending.MERGE} or ticket.ending_approved_at is None:
        raise QiguanError("关停备案还没有同意", place=ticket.name, remedy="等审批")
    closes = date.fromisoformat(ticket.ending_said["closes_on"])
    if day_of(at) < closes:
        raise QiguanError(
            f"公告的注销日期是{say_day(closes)}，还没有到", place=ticket.name, remedy="到那天再报；冻结期内可以撤回"
        )
    with transaction.atomic():
        filing = submit_filing(
            what=Filing.What.CANCEL, organ=ticket.account.owner, account=ticket.account, said={"note": note}, by=by, at=at
        )
        return take_step(ticket=ticket, what=What.CANCELLED, by=by, at=at, words=note, filing=filing)


def settle_endings(*, at: datetime, limit: int = 1000) -> dict[str, int]:
    """Follow what was decided elsewhere: filings of tickets 关停办理中, and accounts that the register calls closed."""
    counts: Counter[str] = Counter()
    closed = Q(account__status=Account.Status.CLOSED)
    open_filing = Q(filing__what=Filing.What.CHANGE) | Q(filing__what=Filing.What.STOP, ending_approved_at=None)
    decided = Q(state=TicketState.ENDING, filing__state__in=[Filing.State.APPROVED, Filing.State.RETURNED]) & open_filing
    following = Ticket.objects.exclude(state__in=[TicketState.CLOSED, TicketState.PASSED, TicketState.APPEALED]).filter(
        closed | decided
    )
    for ticket in following.select_related("account", "account__owner", "filing", "office", "line").order_by("pk")[:limit]:
        try:
            with transaction.atomic():
                word = _follow(ticket, at)
            counts[word] += bool(word)
        except QiguanError:  # another worker was first
            continue
    return {word: n for word, n in counts.items() if n}


def _follow(ticket: Ticket, at: datetime) -> str:
    account, filing = ticket.account, ticket.filing
    if account.status == Account.Status.CLOSED:
        return _gone(ticket, at)
    if filing is None:
        return ""
    if filing.state == Filing.State.RETURNED:
        calendar = calendar_from(ticket.counts_from)
        waited = working_days_between(calendar, day_of(filing.submitted_at), day_of(filing.decided_at or at))
        due = due_by(ticket, calendar, waited=waited)
        step = take_step(
            ticket=ticket, what=What.END_RETURNED, by=None, at=at, words=f"退回：{filing.reason}", filing=None, ending="", cause="",
            waited_days=ticket.waited_days + waited, due_on=due.day, due_because=due.because[:600],
        )  # fmt: skip
        tell_pressing(step=step, title=f"备案被退回：{ticket.name}", lines=[filing.reason], by=None, at=at, awaited=True)
        return "returned"
    if filing.what == Filing.What.CHANGE:
        return _handed(ticket, at)
    if filing.what == Filing.What.STOP and ticket.ending_approved_at is None:
        ticket.ending_approved_at = at
        due = due_by(ticket, calendar_from(ticket.counts_from))
        take_step(
            ticket=ticket, what=What.END_APPROVED, by=None, at=at, words=due.because, ending_approved_at=at, due_on=due.day, due_because=due.because,
            where=Q(ending_approved_at=None), already="已经记过",
        )  # fmt: skip
        return "approved"
    return ""


def _gone(ticket: Ticket, at: datetime) -> str:
    """The register calls the account closed: the end, where the unit has said why; else the office gives the cause."""
    account = ticket.account
    outcome = Outcome.MERGED if ticket.ending == Ticket.Ending.MERGE else Outcome.CANCELLED
    day = account.closed_on if account.closed_on and account.closed_on > date.min else day_of(at)
    words = f"登记册上{say_day(day)}已关停"
    said: dict[str, Any] = {"outcome": outcome.value, "fixed_on": day, "recheck": words}
    if ticket.standing is TicketState.ENDING and ticket.cause:
        take_step(ticket=ticket, what=What.ENDED, by=None, at=at, words=f"{words}，{ticket.cause}", closed_at=at, **said)
        return "ended"
    if ticket.standing is TicketState.ENDING:
        return ""
    take_step(ticket=ticket, what=What.GONE, by=None, at=at, words=words, **said)
    return "gone"


def _handed(ticket: Ticket, at: datetime) -> str:
    """Another unit has it: its time begins today, and what is seen now decides whether anything is left to do."""
    account = ticket.account
    ticket.counts_from, ticket.base_days, ticket.extra_days, ticket.waited_days = day_of(at), settings.RECTIFY_DAYS, 0, 0
    ticket.state = TicketState.REPORTED
    due = due_by(ticket, calendar_from(ticket.counts_from))
    step = take_step(
        ticket=ticket, what=What.HANDED, by=None, at=at, words=f"移交{account.owner.name}，期限重新算", owner_name=account.owner.name,
        owner_path=account.owner_path, supervisor_path=account.supervisor_path, handed_at=at, reported_at=at, counts_from=ticket.counts_from,
        base_days=ticket.base_days, extra_days=0, waited_days=0, due_on=due.day, due_because=due.because[:600], chased_at=None, escalated_at=None,
        escalated_to=None, recheck="", needs_person=False,
    )  # fmt: skip
    tell_pressing(step=step, title=f"接手整改：{ticket.name}", lines=["账号已移交本单位", due.because[:300]], by=None, at=at)
    return "handed"


def watch_reopened(*, at: datetime, limit: int = 500) -> int:
    """Flag the ended accounts that post again, once; return how many."""
    ended = [o.value for o in Outcome if o.ends_account]
    again = Ticket.objects.filter(
        state=TicketState.CLOSED, outcome__in=ended, reopened_at=None, account__standing__reason=Reason.REOPENED.value
    )
    done = 0
    for ticket in again.select_related("account", "account__standing", "office").order_by("pk")[:limit]:
        words = ticket.account.standing.because
        try:
            take_step(
                ticket=ticket,
                what=What.REOPENED,
                by=None,
                at=at,
                words=words,
                where=Q(reopened_at=None),
                already="已经记过",
                reopened_at=at,
            )
            done += 1
        except QiguanError:
            continue
    return done
