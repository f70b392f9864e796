"""One file: its preview with corrections, its progress, its result with questions to answer, undoing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from qiguan.core.columns import FIELDS
from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.jobs import clock
from qiguan.jobs.actions import start_progress
from qiguan.jobs.models import Progress
from qiguan.people.models import Role
from qiguan.people.queries import MANAGES, demand_role, has_role, official
from qiguan.register.actions.answers import answer_row
from qiguan.register.actions.imports import apply_file, choose_columns, choose_sheet, plan_file, preview_file, undo_file
from qiguan.register.models import Account, SheetFile, SheetRow
from qiguan.register.queries.origins import cell_of
from qiguan.register.queries.preview import changed_words
from qiguan.register.tasks import import_in_background, undo_in_background
from qiguan.register.views.scoped import files_seen

BACKGROUND_ROWS = 3000
_STUCK = timedelta(minutes=2)  # a progress that has not moved for so long may be started again
_WORDS = dict(SheetRow.Fate.choices)
_BUSY = {SheetFile.State.READING, SheetFile.State.APPLYING, SheetFile.State.UNDOING}


@login_required
def register_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """A file: its preview, its progress or its result."""
    demand_role(request.user, *MANAGES, Role.AUDITOR)
    file = get_object_or_404(files_seen(request), public_id=public_id)
    if file.state in _BUSY:
        return _progress_page(request, file)
    if file.state != SheetFile.State.PREVIEW:
        return _result_page(request, file)
    if request.method == "POST":
        return _corrected(request, file)
    try:
        preview = preview_file(file)
    except UnusableInput as error:
        messages.error(request, f"这样读不成：{error}")
        choose_columns(file=file, chosen={}, by=official(request), at=clock.now())
        preview = preview_file(file)
    context = {
        "file": file,
        "preview": preview,
        "fields": [(f.code, f.word) for f in FIELDS],
        "counts": [(_WORDS[k], n) for k, n in _counts(preview).items()],
        "may": has_role(request.user, *MANAGES, organ=file.organ),
    }
    return render(request, "register/preview.html", context)


def _counts(preview: dict[str, Any]) -> dict[str, int]:
    return {k: n for k, n in preview["counts"].items() if k in _WORDS}


def _corrected(request: HttpRequest, file: SheetFile) -> HttpResponse:
    if request.POST.get("sheet"):
        choose_sheet(file=file, sheet=request.POST["sheet"], by=official(request), at=clock.now())
    else:
        headers, codes = request.POST.getlist("header"), request.POST.getlist("code")
        choose_columns(file=file, chosen=dict(zip(headers, codes, strict=False)), by=official(request), at=clock.now())
    return redirect("register_file", public_id=file.public_id)


@login_required
@require_POST
def apply(request: HttpRequest, public_id: str) -> HttpResponse:
    """Import the file: at once where it is small, else in the background with progress."""
    file = get_object_or_404(files_seen(request), public_id=public_id)
    user = official(request)
    demand_role(user, *MANAGES, organ=file.organ)
    if _moves(file):
        return redirect("register_file", public_id=public_id)
    try:
        if int(str(preview_file(file).get("total", 0))) <= BACKGROUND_ROWS:
            apply_file(file=file, by=user, at=clock.now())
            messages.success(request, "已导入")
        elif file.state in {SheetFile.State.PREVIEW, SheetFile.State.APPLYING}:
            progress = start_progress(kind="import", title=f"导入{file.name}", by=str(user.pk))
            SheetFile.objects.filter(pk=file.pk).update(state=SheetFile.State.APPLYING, progress_id=progress.public_id)
            import_in_background.enqueue(file.pk, user.pk, progress.public_id)
    except QiguanError as error:
        messages.error(request, str(error))
    return redirect("register_file", public_id=public_id)


@login_required
@require_POST
def undo(request: HttpRequest, public_id: str) -> HttpResponse:
    """Put back what stood before the file."""
    file = get_object_or_404(files_seen(request), public_id=public_id)
    user = official(request)
    demand_role(user, *MANAGES, organ=file.organ)
    if _moves(file):
        return redirect("register_file", public_id=public_id)
    try:
        if file.state == SheetFile.State.APPLIED and sum(file.counts.values()) > BACKGROUND_ROWS:
            progress = start_progress(kind="undo", title=f"撤销{file.name}", by=str(user.pk))
            SheetFile.objects.filter(pk=file.pk).update(progress_id=progress.public_id)
            undo_in_background.enqueue(file.pk, user.pk, progress.public_id)
            messages.success(request, "正在撤销")
        else:
            undo_file(file=file, by=user, at=clock.now())
            messages.success(request, f"已撤销{file.name}")
    except QiguanError as error:
        messages.error(request, str(error))
    return redirect("register_file", public_id=public_id)


def _moves(file: SheetFile) -> bool:
    """Say whether a background job is at work on the file right now."""
    since = clock.machine_now() - _STUCK
    return (
        bool(file.progress_id)
        and Progress.objects.filter(public_id=file.progress_id, state__in=["waiting", "running"], moved_at__gt=since).exists()
    )


def _progress_page(request: HttpRequest, file: SheetFile) -> HttpResponse:
    progress = Progress.objects.filter(public_id=file.progress_id).first() or Progress(
        title=file.name, state="failed", message="上次没有办完，已办完的都在"
    )
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"state": progress.state, "percent": progress.percent, "message": progress.message})
    here = reverse("register_file", args=[file.public_id])
    again = progress.state == "failed" or not _moves(file)
    undoing = file.state == SheetFile.State.UNDOING
    context = {
        "progress": progress,
        "poll_url": here,
        "done_url": here,
        "back_url": reverse("register"),
        "retry": again and file.state != SheetFile.State.READING,
        "retry_url": reverse("register_undo" if undoing else "register_apply", args=[file.public_id]),
        "retry_word": "接着撤销" if undoing else "接着导入",
        "file": file,
    }
    return render(request, "register/applying.html", context)


def _result_page(request: HttpRequest, file: SheetFile) -> HttpResponse:
    rows = SheetRow.objects.filter(file=file).order_by("number")
    waiting = rows.filter(fate__in=[SheetRow.Fate.ASK, SheetRow.Fate.CLAIM], answered="").count()
    fate = request.GET.get("fate", "")
    if fate in _WORDS:
        rows = rows.filter(fate=fate)
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    wanted = {r.account_id for r in page if r.account_id}
    wanted |= {pk for r in page if r.before for pk in r.before.get("alike", ())}
    accounts = {a.pk: a for a in Account.objects.filter(pk__in=wanted).select_related("owner")}
    context = {
        "file": file,
        "page_obj": page,
        "rows": [_shown(r, file, accounts) for r in page],
        "asks": any(r.fate in {SheetRow.Fate.ASK, SheetRow.Fate.CLAIM} and not r.answered for r in page),
        "counts": [(k, _WORDS[k], n) for k, n in file.counts.items() if k in _WORDS],
        "fate": fate,
        "waiting": waiting,
        "may": has_role(request.user, *MANAGES, organ=file.organ),
        "may_decide": has_role(request.user, Role.SUPERVISOR, organ=file.organ),
        "at": clock.now(),
    }
    return render(request, "register/result.html", context)


def _shown(row: SheetRow, file: SheetFile, accounts: dict[int, Account]) -> dict[str, Any]:
    """A row for the page: what was read and where, what it asks, who is meant."""
    before = row.before or {}
    return {
        "row": row,
        "word": _WORDS[row.fate],
        "account": accounts.get(row.account_id or 0),
        "cells": [(cell_of(file, row, f), text) for f, text in row.values.items()],
        "alike": [accounts[pk] for pk in before.get("alike", ()) if pk in accounts],
        "changes": [changed_words(*c) for c in before.get("changes", ())],
        "asks": row.fate in {SheetRow.Fate.ASK, SheetRow.Fate.CLAIM}
        and not row.answered
        and file.state == SheetFile.State.APPLIED,
    }


@login_required
@require_POST
def answer(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """Answer one row that asks, or decide between two claims; `number` 0 takes every answer of the page."""
    file = get_object_or_404(files_seen(request), public_id=public_id)
    user = official(request)
    demand_role(user, *MANAGES, organ=file.organ)
    given = {number: request.POST.get("answer", "")} if number else _answers(request)
    done = 0
    plan = plan_file(file, only=set(given)) if file.state == SheetFile.State.APPLIED and given else None
    for row, text in given.items():
        word, _, account = text.partition(":")
        try:
            answer_row(file=file, number=row, answer=word, account=account, plan=plan, by=user, at=clock.now())
            done += 1
        except QiguanError as error:
            messages.error(request, f"第{row}行：{error}")
    if done:
        messages.success(request, f"{done}行已确认")
    return redirect("register_file", public_id=public_id)


def _answers(request: HttpRequest) -> dict[int, str]:
    """Answers of the page's form: answer-12 = same:… | other | accept | keep; empty means later."""
    return {
        int(key.removeprefix("answer-")): str(value)
        for key, value in request.POST.dict().items()
        if key.startswith("answer-") and key.removeprefix("answer-").isdecimal() and len(key) < 20 and value
    }
