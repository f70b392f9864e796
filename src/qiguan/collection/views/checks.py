"""Pages of the human round: the rounds, the screen that takes two keys an account, its offline side."""

from __future__ import annotations

import json
import secrets
import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST

from qiguan.archive.uploads import read_upload
from qiguan.collection.actions.checks import Seen, close_round, give_back, hold_next, open_round, record_check
from qiguan.collection.models import CheckRound, CheckTask
from qiguan.collection.queries.checks import last_check_words, pairs_of, progress_of, rounds_seen_by
from qiguan.core.days import end_of
from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.core.facts import Said
from qiguan.core.platforms import PLATFORM_NAMES
from qiguan.core.sampling import RULE
from qiguan.core.written_dates import SHANGHAI, parse_day
from qiguan.jobs import clock
from qiguan.people.models import Role, within
from qiguan.people.queries import demand_role, has_role, official, organs_seen_by
from qiguan.register.models import Account

BATCH = 40
WHERE = {
    "wechat_mp": "请在微信里搜", "wechat_channels": "请在微信视频号里搜", "weibo": "请在微博里搜", "douyin": "请在抖音里搜", "toutiao": "请在今日头条里搜",
    "app": "请在应用商店里找；能打开就点“今天”，再记菜单能不能用", "mini_program": "请在微信里搜小程序；能打开就点“今天”，再记菜单能不能用",
}  # fmt: skip
_BOX = {"yes": True, "no": False}


@login_required
def rounds(request: HttpRequest) -> HttpResponse:
    """Rounds the user may work in; those who manage open new ones."""
    demand_role(request.user, Role.CHECKER, Role.SUPERVISOR, Role.UNIT_ADMIN, Role.AUDITOR)
    may_open = has_role(request.user, Role.SUPERVISOR, Role.UNIT_ADMIN)
    if request.GET.get("account") and may_open:
        return _round_for_one(request)
    if request.method == "POST" and may_open:
        try:
            return redirect("check_round", public_id=_open(request).public_id)
        except QiguanError as error:
            messages.error(request, str(error))
    page = Paginator(rounds_seen_by(request.user), 20).get_page(request.GET.get("page"))
    organs = organs_seen_by(request.user).order_by("path")[:300] if may_open else []
    context = {
        "rows": [(r, progress_of(r)) for r in page],
        "page_obj": page,
        "may_open": may_open,
        "organs": organs,
        "platforms": PLATFORM_NAMES.items(),
        "at": clock.now(),
    }
    return render(request, "collection/check_rounds.html", context)


def _round_for_one(request: HttpRequest) -> HttpResponse:
    """Open a round of one account, from its page."""
    account = get_object_or_404(
        Account.objects.visible_to(request.user).select_related("owner"), public_id=request.GET["account"]
    )
    round_ = open_round(
        organ=account.owner,
        title=f"核查{account.name}",
        accounts=[account],
        seed=secrets.token_hex(8),
        by=official(request),
        at=clock.now(),
    )
    return redirect("check_work", public_id=round_.public_id)


def _open(request: HttpRequest) -> CheckRound:
    organ = get_object_or_404(organs_seen_by(request.user), public_id=request.POST.get("organ", ""))
    accounts = (
        Account.objects.visible_to(request.user)
        .filter(within("owner_path", organ.path))
        .exclude(status=Account.Status.CLOSED)
        .select_related("owner")
    )
    if request.POST.get("platform"):
        accounts = accounts.filter(platform=request.POST["platform"])
    if request.POST.get("unseen"):
        accounts = accounts.exclude(sources__complete=True, sources__enabled=True, sources__failures=0)
    seed = request.POST.get("seed", "").strip()[:60] or secrets.token_hex(8)
    return open_round(
        organ=organ, title=request.POST.get("title", ""), accounts=accounts, seed=seed, by=official(request), at=clock.now()
    )


def _round(request: HttpRequest, public_id: str) -> CheckRound:
    return get_object_or_404(rounds_seen_by(request.user), public_id=public_id)


