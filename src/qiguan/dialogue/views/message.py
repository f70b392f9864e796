"""One message: what was asked, where it stands and who is next, the story; a form for each step that may be taken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.core.days import say_day
from qiguan.core.errors import QiguanError
from qiguan.core.holding import HOLD_RULES
from qiguan.core.private_numbers import mask
from qiguan.core.reply_clock import Kind
from qiguan.dialogue.actions.keeping import (
    decide_held,
    hold_message,
    open_contact,
    open_original,
    redact_message,
    release_message,
)
from qiguan.dialogue.actions.replying import review_reply, write_reply
from qiguan.dialogue.actions.routing import name_complaint, raise_message, return_message, route_message
from qiguan.dialogue.models import Contact, Message, MessageOriginal, Reply
from qiguan.dialogue.queries.permits import acts_for_handler, acts_for_office, reviews
from qiguan.dialogue.queries.placing import may_be_meant, reachable_from
from qiguan.dialogue.queries.story import lines_of
from qiguan.dialogue.queries.templates import templates_for
from qiguan.intake.actions.attachments import attachment_bytes
from qiguan.jobs import clock
from qiguan.people.models import Organ, User
from qiguan.people.queries import official
from qiguan.ui.values import Answer


@login_required
def message(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a message that the user may see, and take a step; what was typed stays where a step is refused."""
    user, at = official(request), clock.now()
    found = _found(user, public_id)
    posted: dict[str, str] = {}
    opened = ""
    if request.method == "POST":
        step = _STEPS.get(request.POST.get("do", ""))
        try:
            if step is None:
                raise QiguanError("没有这个操作", place="民情互动", remedy="请刷新页面")
            said = step(request, found, user, at)
            if request.POST.get("do") in {"contact", "original"}:
                opened = said  # shown once, on this very answer
            else:
                messages.success(request, said)
                still = Message.objects.visible_to(user).filter(pk=found.pk).exists()
                return redirect("message", public_id=public_id) if still else redirect("messages")
        except QiguanError as error:
            messages.error(request, str(error))
            posted = request.POST.dict()
        found = _found(user, public_id)
    answer = render(request, "dialogue/message.html", _context(found, user, at, posted, opened))
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
def message_file(request: HttpRequest, public_id: str, file_id: str) -> HttpResponse:
    """A file of a message that the user may see, to keep and never to open in the page."""
    found = _found(official(request), public_id)
    file = get_object_or_404(found.files.all(), public_id=file_id)
    answer = HttpResponse(attachment_bytes(file), content_type="application/octet-stream")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _found(user: User, public_id: str) -> Message:
    seen = Message.objects.visible_to(user).select_related("organ", "office", "handler", "account", "hold", "against")
    return get_object_or_404(seen, public_id=public_id)


