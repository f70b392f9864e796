"""The check screen's offline side: accounts ahead for a phone that may lose its network, and the records it kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from qiguan.archive.uploads import read_upload
from qiguan.collection.actions.checks import hold_next, record_check
from qiguan.collection.models import CheckTask
from qiguan.collection.queries.check_cards import cards_of
from qiguan.collection.queries.checks import clash_of, progress_of, rounds_seen_by
from qiguan.collection.views.check_work import number_in, seen_in
from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.jobs import clock
from qiguan.people.models import User
from qiguan.people.queries import official

BATCH = 40
MOST_RECORDS = 200


@login_required
@require_POST
def batch(request: HttpRequest, public_id: str) -> JsonResponse:
    """Hold and return the next accounts. `now` (business time, ms) lets the phone set its clock right."""
    round_ = get_object_or_404(rounds_seen_by(request.user), public_id=public_id)
    held = hold_next(round_=round_, by=official(request), most=BATCH)
    progress = progress_of(round_)
    now = int(clock.now().timestamp() * 1000)
    answer = {"cards": cards_of(held), "done": progress.done, "total": progress.total, "now": now}
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


@login_required
@require_POST
def sync(request: HttpRequest, public_id: str) -> JsonResponse:
    """Take records a phone kept: `records` (JSON), a screenshot as file `shot-<key>`.

    Each is answered by itself: kept, with words where there is something to tell, or refused with words. Sent twice, kept once.
    """
    round_ = get_object_or_404(rounds_seen_by(request.user), public_id=public_id)
    try:
        is_json = request.content_type == "application/json"
        records = json.loads(request.body)["records"] if is_json else json.loads(request.POST["records"])
        if not isinstance(records, list) or len(records) > MOST_RECORDS:
            raise ValueError("not a list of records")
    except (ValueError, KeyError, TypeError, RecursionError):
        remedy = f"请重新打开核查页；一次最多{MOST_RECORDS}条"
        problem = {"code": "invalid", "message": "读不懂这批记录", "place": "records", "remedy": remedy}
        return JsonResponse({"error": problem}, status=400)
    asked = [r for r in records if isinstance(r, dict)]
    tasks = {
        t.pk: t
        for t in CheckTask.objects.filter(
            round=round_, pk__in=[number_in(str(r.get("task"))) for r in asked]
        ).select_related("account__owner", "account__supervisor", "round")
    }  # fmt: skip
    by, at = official(request), clock.now()
    return JsonResponse({"answers": [_take(request, r, tasks, by, at) for r in asked]})


def _take(request: HttpRequest, record: dict[str, Any], tasks: dict[int, CheckTask], by: User, at: datetime) -> dict[str, Any]:
    key = str(record.get("key", ""))[:40]
    task = tasks.get(number_in(str(record.get("task"))))
    if task is None:
        return {"key": key, "kept": False, "words": "这条记录不属于这一轮核查"}
    try:
        if not key.isascii() or not key.isalnum():
            raise UnusableInput("记录没有编号", remedy="请重新打开核查页")
        picture = read_upload(request, f"shot-{key}")[1] if request.FILES.get(f"shot-{key}") else b""
        check = record_check(
            account=task.account, seen=seen_in(record), client_key=key, looked_at=_looked(record, at), screenshot=picture, task=task, by=by, at=at
        )  # fmt: skip
    except QiguanError as error:
        return {"key": key, "kept": False, "words": f"{task.account.name}：{error.message}。{error.remedy}"}
    return {"key": key, "kept": True, "words": clash_of(check, task)}


def _looked(record: dict[str, Any], at: datetime) -> datetime:
    """The phone's moment in milliseconds; nonsense counts as now."""
    value = record.get("at")
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 4e12:
        return datetime.fromtimestamp(value / 1000, UTC)
    return at


@login_required
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker that keeps the screen open without a network; it must be served from within its scope."""
    source = (Path(__file__).parents[1] / "static" / "collection" / "check-worker.js").read_text(encoding="utf-8")
    return HttpResponse(
        source,
        content_type="text/javascript; charset=utf-8",
        headers={"Service-Worker-Allowed": "/office/check/", "Cache-Control": "no-cache"},
    )
