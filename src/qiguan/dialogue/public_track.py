"""The message behind a code: read, say whether it answered, reopen, consent or take it back, erase, appeal.

The code in the form is the permission and no cookie takes part: that is why these forms need no token of Django's, and why the
pages can be sent with `no-referrer` (under which a browser names no origin either).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from qiguan.core.errors import QiguanError, TooMany, UnusableInput
from qiguan.core.private_numbers import mask
from qiguan.core.reply_clock import Kind
from qiguan.core.tracking import read_code, show_code
from qiguan.dialogue.actions.citizen import (
    appeal_held,
    delete_message,
    erase_contact,
    mark_answer,
    reopen_message,
    set_consent,
)
from qiguan.dialogue.handing import sealed
from qiguan.dialogue.models import Contact, Message, Reply
from qiguan.dialogue.queries.codes import message_of
from qiguan.dialogue.queries.story import lines_of
from qiguan.intake.actions.allow import Rate, demand_room
from qiguan.intake.actions.attachments import attachment_bytes
from qiguan.intake.visitors import visitor_of
from qiguan.jobs import clock

OF_VISITOR = Rate(120, timedelta(hours=1))  # of 2^80 codes
_NO_SUCH = UnusableInput("没有这个查询码", place="查询码", remedy="16个字母和数字，没有0、O、1、I；请对照纸条再输一次")


@csrf_exempt
@never_cache
def track(request: HttpRequest, code: str = "") -> HttpResponse:
    """Ask for the code, or show its message; a form on that page comes back here with the code in it."""
    typed = code or request.POST.get("code", "")
    if not typed:
        return sealed(render(request, "dialogue/track.html"))
    try:
        message = _opened(request, typed)
    except QiguanError as wrong:
        status = 429 if isinstance(wrong, TooMany) else 404
        page = render(request, "dialogue/track.html", {"error": wrong, "typed": typed if not code else ""}, status=status)
        if isinstance(wrong, TooMany):
            page["Retry-After"] = str(wrong.wait)
        return sealed(page)
    told = ""
    error: QiguanError | None = None
    act = _ACTS.get(request.POST.get("do", ""))
    if request.method == "POST" and act is not None:
        try:
            told = act(request, message, clock.now())
        except QiguanError as refused:
            error = refused
        message = message_of(typed) or message
    return sealed(_page(request, message, typed, told, error))


@csrf_exempt
@never_cache
def track_file(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    """A file of one's own message, to keep."""
    try:
        message = _opened(request, code)
    except QiguanError as error:
        raise Http404 from error
    file = message.files.filter(public_id=public_id).first()
    if file is None:
        raise Http404
    answer = HttpResponse(attachment_bytes(file), content_type="application/octet-stream")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
    return sealed(answer)


def _opened(request: HttpRequest, typed: str) -> Message:
    demand_room(what="track", who=visitor_of(request), rate=OF_VISITOR, now=clock.machine_now())
    message = message_of(typed)
    if message is None:
        raise _NO_SUCH
    return message


def _page(request: HttpRequest, message: Message, typed: str, told: str, error: QiguanError | None) -> HttpResponse:
    at = clock.now()
    sent = list(message.replies.filter(state=Reply.State.SENT).select_related("organ"))
    contact = Contact.objects.filter(message=message).first()
    context = {
        "message": message, "code": show_code(read_code(typed)), "raw": read_code(typed), "at": at, "told": told, "error": error, "lines": lines_of(message)[::-1],
        "replies": sent, "late": message.is_late(at), "marks": Message.Mark.choices, "shown": message.public_text or mask(message.text),
        "may_publish": message.kind != Kind.COMPLAINT and message.deleted_at is None, "contact": contact, "files": message.files.all(),
        "may_reopen": message.state == Message.State.ANSWERED and message.reopened_at is None and message.deleted_at is None,
        "may_appeal": message.hold is not None and message.hold.appealed_at is None and message.held and message.hold.decided_at is None,
    }  # fmt: skip
    return render(request, "dialogue/tracked.html", context, status=400 if error is not None else 200)


def _mark(request: HttpRequest, message: Message, at: datetime) -> str:
    mark_answer(message=message, mark=request.POST.get("mark", ""), words=request.POST.get("words", ""), at=at)
    return "记下了，谢谢。" if message.mark == Message.Mark.YES else "记下了。还差什么，可以在下面再开一次。"


def _reopen(request: HttpRequest, message: Message, at: datetime) -> str:
    reopen_message(message=message, words=request.POST.get("words", ""), at=at)
    return "已再开一次，等他们再答复。"


def _consent(request: HttpRequest, message: Message, at: datetime) -> str:
    set_consent(message=message, given=True, at=at)
    return "记下了：您同意公开。工作人员看过才会登出来，您随时能撤回。"


def _withdraw(request: HttpRequest, message: Message, at: datetime) -> str:
    set_consent(message=message, given=False, at=at)
    return "已撤回，公开的页面上现在就没有了。"


def _forget(request: HttpRequest, message: Message, at: datetime) -> str:
    erase_contact(message=message, at=at)
    return "联系方式已抹除。"


def _delete(request: HttpRequest, message: Message, at: datetime) -> str:
    if request.POST.get("sure") != "1":
        raise UnusableInput("还没有勾“删了找不回来”", place="删除", remedy="想好了就勾上再点一次")
    delete_message(message=message, at=at)
    return "已删除，只留下日期。"


def _appeal(request: HttpRequest, message: Message, at: datetime) -> str:
    appeal_held(message=message, words=request.POST.get("words", ""), at=at)
    return "已申诉，由另一个人复核。"


_ACTS: dict[str, Callable[[HttpRequest, Message, datetime], str]] = {
    "mark": _mark,
    "reopen": _reopen,
    "consent": _consent,
    "withdraw": _withdraw,
    "forget": _forget,
    "delete": _delete,
    "appeal": _appeal,
}
