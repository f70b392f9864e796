"""通报 for officials: draft, approve, show to the units, read what they say, publish, correct."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from qiguan.core.bulletin_check import contradictions, written
from qiguan.core.days import end_of
from qiguan.core.errors import QiguanError
from qiguan.core.written_dates import parse_day
from qiguan.inspection.models import Round, RoundAccount
from qiguan.jobs import clock
from qiguan.jobs.actions import start_progress
from qiguan.jobs.models import Progress
from qiguan.people.models import Role, any_within
from qiguan.people.queries import has_role, memberships_of, official, paths_seen_by
from qiguan.publication.actions.bulletins import (
    answer_reply,
    approve_bulletin,
    draft_bulletin,
    drop_bulletin,
    edit_bulletin,
    reply_to_bulletin,
    send_back_bulletin,
    show_to_units,
)
from qiguan.publication.actions.publishing import demand_no_contradiction, publish_bulletin
from qiguan.publication.models import Bulletin, UnitReply
from qiguan.publication.queries.values import draft_rows, values_of
from qiguan.publication.render.bulletin_docx import bulletin_docx
from qiguan.publication.tasks import publish_in_background
from qiguan.register.views.scoped import download

PAGE = 30
AT_ONCE = 800  # accounts up to which publishing is done while the user waits
WORDS = {
    Bulletin.Stage.DRAFT: ("改好文字，请另一个人审签", "审签人"),
    Bulletin.Stage.APPROVED: ("送各单位看三个工作日", "监管员"),
    Bulletin.Stage.PREVIEW: ("等单位说明；期满印发", "各单位"),
    Bulletin.Stage.PUBLISHED: ("已印发，不再改动；有错另发更正", ""),
    Bulletin.Stage.DROPPED: ("不再印发", ""),
}


@login_required
def bulletin_list(request: HttpRequest) -> HttpResponse:
    """The bulletins that the user may see; settled rounds that have none yet stand on top."""
    page = Paginator(Bulletin.objects.visible_to(request.user).select_related("organ", "round"), PAGE).get_page(
        request.GET.get("page")
    )
    may_draft = has_role(request.user, Role.SUPERVISOR)
    offices = [m.organ_id for m in memberships_of(request.user, roles=[Role.SUPERVISOR])]
    ready = Round.objects.filter(stage=Round.Stage.SETTLED, organ__in=offices).exclude(
        pk__in=Bulletin.objects.exclude(stage=Bulletin.Stage.DROPPED).values("round")
    )
    if request.method == "POST":
        round_ = get_object_or_404(ready, public_id=request.POST.get("round", ""))
        try:
            made = draft_bulletin(round_=round_, by=official(request), at=clock.now())
            return redirect("bulletin", public_id=made.public_id)
        except QiguanError as error:
            messages.error(request, str(error))
            return redirect("bulletins")
    return render(
        request,
        "publication/office_bulletins.html",
        {"page_obj": page, "ready": ready[:20] if may_draft else [], "at": clock.now()},
    )


def _found(request: HttpRequest, public_id: str) -> Bulletin:
    seen = Bulletin.objects.visible_to(request.user).select_related("organ", "round", "drafted_by", "approved_by", "corrects")
    return get_object_or_404(seen, public_id=public_id)


@login_required
def bulletin_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """One bulletin: where it stands, its text as it would be printed now, and what the units say."""
    found = _found(request, public_id)
    at = clock.now()
    office = has_role(request.user, Role.SUPERVISOR, Role.LEADER, organ=found.organ)
    what, who = WORDS[Bulletin.Stage(found.stage)]
    context: dict[str, Any] = {
        "bulletin": found, "at": at, "office": office, "what_next": what, "who": who, "mine": found.drafted_by_id == request.user.pk,
        "over": found.preview_until is not None and at > end_of(found.preview_until), "versions": found.versions.order_by("-number"),
        "progress": _running(found), "replies": found.replies.select_related("line", "by") if office else [],
    }  # fmt: skip
    if found.stage in {Bulletin.Stage.PUBLISHED, Bulletin.Stage.DROPPED}:
        text = found.snapshot.text.get("paragraphs", []) if found.stage == Bulletin.Stage.PUBLISHED else []
        context["text"] = [("heading" if p["heading"] else "body", p["words"]) for p in text]
    elif office or found.stage == Bulletin.Stage.PREVIEW:
        values = values_of(found, draft_rows(found, at=at), at=at)
        context |= {"text": written(values), "wrong": contradictions(values) if office else []}
    if found.stage == Bulletin.Stage.PREVIEW:
        context["lines"] = _own_lines(request, found)
    return render(request, "publication/office_bulletin.html", context)


def _running(bulletin: Bulletin) -> Progress | None:
    return (
        Progress.objects.filter(kind="publish_bulletin", title=f"印发：{bulletin.title}"[:200], state="running")
        .order_by("-id")
        .first()
    )


def _own_lines(request: HttpRequest, bulletin: Bulletin) -> Any:
    """The failed lines of the user's own units, for their word; the newest reply beside each."""
    paths = [m.organ.path for m in memberships_of(request.user, roles=[Role.UNIT_ADMIN])]
    lines = bulletin.round.accounts.filter(any_within(["owner_path"], paths)).exclude(why=RoundAccount.Why.FRAME)
    newest = {r.line_id: r for r in bulletin.replies.filter(line__in=lines).order_by("at", "id")}
    return [
        (line, newest.get(line.pk), list(line.findings.filter(state="confirmed"))) for line in lines.order_by("word", "pk")[:200]
    ]