def _context(found: Message, user: User, at: datetime, posted: dict[str, str], opened: str) -> dict[str, Any]:
    office, handler = acts_for_office(user, found), acts_for_handler(user, found)
    alive = found.deleted_at is None and not found.held
    waiting = found.replies.filter(state=Reply.State.WAITING).select_related("written_by", "organ").first()
    organs = [o for o in reachable_from(found.office) if not (found.against_path and o.path.startswith(found.against_path))]
    named = {o.public_id: o for o in organs}
    suggested = [
        (named[label], p // 100, [found.text[s:e] for s, e in spans]) for label, p, spans in found.suggested if label in named
    ]
    is_open = alive and found.state != Message.State.ANSWERED
    contact = Contact.objects.filter(message=found).first()
    return {
        "at": at, "message": found, "late": found.is_late(at), "posted": posted, "opened": opened, "lines": lines_of(found, for_officials=True)[::-1],
        "replies": found.replies.exclude(state=Reply.State.WAITING).select_related("organ"), "waiting": waiting, "files": found.files.all(),
        "answers": [("什么事", _what(found)), ("凭什么", _because(found)), ("下一步谁做", _next(found, waiting, at))],
        "organs": organs, "suggested": suggested, "spans": [span for _, _, spans in found.suggested for span in spans], "holds": HOLD_RULES,
        "may_route": office and is_open, "may_reply": handler and is_open and waiting is None, "may_return": handler and is_open and found.handler_id != found.office_id,
        "may_raise": (office or handler) and is_open and found.office.parent_id is not None, "may_review": waiting is not None and reviews(user, found) and waiting.written_by_id != user.pk,
        "may_hold": office and found.hold is None and found.deleted_at is None, "may_decide": office and found.held, "may_redact": office and found.deleted_at is None,
        "may_release": office and alive and found.consented_at is not None and found.released_at is None and found.state == Message.State.ANSWERED,
        "may_name": office and is_open, "unnamed": found.kind == Kind.COMPLAINT and found.against_id is None, "complained": may_be_meant(found.office),
        "contact": contact if contact and contact.erased_at is None and (handler or office) else None,
        "original": MessageOriginal.objects.filter(message=found).first() if office else None, "public_text": mask(found.text),
        "templates": templates_for(found.handler) if handler and found.handler else [],
    }  # fmt: skip


def _what(found: Message) -> Answer:
    notes = [f"写给{found.organ.name}" + (f"的“{found.account.name}”" if found.account else ""), f"来自{found.get_way_display()}"]
    if found.against is not None:
        notes.append(f"对{found.against.name}不满意：不转给它和它下面的单位")
    return Answer(Kind(found.kind).word, notes)


def _because(found: Message) -> Answer:
    day = f"{say_day(found.due_on)}前" if found.due_on else "期限待算"
    return Answer(day, [found.due_because])


def _next(found: Message, waiting: Reply | None, at: datetime) -> Answer:
    late = ["已超期"] if found.is_late(at) else []
    if found.deleted_at:
        return Answer("不用做什么", ["写的人删去了内容"])
    if found.held:
        return Answer("监管员复核暂存", late)
    if found.state == Message.State.ANSWERED:
        marked = f"写的人说：{found.get_mark_display()}" if found.mark else "等写的人说答到点子上没有"
        return Answer("已答复", [marked, "已答复不等于解决"])
    if waiting is not None:
        return Answer("另一位审核答复", late)
    if found.handler is None:
        return Answer("监管员分办", late)
    return Answer("答复", [found.handler.name, *late])


def _organ(request: HttpRequest, field: str, place: str) -> Organ:
    organ = Organ.objects.filter(public_id=request.POST.get(field, "").replace("\x00", "")[:16]).first()
    if organ is None:
        raise QiguanError("没有选单位", place=place, remedy="请从列表里选")
    return organ


def _route(request: HttpRequest, found: Message, user: User, at: datetime) -> str:
    to = _organ(request, "to", "分办")
    route_message(message=found, to=to, why=request.POST.get("why", ""), by=user, at=at)
    return f"已分给{to.name}，期限不变"


def _return(request: HttpRequest, found: Message, user: User, at: datetime) -> str:
    return_message(message=found, why=request.POST.get("why", ""), by=user, at=at)
    return "已退回，由监管员重新分办"


def _raise(request: HttpRequest, found: Message, user: User, at: datetime) -> str:
    raise_message(message=found, why=request.POST.get("why", ""), by=user, at=at)
    return "已上报一级，期限不变"


def _name(request: HttpRequest, found: Message, user: User, at: datetime) -> str:
    plain = request.POST.get("against") == "none"
    name_complaint(message=found, against=None if plain else _organ(request, "against", "对谁不满意"), by=user, at=at)
    return "已改回普通留言" if plain else "已写明，由它的上一级办"


def _reply(request: HttpRequest, found: Message, user: User, at: datetime) -> str:
    reply = write_reply(message=found, text=request.POST.get("text", ""), by=user, at=at)
    return "已答复" if reply.state == Reply.State.SENT else "已交审核，另一位看过才发出"


def _review(request: HttpRequest, found: Message, user: User, at: datetime) -> str:
    reply = found.replies.filter(state=Reply.State.WAITING).first()
    if reply is None:
        raise QiguanError("没有待审核的答复", place="答复", remedy="请刷新页面", code="conflict")
    send = request.POST.get("do") == "send_reply"
    review_reply(reply=reply, send=send, note=request.POST.get("note", ""), by=user, at=at)
    return "已答复" if send else "已退回修改"


def _hold(request: HttpRequest, found: Message, user: User, at: datetime) -> str:
    hold_message(message=found, rule=request.POST.get("rule", ""), reason=request.POST.get("reason", ""), by=user, at=at)
    return "已暂存，写的人看得到规则，可以申诉"


def _decide(request: HttpRequest, found: Message, user: User, at: datetime) -> str:
    release = request.POST.get("do") == "let_go"
    decide_held(message=found, release=release, reason=request.POST.get("reason", ""), by=user, at=at)
    return "已放行" if release else "维持暂存，理由写的人看得到"


def _redact(request: HttpRequest, found: Message, user: User, at: datetime) -> str:
    redact_message(message=found, text=request.POST.get("text", ""), why=request.POST.get("why", ""), by=user, at=at)
    return "已划去，原文另存"


def _release(request: HttpRequest, found: Message, user: User, at: datetime) -> str:
    release_message(message=found, public_text=request.POST.get("text", ""), by=user, at=at)
    return "已公开"


def _contact(request: HttpRequest, found: Message, user: User, at: datetime) -> str:
    return open_contact(message=found, why=request.POST.get("why", ""), by=user, at=at)


def _original(request: HttpRequest, found: Message, user: User, at: datetime) -> str:
    return open_original(message=found, why=request.POST.get("why", ""), by=user, at=at)


_STEPS: dict[str, Callable[[HttpRequest, Message, User, datetime], str]] = {
    "route": _route, "return": _return, "raise": _raise, "name": _name, "reply": _reply, "send_reply": _review, "send_back": _review, "hold": _hold,
    "let_go": _decide, "keep_held": _decide, "redact": _redact, "release": _release, "contact": _contact, "original": _original,
}  # fmt: skip