@login_required
def check_round(request: HttpRequest, public_id: str) -> HttpResponse:
    """One round: progress, people, second looks, the lot."""
    round_ = _round(request, public_id)
    if request.method == "POST":
        close_round(round_=round_, by=official(request), at=clock.now())
        return redirect("check_round", public_id=public_id)
    pairs = pairs_of(round_)
    agreed = sum(p.agree for p in pairs)
    context = {
        "round": round_, "progress": progress_of(round_), "pairs": pairs, "agreed": agreed, "rule": RULE, "at": clock.now(),
        "may_close": has_role(request.user, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=round_.organ),
        "drawn": CheckTask.objects.filter(round=round_, turn=2).select_related("account")[:200],
    }  # fmt: skip
    return render(request, "collection/check_round.html", context)


@login_required
def work(request: HttpRequest, public_id: str) -> HttpResponse:
    """The screen: one account, one tap for the day, one to go on. Works as a plain form; check.js makes it work offline."""
    round_ = _round(request, public_id)
    error = ""
    if request.method == "POST":
        task = get_object_or_404(
            CheckTask.objects.filter(round=round_).select_related("account", "account__owner"),
            pk=_number(request.POST.get("task")),
        )
        try:
            shot = read_upload(request, "shot")[1] if request.FILES.get("shot") else b""
            record_check(
                account=task.account, seen=_seen(request.POST), client_key=request.POST.get("key", "")[:40], looked_at=clock.now(), screenshot=shot, task=task, by=official(request), at=clock.now()
            )  # fmt: skip
            return redirect("check_work", public_id=public_id)
        except QiguanError as problem:
            error = str(problem)
    held = hold_next(round_=round_, by=official(request), most=1)
    progress = progress_of(round_)
    if not held:
        return render(request, "collection/check_done.html", {"round": round_, "progress": progress})
    today = clock.now().astimezone(SHANGHAI).date()
    card = _card(held[0])
    return render(
        request,
        "collection/check_work.html",
        {
            "round": round_, "card": card, "qr": _qr(card["link"]), "progress": progress, "days": _days(today), "lead_blanks": range(_first_day(today).weekday()), "today": today, "error": error,
            "key": uuid.uuid4().hex, "percent": progress.done * 100 // max(progress.total, 1),
        },
        status=400 if error else 200,
    )  # fmt: skip


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 18 else 0


def _first_day(today: date) -> date:
    """The grid begins on the Monday that leaves two days beyond the two-week line."""
    start = today - timedelta(days=15)
    return start - timedelta(days=start.weekday())


def _days(today: date) -> list[dict[str, Any]]:
    first = _first_day(today)
    found = []
    for n in range((today - first).days + 1):
        day = first + timedelta(days=n)
        over = (today - day).days >= 14
        word = "今天" if day == today else f"{day.month}/{day.day}" if over or day.day == 1 else str(day.day)
        found.append(
            {
                "iso": day.isoformat(),
                "word": word,
                "over": over,
                "label": f"{day.month}月{day.day}日" + ("，超过两周" if over else ""),
            }
        )
    return found


def _card(task: CheckTask) -> dict[str, Any]:
    """What the screen shows of one account: public columns only."""
    account = task.account
    last = last_check_words([account.pk]).get(account.pk)
    before = ""
    if last is not None:
        before = f"上次{last.at.astimezone(SHANGHAI):%m月%d日}核查" + (
            f"：最近{(last.newest_at - timedelta(seconds=1)).astimezone(SHANGHAI):%m月%d日}" if last.newest_at else ""
        )
    return {
        "task": task.pk, "name": account.name, "platform": PLATFORM_NAMES.get(account.platform, account.platform), "where": WHERE.get(account.platform, "请在平台里搜"),
        "id": account.platform_id, "owner": account.owner.name, "link": account.link, "before": before, "turn": task.turn,
    }  # fmt: skip