@login_required
@require_POST
def bulletin_do(request: HttpRequest, public_id: str) -> HttpResponse:
    """Do one step; what was typed is kept where it is refused."""
    found, by, at = _found(request, public_id), official(request), clock.now()
    step = request.POST.get("step", "")
    try:
        done = _STEPS[step](request, found, by, at) if step in _STEPS else None
        if done is None:
            raise QiguanError("没有这一步", place=found.title, remedy="请从页面上的按钮办理")
        messages.success(request, done)
    except QiguanError as error:
        messages.error(request, str(error))
    return redirect("bulletin", public_id=public_id)


def _edit(request: HttpRequest, found: Bulletin, by: Any, at: Any) -> str:
    changes: dict[str, Any] = {
        name: request.POST.get(name, "").strip() for name in ("title", "number", "addressees", "opening", "closing")
    }
    text = request.POST.get("rectify_by", "").strip()
    day = parse_day(text) if text else None
    if text and (day is None or isinstance(day, str)):
        raise QiguanError("日期读不出来", place="整改期限", remedy="请写成2026年9月30日")
    edit_bulletin(bulletin=found, changes=changes | {"rectify_by": day}, by=by, at=at)
    return "已保存"


def _approve(request: HttpRequest, found: Bulletin, by: Any, at: Any) -> str:
    demand_no_contradiction(values_of(found, draft_rows(found, at=at), at=at))
    approve_bulletin(bulletin=found, by=by, at=at)
    return "已审签"


def _back(request: HttpRequest, found: Bulletin, by: Any, at: Any) -> str:
    send_back_bulletin(bulletin=found, by=by, at=at)
    return "已退回拟稿"


def _show(request: HttpRequest, found: Bulletin, by: Any, at: Any) -> str:
    last = show_to_units(bulletin=found, by=by, at=at)
    return f"各单位看到{last.month}月{last.day}日"


def _publish(request: HttpRequest, found: Bulletin, by: Any, at: Any) -> str:
    if found.round.accounts.count() > AT_ONCE:
        progress = start_progress(kind="publish_bulletin", title=f"印发：{found.title}"[:200], by=str(by))
        publish_in_background.enqueue(found.pk, by.pk, progress.public_id)
        return "正在印发，页面会显示进度"
    publish_bulletin(bulletin=found, by=by, at=at)
    return "已印发"


def _drop(request: HttpRequest, found: Bulletin, by: Any, at: Any) -> str:
    drop_bulletin(bulletin=found, by=by, at=at)
    return "不再印发这一份"


def _correct(request: HttpRequest, found: Bulletin, by: Any, at: Any) -> str:
    made = draft_bulletin(round_=found.round, by=by, at=at, corrects=found, correction=request.POST.get("correction", ""))
    return f"已拟更正：{made.title}"


def _answer(request: HttpRequest, found: Bulletin, by: Any, at: Any) -> str:
    reply = get_object_or_404(found.replies, public_id=request.POST.get("reply", ""))
    answer_reply(reply=reply, words=request.POST.get("words", ""), by=by, at=at)
    return "已写明处理意见"


def _reply(request: HttpRequest, found: Bulletin, by: Any, at: Any) -> str:
    lines = found.round.accounts.filter(any_within(["owner_path"], paths_seen_by(by) or [found.organ_path])).select_related(
        "account__owner"
    )
    line = get_object_or_404(lines, public_id=request.POST.get("line", ""))
    sort = UnitReply.Sort.NOT_OURS if request.POST.get("sort") == "not_ours" else UnitReply.Sort.REPLY
    reply_to_bulletin(bulletin=found, line=line, sort=sort, words=request.POST.get("words", ""), by=by, at=at)
    return "已记下，会一字不改印在同一行"


_STEPS = {
    "edit": _edit, "approve": _approve, "back": _back, "show": _show, "publish": _publish, "drop": _drop, "correct": _correct, "answer": _answer,
    "reply": _reply,
}  # fmt: skip


@login_required
def bulletin_word(request: HttpRequest, public_id: str) -> HttpResponse:
    """The draft as it stands, as Word."""
    found = _found(request, public_id)
    if not has_role(request.user, Role.SUPERVISOR, Role.LEADER, organ=found.organ):
        return render(request, "404.html", status=404)
    at = clock.now()
    return download(bulletin_docx(values_of(found, draft_rows(found, at=at), at=at)), f"{found.title}（送审稿）.docx")
