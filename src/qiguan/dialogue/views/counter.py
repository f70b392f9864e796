"""代填: counter or hotline staff write down what somebody says, read it back, print the slip; and read out by the telephone code."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qiguan.core.doors import EMERGENCY, danger_in, doors_for
from qiguan.core.errors import QiguanError
from qiguan.core.reply_clock import Kind
from qiguan.dialogue.actions.sending import FORM, MOST, Draft, Entered, look_over, send_message
from qiguan.dialogue.handing import sealed, sent_context
from qiguan.dialogue.models import Message, Reply
from qiguan.dialogue.queries.codes import message_spoken
from qiguan.dialogue.queries.story import lines_of
from qiguan.intake.actions.allow import Rate, demand_room
from qiguan.intake.actions.form_keys import make_form_key
from qiguan.jobs import clock
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, Role, User
from qiguan.people.queries import demand_role, memberships_of, official

ROLES = (Role.COUNTER, Role.SUPERVISOR, Role.UNIT_ADMIN)
OF_STAFF = Rate(30, timedelta(hours=1))
WAYS = (Message.Way.COUNTER, Message.Way.PHONE, Message.Way.PAPER)


@login_required
def counter(request: HttpRequest) -> HttpResponse:
    """The two things done at a counter, on one page."""
    user, at, now = official(request), clock.now(), clock.machine_now()
    demand_role(user, *ROLES)
    said = request.POST
    context = {
        "organs": _organs(user), "kinds": [(k.value, k.word) for k in Kind], "ways": [(w.value, w.label) for w in WAYS], "said": said, "most": MOST,
        "key": said.get("key", "")[:200] or make_form_key(what=FORM, now=now), "danger": danger_in(said.get("text", "")), "emergency": EMERGENCY,
        "own_doors": doors_for(said.get("text", "")),
    }  # fmt: skip
    try:
        if said.get("do") == "write":
            return sealed(_written(request, user))
        if said.get("do") == "read":
            demand_room(what="spoken", who=str(user.pk), rate=OF_STAFF, now=now)
            found = message_spoken(said.get("spoken", ""))
            if found is None:
                raise QiguanError("没有这个电话查询号", place="电话查询号", remedy="八位数字，请对方再念一遍")
            _demand_unconcerned(user, found)
            record_audit(action="read_out_message", by=user, at=at, on=found, organ=found.office)
            replies = found.replies.filter(state=Reply.State.SENT).select_related("organ")
            return sealed(
                render(
                    request, "dialogue/read_out.html", {"message": found, "lines": lines_of(found), "replies": replies, "at": at}
                )
            )
    except QiguanError as error:
        return render(request, "dialogue/counter.html", {**context, "error": error}, status=400)
    return render(request, "dialogue/counter.html", context)


def _organs(user: User) -> list[Organ]:
    """Whom the staff may write to: everything in the place of their own organ, for a citizen may ask about anything there."""
    roots = {m.organ.path.strip("/").split("/")[0] for m in memberships_of(user, roles=ROLES)}
    if user.is_superuser:
        return list(Organ.objects.filter(ended_on=None).order_by("path"))
    return [o for o in Organ.objects.filter(ended_on=None).order_by("path") if o.path.strip("/").split("/")[0] in roots]


def _written(request: HttpRequest, user: User) -> HttpResponse:
    said, at, now = request.POST, clock.now(), clock.machine_now()
    organ = next((o for o in _organs(user) if o.public_id == said.get("organ")), None)
    if organ is None:
        raise QiguanError("没有选写给哪个单位", place="写给谁", remedy="请从列表里选；不知道就选本级政府")
    if said.get("way") not in WAYS:
        raise QiguanError("没有选怎么来的", place="怎么来的", remedy="请选窗口、电话或来信")
    if said.get("read_back") != "1":
        raise QiguanError("还没有念给本人听", place="念一遍", remedy="念一遍、本人说对了，再勾上")
    if not said.get("where", "").strip():
        raise QiguanError("没有写在哪个窗口、哪部电话", place="在哪里", remedy="例如：政务服务大厅3号窗口")
    up = True if said.get("kind") == Kind.COMPLAINT else None
    draft = Draft(
        kind=said.get("kind", ""),
        text=said.get("text", ""),
        organ=organ,
        up=up,
        contact=said.get("contact", ""),
        mail="",
        consent=False,
    )
    against = look_over(draft)[1].against
    if against is not None and any(m.organ.path.startswith(against.path) for m in memberships_of(user)):
        raise QiguanError(
            "对本单位不满意的，不能由本单位代填", place="写给谁", remedy="请告诉他上一级的窗口，或打12345；这里没有保存"
        )
    entered = Entered(way=said["way"], by=user, where=said["where"])
    sent = send_message(draft=draft, form_key=said.get("key", ""), visitor="", entered=entered, at=at, now=now)
    return render(request, "dialogue/slip.html", sent_context(sent, at))


def _demand_unconcerned(user: User, found: Message) -> None:
    """Whoever belongs to the organ complained of does not read the complaint out either: the code answers as if there were none."""
    if not Message.objects.not_about(user).filter(pk=found.pk).exists():
        raise QiguanError("没有这个电话查询号", place="电话查询号", remedy="八位数字，请对方再念一遍")