def _qr(link: str) -> str:
    """Return a QR of the account's link as inline SVG, "" where there is none."""
    if not link:
        return ""
    import segno

    svg = segno.make(link, error="m").svg_inline(
        scale=4, border=2, omitsize=True, svgclass="qr", lineclass=None, title="账号链接的二维码"
    )
    return mark_safe(svg)  # noqa: S308  drawn by us from a checked link


def _seen(answers: Any) -> Seen:
    """Read the form: a day, or one of the words."""
    last = str(answers.get("last", ""))
    box, menu = _BOX.get(str(answers.get("box", ""))), _BOX.get(str(answers.get("menu", "")))
    note, name = str(answers.get("note", ""))[:400], str(answers.get("new_name", "")).strip()[:120]
    words = {
        "never": Said.NEVER,
        "missing": Said.NOT_FOUND,
        "frozen": Said.FROZEN,
        "cancelled": Said.CANCELLED,
        "renamed": Said.RENAMED,
    }
    if last in words:
        return Seen(words[last], new_name=name, message_box=box, menu=menu, note=note)
    day = parse_day(str(answers.get("earlier", "")) if last == "earlier" else last)
    if not isinstance(day, date):
        raise UnusableInput(
            getattr(day, "message", "没有选最近一篇是哪天"), place="最近一篇", remedy="点一个日子；更早的请写日期"
        )
    return Seen(Said.NEWEST, end_of(day), "day", name, box, menu, note)


@login_required
def batch(request: HttpRequest, public_id: str) -> JsonResponse:
    """Hand out the next accounts for a phone that may lose its network."""
    round_ = _round(request, public_id)
    held = hold_next(round_=round_, by=official(request), most=BATCH)
    progress = progress_of(round_)
    return JsonResponse({"cards": [_card(task) for task in held], "done": progress.done, "total": progress.total})


@login_required
@require_POST
def sync(request: HttpRequest, public_id: str) -> JsonResponse:
    """Take records that a phone kept. Each is answered by itself: kept, or refused with words; sent twice, kept once."""
    round_ = _round(request, public_id)
    try:
        records = json.loads(request.body)["records"]
        if not isinstance(records, list) or len(records) > 200:
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        return JsonResponse(
            {"error": {"code": "invalid", "message": "读不懂这批记录", "place": "records", "remedy": "请重新打开核查页"}},
            status=400,
        )
    by, at = official(request), clock.now()
    tasks = {
        t.pk: t
        for t in CheckTask.objects.filter(
            round=round_, pk__in=[_number(str(r.get("task"))) for r in records if isinstance(r, dict)]
        ).select_related("account", "account__owner")
    }
    answers = []
    for record in records:
        key = str(record.get("key", ""))[:40] if isinstance(record, dict) else ""
        try:
            task = tasks[_number(str(record.get("task")))]
            record_check(
                account=task.account, seen=_seen(record), client_key=key, looked_at=_looked(record, at), task=task, by=by, at=at
            )
            answers.append({"key": key, "kept": True})
        except QiguanError as error:
            answers.append({"key": key, "kept": False, "words": str(error)})
        except (KeyError, AttributeError, TypeError):
            answers.append({"key": key, "kept": False, "words": "这条记录不属于这一轮核查"})
    return JsonResponse({"answers": answers})


def _looked(record: dict[str, Any], at: datetime) -> datetime:
    """The phone's moment in milliseconds; nonsense counts as now."""
    value = record.get("at")
    if isinstance(value, int | float) and 0 < value < 4e12:
        return datetime.fromtimestamp(value / 1000, UTC)
    return at


@login_required
@require_POST
def leave(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give back what is held and go."""
    round_ = _round(request, public_id)
    give_back(round_=round_, by=official(request))
    return redirect("check_round", public_id=public_id)


@login_required
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker that keeps the screen open without a network; it must be served from within its scope."""
    source = (Path(__file__).parents[1] / "static" / "collection" / "check-worker.js").read_text(encoding="utf-8")
    return HttpResponse(
        source,
        content_type="text/javascript; charset=utf-8",
        headers={"Service-Worker-Allowed": "/office/check/", "Cache-Control": "no-cache"},
    )
