"""One file: its preview with corrections, its progress, its result with questions to answer, undoing."""

from __future__ import annotations

from collections import Counter
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
from qiguan.core.errors import NotPermitted, QiguanError, UnusableInput
from qiguan.jobs import clock
from qiguan.jobs.actions import start_progress
from qiguan.jobs.models import Progress
from qiguan.people.models import Role
from qiguan.people.queries import MANAGES, demand_role, has_role, official
from qiguan.register.actions.answers import answer_row
from qiguan.register.actions.books import apply_book, head_of, leave_sheet, preview_book, undo_book
from qiguan.register.actions.imports import choose_columns, plan_file
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
    """A file: the preview of its sheets, its progress or the result of a sheet. POST corrects the sheet named."""
    demand_role(request.user, *MANAGES, Role.AUDITOR)
    file = get_object_or_404(files_seen(request), public_id=public_id)
    head = head_of(file)
    if head.whole in _BUSY:
        return _progress_page(request, head)
    if head.whole in {SheetFile.State.PREVIEW, SheetFile.State.LEFT}:
        return _corrected(request, file) if request.method == "POST" else _preview_page(request, head)
    return _result_page(request, head, file)


def _preview_page(request: HttpRequest, head: SheetFile) -> HttpResponse:
    sheets = preview_book(head)
    taken = [f for f in sheets if f.state == SheetFile.State.PREVIEW]
    counts: Counter[str] = Counter()
    for file in taken:
        counts.update(file.preview["counts"])
    context = {
        "file": head,
        "sheets": sheets,
        "taken": len(taken),
        "level": 3 if len(sheets) > 1 else 2,
        "unsure": sum(f.preview.get("unsure", 0) for f in taken),
        "fields": [(f.code, f.word) for f in FIELDS],
        "counts": [(word, counts[code]) for code, word in _WORDS.items() if counts[code]],
        "may": has_role(request.user, *MANAGES, organ=head.organ),
    }
    return render(request, "register/preview.html", context)


def _corrected(request: HttpRequest, file: SheetFile) -> HttpResponse:
    by, at = official(request), clock.now()
    try:
        if request.POST.get("leave"):
            leave_sheet(file=file, leave=request.POST["leave"] == "1", by=by, at=at)
        else:
            headers, codes = request.POST.getlist("header"), request.POST.getlist("code")
            choose_columns(file=file, chosen=dict(zip(headers, codes, strict=False)), by=by, at=at)
    except UnusableInput as error:
        messages.error(request, f"这样读不成：{error}")
    except NotPermitted:
        raise
    except QiguanError as error:
        messages.error(request, str(error))
    return redirect("register_file", public_id=head_of(file).public_id)


@login_required
@require_POST
def apply(request: HttpRequest, public_id: str) -> HttpResponse:
    """Import every sheet of the file: at once where they are small, else in the background with progress."""
    file = head_of(get_object_or_404(files_seen(request), public_id=public_id))
    user = official(request)
    demand_role(user, *MANAGES, organ=file.organ)
    if _moves(file):
        return redirect("register_file", public_id=public_id)
    try:
        todo = [f for f in preview_book(file) if f.state in {SheetFile.State.PREVIEW, SheetFile.State.APPLYING}]
        if sum(f.preview.get("total", 0) for f in todo) <= BACKGROUND_ROWS:
            apply_book(head=file, by=user, at=clock.now())
            messages.success(request, "已导入")
        else:
            progress = start_progress(kind="import", title=f"导入{file.name}", by=str(user.pk))
            SheetFile.objects.filter(pk=file.pk).update(progress_id=progress.public_id)
            SheetFile.objects.filter(pk__in=[f.pk for f in todo]).update(state=SheetFile.State.APPLYING)
            import_in_background.enqueue(file.pk, user.pk, progress.public_id)
    except QiguanError as error:
        messages.error(request, str(error))
    return redirect("register_file", public_id=public_id)


@login_required
@require_POST
def undo(request: HttpRequest, public_id: str) -> HttpResponse:
    """Put back what stood before the file, all its sheets."""
    file = head_of(get_object_or_404(files_seen(request), public_id=public_id))
    user = official(request)
    demand_role(user, *MANAGES, organ=file.organ)
    if _moves(file):
        return redirect("register_file", public_id=public_id)
    try:
        if file.whole == SheetFile.State.APPLIED and sum(sum(f.counts.values()) for f in file.sheets) > BACKGROUND_ROWS:
            progress = start_progress(kind="undo", title=f"撤销{file.name}", by=str(user.pk))
            SheetFile.objects.filter(pk=file.pk).update(progress_id=progress.public_id)
            undo_in_background.enqueue(file.pk, user.pk, progress.public_id)
            messages.success(request, "正在撤销")
        else:
            undo_book(head=file, by=user, at=clock.now())
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
    undoing = file.whole == SheetFile.State.UNDOING
    context = {
        "progress": progress,
        "poll_url": here,
        "done_url": here,
        "back_url": reverse("register"),
        "retry": again and file.whole != SheetFile.State.READING,
        "retry_url": reverse("register_undo" if undoing else "register_apply", args=[file.public_id]),
        "retry_word": "接着撤销" if undoing else "接着导入",
        "file": file,
    }
    return render(request, "register/applying.html", context)


def _result_page(request: HttpRequest, head: SheetFile, file: SheetFile) -> HttpResponse:
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
        "head": head,
        "sheets": head.sheets,
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
