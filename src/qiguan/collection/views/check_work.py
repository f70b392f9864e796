"""The check screen: one account, one tap for the day, one to go on. A plain form; check.js makes it work offline."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from qiguan.archive.uploads import read_upload
from qiguan.collection.actions.checks import MAY_CHECK, Seen, give_back, hold_next, record_check
from qiguan.collection.models import CheckRound, CheckTask
from qiguan.collection.queries.check_cards import cards_of, day_keys
from qiguan.collection.queries.checks import clash_of, own_last, progress_of, rounds_seen_by, words_of
from qiguan.core.days import day_of, end_of, say_at
from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.core.facts import Said
from qiguan.core.window import Part
from qiguan.core.written_dates import SHANGHAI, parse_day
from qiguan.jobs import clock
from qiguan.people.queries import demand_role, official

WORDS = {
    "never": Said.NEVER,
    "missing": Said.NOT_FOUND,
    "frozen": Said.FROZEN,
    "cancelled": Said.CANCELLED,
    "renamed": Said.RENAMED,
}
BEFORE = {"none": "never", "unclear": "unclear"}  # words of the question about the check point
_WORKS = {"yes": True, "no": False}
MORE = (Part.SERVICE, Part.MINI_PROGRAM, Part.TELEPHONE, Part.AUTO_REPLY)  # parts of the front door under 更多


@login_required
def work(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the next account, take what was seen, show the next. `again` names a task that the user looked at: a slip of the finger."""
    round_ = get_object_or_404(rounds_seen_by(request.user), public_id=public_id)
    user = official(request)
    demand_role(user, *MAY_CHECK, organ=round_.organ)
    tasks = CheckTask.objects.filter(round=round_).select_related("account__owner", "account__supervisor", "round")
    error, task = "", None
    if request.method == "POST":
        task = get_object_or_404(tasks, pk=number_in(request.POST.get("task")))
        try:
            seen = seen_in(request.POST)
            if seen.asks_before(round_.point) and not seen.before_said:
                raise UnusableInput(
                    "最近一篇在监测时间点以后，还要知道那以前最近一篇是哪天",
                    place="监测时间点以前最近一篇",
                    remedy="点一个日子；看不清就选“看不清”",
                )
            picture = read_upload(request, "shot")[1] if request.FILES.get("shot") else b""
            check = record_check(
                account=task.account, seen=seen, client_key=request.POST.get("key", "")[:40], looked_at=clock.now(), screenshot=picture, task=task, by=user, at=clock.now()
            )  # fmt: skip
            if words := clash_of(check, task):
                messages.warning(request, words)
            return redirect("check_work", public_id=public_id)
        except QiguanError as problem:
            error = str(problem)
    elif request.GET.get("again"):
        task = get_object_or_404(tasks.filter(checks__by=user).distinct(), pk=number_in(request.GET["again"]))
    if task is None:
        held = hold_next(round_=round_, by=user, most=1)
        if not held:
            return render(request, "collection/check_done.html", {"round": round_, "progress": progress_of(round_)})
        task = held[0]
    return _screen(request, round_, task, error)


def _screen(request: HttpRequest, round_: CheckRound, task: CheckTask, error: str) -> HttpResponse:
    now = clock.now()
    today = now.astimezone(SHANGHAI).date()
    last = own_last(round_, official(request))
    point = day_of(round_.point) if round_.point is not None else None
    days = day_keys(today, point=point)
    context = {
        "round": round_, "card": cards_of([task])[0], "progress": progress_of(round_), "days": days, "today": today, "error": error,
        "key": uuid.uuid4().hex, "given": request.POST, "now": int(now.timestamp() * 1000), "again": bool(request.GET.get("again")),
        "more": [(part.value, part.word, request.POST.get(f"w_{part}", "")) for part in MORE],
        "point": round_.point, "point_words": say_at(round_.point) if round_.point else "", "point_day": point, "before_days": day_keys(point, last="") if point else [],
        "far": point is not None and point < date.fromisoformat(days[0]["iso"]),  # 更早 may lie after the check point too
        "last": last, "last_words": words_of(last) if last else "",
    }  # fmt: skip
    return render(request, "collection/check_work.html", context, status=400 if error else 200)


def number_in(text: str | None) -> int:
    """Read a row's number from outside; 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 18 else 0


def seen_in(answers: Mapping[str, Any]) -> Seen:
    """Read the form, or a record from a phone: a day, or one of the words. Raises UnusableInput in words."""
    last = str(answers.get("last", ""))
    box, menu = _WORKS.get(str(answers.get("box", ""))), _WORKS.get(str(answers.get("menu", "")))
    window = {part.value: _WORKS[said] for part in MORE if (said := str(answers.get(f"w_{part}", ""))) in _WORKS}
    name = str(answers.get("new_name", "")).strip()[:120]
    before_said, before_at = _before_in(answers)
    if not name.isprintable():
        raise UnusableInput("新名称里有不能用的字符", place="现在叫什么", remedy="请重写")
    if last in {"works", "broken"}:
        return Seen(Said.NEWEST, menu=last == "works", message_box=box, window=window)
    told: dict[str, Any] = {
        "message_box": box,
        "menu": menu,
        "window": window,
        "before_said": before_said,
        "before_at": before_at,
    }
    if last in WORDS:
        renamed = last == "renamed"
        day = _day(str(answers.get("renamed_day", ""))) if renamed and answers.get("renamed_day") else None
        return Seen(WORDS[last], end_of(day) if day else None, new_name=name if renamed else "", **told)
    return Seen(Said.NEWEST, end_of(_day(str(answers.get("earlier", "")) if last == "earlier" else last)), **told)


def _before_in(answers: Mapping[str, Any]) -> tuple[str, datetime | None]:
    """Read the answer about the time up to the check point: one of the words, or a day; nothing where none was given."""
    said = str(answers.get("before", ""))
    if not said or said in BEFORE:
        return BEFORE.get(said, ""), None
    return "newest", end_of(_day(str(answers.get("before_day", "")) if said == "before_earlier" else said))


def _day(text: str) -> date:
    day = parse_day(text)
    if not isinstance(day, date):
        raise UnusableInput(
            getattr(day, "message", "没有选最近一篇是哪天"), place="最近一篇", remedy="点一个日子；更早的请写日期"
        )
    return day


@login_required
@require_POST
def leave(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give back what is held and go."""
    round_ = get_object_or_404(rounds_seen_by(request.user), public_id=public_id)
    give_back(round_=round_, by=official(request))
    return redirect("check_round", public_id=public_id)
