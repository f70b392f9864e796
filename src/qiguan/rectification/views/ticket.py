"""One ticket: 什么问题 · 凭什么 · 下一步谁做, by when and why that day; its history; a form for each step that may be taken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.archive.uploads import read_documents
from qiguan.core.closing import Ending, notice_text, password_help, wait_of
from qiguan.core.days import say_at, say_day
from qiguan.core.errors import QiguanError
from qiguan.core.ticket import MOVES, Cause, TicketState, What
from qiguan.jobs import clock
from qiguan.people.models import User
from qiguan.people.queries import official
from qiguan.rectification.actions.appeals import appeal_ticket, decide_appeal
from qiguan.rectification.actions.chasing import chase_tickets
from qiguan.rectification.actions.ending import end_account, file_cancellation
from qiguan.rectification.actions.extensions import ask_extension, decide_extension
from qiguan.rectification.actions.rechecking import close_ticket, decide_recheck
from qiguan.rectification.actions.tickets import acknowledge_ticket, report_ticket
from qiguan.rectification.beside import papers_beside
from qiguan.rectification.models import Extension, Ticket, TicketItem
from qiguan.rectification.queries.permits import open_moves
from qiguan.ui.values import Answer, Evidence, Fact

_PAUSES = {
    TicketState.REPORTED: "等复查，期限不走",
    TicketState.APPEALED: "申诉期间，期限不走；不成立的，用去的工作日补回",
    TicketState.ENDING: "等审批，期限不走；退回的，用去的工作日补回",
}
_FIRST = {What.REPORT, What.CLOSE, What.UPHOLD, What.PASS, What.CANCELLED}  # shown open


@login_required
def ticket(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a ticket that the user may see, and take a step; what was typed stays where a step is refused."""
    user, at = official(request), clock.now()
    seen = Ticket.objects.visible_to(user).select_related(
        "account", "account__owner", "account__replaced_by", "office", "round", "line", "filing", "appeal", "escalated_to"
    )
    found = get_object_or_404(seen, public_id=public_id)
    posted: dict[str, str] = {}
    if request.method == "POST":
        try:
            messages.success(request, _take(request, found, user, at))
            return redirect("ticket", public_id=public_id)
        except QiguanError as error:
            messages.error(request, str(error))
            posted = request.POST.dict()
            found = get_object_or_404(seen, public_id=public_id)
    return render(request, "rectification/ticket.html", _context(found, user, at, posted))


def _context(found: Ticket, user: User, at: datetime, posted: dict[str, str]) -> dict[str, Any]:
    late = found.is_late(at)
    items = list(found.items.select_related("finding"))
    moves = open_moves(user, found, late=late)
    offered = {m.what.value for m in moves}
    wait = wait_of(found.platform, None, notice_days=settings.CLOSING_NOTICE_DAYS)
    steps = list(found.steps.select_related("by").prefetch_related("files"))
    return {
        "at": at, "ticket": found, "late": late, "items": items, "offered": offered, "moves_open": bool(moves), "posted": posted,
        "opens": {w.value for w in _FIRST} | {posted.get("do", "")},
        "answers": [
            ("什么问题", Answer(_short(items), [i.finding.because for i in items if i.dropped_at is None])),
            ("凭什么", Answer(_confirmed(items), _grounds(found, items), link=("看证据", "#evidence"))),
            ("下一步谁做", Answer(found.turn or "已办结", _until(found, late))),
        ],
        "facts": _facts(found), "evidence": _evidence(items), "steps": steps[::-1],
        "asked": found.extensions.filter(state=Extension.State.ASKED).first(),
        "causes": [c.value for c in Cause if c is not Cause.MISJUDGED], "endings": Ticket.Ending.choices, "wait": wait,
        "password": password_help(found.platform), "papers": papers_beside(found, user), "notice": _notice(found),
    }  # fmt: skip


def _short(items: list[TicketItem]) -> str:
    standing = [i for i in items if i.dropped_at is None]
    if not standing:
        return "申诉成立，原列的问题已去掉"
    first = standing[0].finding.title
    return first if len(standing) == 1 else f"{first}等{len(standing)}项"


def _confirmed(items: list[TicketItem]) -> str:
    if any(i.dropped_at is None for i in items):
        return "监管员已研判确认"
    return "原研判已更正，以申诉答复为准"


def _grounds(found: Ticket, items: list[TicketItem]) -> list[str]:
    return [
        f"监测时间点{say_at(found.round.at)}",
        *(f"{i.finding.title}：申诉成立，已去掉" for i in items if i.dropped_at),
    ]


def _until(found: Ticket, late: bool) -> list[str]:
    if found.state == TicketState.CLOSED:
        return [
            f"{found.cause}",
            *([f"{say_day(found.fixed_on)}{found.get_outcome_display()}"] if found.fixed_on and found.outcome else []),
        ]
    if found.due_on is None:
        return [found.due_because]
    day = f"到{say_day(found.due_on)}24:00为止" + ("，已超期" if late else "")
    pause = _PAUSES.get(found.standing) if found.ending_approved_at is None else None
    return [w for w in (day, f"为什么是这天：{found.due_because}", pause) if w]


def _facts(found: Ticket) -> list[Fact]:
    rows = [
        Fact("状态", found.standing.word),
        Fact("发出", say_day(found.counts_from)),
        Fact("办理", found.office.name, "本办自己的账号，由上一级办" if found.own else ""),
    ]
    rows += [Fact("催办", "已催一次")] if found.chased_at else []
    rows += [Fact("转上一级", found.escalated_to.name)] if found.escalated_to else []
    rows += [Fact("机器复查", found.recheck)] if found.recheck else []
    rows += [Fact("原因", found.cause)] if found.cause else []
    rows += [Fact("关停后", "又有内容", "请核实")] if found.reopened_at else []
    return rows


def _evidence(items: list[TicketItem]) -> list[Evidence]:
    rows: dict[tuple[str, str], Evidence] = {}
    for item in items:
        for entry in item.finding.evidence:
            when = datetime.fromisoformat(entry["at"]) if entry.get("at") else item.finding.found_at
            digest = str(entry.get("blob") or "").partition(":")[2]
            rows[(entry.get("said", ""), entry.get("at", ""))] = Evidence(
                entry.get("said", ""), when, [entry["hand"]] if entry.get("hand") else [], digest=digest
            )
    return list(rows.values())


def _notice(found: Ticket) -> str:
    said = found.ending_said
    if found.ending not in {Ticket.Ending.CANCEL, Ticket.Ending.MERGE} or not said.get("notice_on"):
        return ""
    account = found.account
    return notice_text(
        Ending(
            account.owner.name, account.name, account.platform, account.platform_id, said["basis"], date.fromisoformat(said["notice_on"]),
            date.fromisoformat(said["closes_on"]), said["instead"],
        )
    )  # fmt: skip


def _take(request: HttpRequest, found: Ticket, user: User, at: datetime) -> str:
    """Take the step that the form names; return what to say."""
    step = _STEPS.get(request.POST.get("do", ""))
    if step is None:
        raise QiguanError("没有这个操作", place=found.name, remedy="请刷新页面")
    return step(request, found, user, at) or f"已{MOVES[What(request.POST['do'])].word}"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else -1


def _acknowledge(request: HttpRequest, found: Ticket, user: User, at: datetime) -> str:
    acknowledge_ticket(ticket=found, by=user, at=at)
    return ""


def _report(request: HttpRequest, found: Ticket, user: User, at: datetime) -> str:
    files = read_documents(request, "files")
    report_ticket(ticket=found, words=request.POST.get("words", ""), files=files, by=user, at=at)
    return "已报送，系统会按报送之后看到的内容复查"


def _ask(request: HttpRequest, found: Ticket, user: User, at: datetime) -> str:
    ask_extension(ticket=found, days=_number(request.POST.get("days", "")), reason=request.POST.get("words", ""), by=user, at=at)
    return ""


def _grant(request: HttpRequest, found: Ticket, user: User, at: datetime) -> str:
    refuse = request.POST.get("do") == What.REFUSE
    extension = found.extensions.filter(state=Extension.State.ASKED).first()
    if extension is None:
        raise QiguanError("没有等答复的延期申请", place=found.name, remedy="刷新后再看")
    days = 0 if refuse else _number(request.POST.get("days", "")) or -1
    decide_extension(extension=extension, days=days, answer=request.POST.get("words", ""), by=user, at=at)
    return ""


def _chase(request: HttpRequest, found: Ticket, user: User, at: datetime) -> str:
    return chase_tickets(tickets=[found], by=user, at=at).words


def _decide(request: HttpRequest, found: Ticket, user: User, at: datetime) -> str:
    decide_recheck(ticket=found, passed=request.POST.get("do") == What.PASS, words=request.POST.get("words", ""), by=user, at=at)
    return ""


def _close(request: HttpRequest, found: Ticket, user: User, at: datetime) -> str:
    close_ticket(ticket=found, cause=request.POST.get("cause", ""), words=request.POST.get("words", ""), by=user, at=at)
    return ""


def _appeal(request: HttpRequest, found: Ticket, user: User, at: datetime) -> str:
    files = read_documents(request, "files")
    appeal_ticket(ticket=found, words=request.POST.get("words", ""), files=files, by=user, at=at)
    return "已申诉，由另一位监管员答复"


def _answer(request: HttpRequest, found: Ticket, user: User, at: datetime) -> str:
    appeal = getattr(found, "appeal", None)
    if appeal is None:
        raise QiguanError("没有申诉", place=found.name, remedy="请刷新页面")
    wanted = {t for t in request.POST.getlist("item") if t.isascii() and t.isdecimal() and len(t) < 18}
    upheld = [] if request.POST.get("do") == What.REJECT else list(found.items.filter(pk__in=wanted))
    if not upheld and request.POST.get("do") != What.REJECT:
        raise QiguanError("没有选哪几项不对", place="申诉", remedy="勾选成立的问题；都不成立就按“不成立”")
    decide_appeal(appeal=appeal, upheld=upheld, answer=request.POST.get("words", ""), by=user, at=at)
    return "已答复申诉"


def _end(request: HttpRequest, found: Ticket, user: User, at: datetime) -> str:
    end_account(
        ticket=found,
        how=request.POST.get("how", ""),
        said={k: v.replace("\x00", "") for k, v in request.POST.dict().items()},
        cause=request.POST.get("cause", ""),
        by=user,
        at=at,
    )
    return "已提交，等另一位审批"


def _cancelled(request: HttpRequest, found: Ticket, user: User, at: datetime) -> str:
    file_cancellation(ticket=found, note=request.POST.get("words", ""), by=user, at=at)
    return ""


_STEPS: dict[str, Callable[[HttpRequest, Ticket, User, datetime], str]] = {
    What.ACKNOWLEDGE: _acknowledge, What.REPORT: _report, What.ASK_EXTENSION: _ask, What.GRANT: _grant, What.REFUSE: _grant, What.CHASE: _chase,
    What.PASS: _decide, What.FAIL: _decide, What.CLOSE: _close, What.APPEAL: _appeal, What.UPHOLD: _answer, What.REJECT: _answer, What.END: _end,
    What.CANCELLED: _cancelled,
}  # fmt: skip
