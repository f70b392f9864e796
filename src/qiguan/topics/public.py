"""群众点题 for citizens: no log-in, no scripts. Only released rows are shown; one's own by its code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from qiguan.collection.queries.check_cards import qr_of
from qiguan.core.digest import broadcast
from qiguan.core.errors import QiguanError, TooMany
from qiguan.intake.actions.allow import demand_room
from qiguan.intake.actions.form_keys import make_form_key
from qiguan.intake.visitors import visitor_of
from qiguan.jobs import clock
from qiguan.register.models import PublicEntry
from qiguan.topics.actions.asking import ASK, SECOND, WANTED, appeal_hold, ask_topic, say_wanted, second_topic
from qiguan.topics.actions.giving import GIVE, give_contribution
from qiguan.topics.actions.pool import QUICK, answer_quickly
from qiguan.topics.models import Contribution, TopicRequest, Wanted
from qiguan.topics.queries.public import (
    Quarter,
    contribution_of_code,
    digest_of,
    public_entry,
    public_topics,
    quick_counts,
    quick_question_of,
    thanks_of,
    topic_of_code,
    wanted_counts,
)
from qiguan.topics.words import HOLDS, PRESSES

TRAP = "homepage"  # a person does not see this field; what programs write in it is told, not dropped


def _entry(request: HttpRequest, ref: str = "") -> PublicEntry:
    entry = public_entry(ref or (request.POST if request.method == "POST" else request.GET).get("account", ""))
    if entry is None:
        raise Http404
    return entry


def _attempt(request: HttpRequest, act: Callable[[str, datetime, datetime], object]) -> tuple[object, QiguanError | None]:
    """Run what a form asks for; return its answer, or the error in words."""
    try:
        if request.POST.get(TRAP):
            raise QiguanError("有一栏本来应该空着", place="请不要填这一栏", remedy="已替您清空，请再提交一次")
        return act(visitor_of(request), clock.now(), clock.machine_now()), None
    except QiguanError as error:
        return None, error


def _page(request: HttpRequest, template: str, context: dict[str, Any], error: QiguanError | None = None) -> HttpResponse:
    status = 200 if error is None else 429 if isinstance(error, TooMany) else 400
    page = render(request, f"topics/{template}.html", {"at": clock.now(), "error": error, "trap": TRAP, **context}, status=status)
    if isinstance(error, TooMany):
        page["Retry-After"] = str(error.wait)
    return page


def _private(page: HttpResponse) -> HttpResponse:
    page["Cache-Control"], page["X-Robots-Tag"], page["Referrer-Policy"] = "no-store", "noindex", "same-origin"
    return page


@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    """All that is released, the newest first."""
    page = Paginator(public_topics(), 30).get_page(request.GET.get("page"))
    return _page(request, "topics", {"page_obj": page, "holds": HOLDS.values()})


@never_cache
def board(request: HttpRequest, ref: str) -> HttpResponse:
    """An account's board: 您说的 / 我们做的 / 没做的原因, the doors, the quarter's question."""
    entry, at = _entry(request, ref), clock.now()
    quarter = Quarter.of(at)
    question = quick_question_of(entry.account, quarter)
    error: QiguanError | None = None
    answered = False
    if request.method == "POST" and question is not None:
        told, option = request.POST.get("option", ""), question
        number = int(told) if told.isascii() and told.isdecimal() and len(told) < 3 else -1
        key = request.POST.get("key", "")
        _, error = _attempt(
            request,
            lambda visitor, at, now: answer_quickly(
                question=option, option=number, form_key=key, visitor=visitor, at=at, now=now
            ),
        )
        answered = error is None
    spans = [quarter, quarter.before]
    return _page(
        request, "board",
        {
            "entry": entry, "ref": ref, "digests": [d for d in (digest_of(entry.account, q) for q in spans) if d.received or d.matters],
            "rows": public_topics(account=entry.account)[:50], "thanks": thanks_of(entry.account), "question": question,
            "counts": quick_counts(question) if question and answered else [], "answered": answered,
            "key": make_form_key(what=QUICK, now=clock.machine_now()),
        },
        error,
    )  # fmt: skip


@require_safe
def sheet(request: HttpRequest, ref: str) -> HttpResponse:
    """The quarter's answer as an A4 sheet, or as the text for the loudspeaker (`?as=broadcast`)."""
    entry, quarter = _entry(request, ref), Quarter.of(clock.now())
    quarter = quarter.before if request.GET.get("quarter") == "before" else quarter
    digest = digest_of(entry.account, quarter)
    if request.GET.get("as") == "broadcast":
        return HttpResponse(broadcast(digest) + "\n", content_type="text/plain; charset=utf-8")
    return _page(request, "sheet", {"entry": entry, "ref": ref, "digest": digest, "text": broadcast(digest)})


@require_safe
def poster(request: HttpRequest, ref: str) -> HttpResponse:
    """An A4 poster with the QR that opens the account's own form."""
    entry = _entry(request, ref)
    link = request.build_absolute_uri(f"{reverse('topic_ask')}?account={ref}&from=poster")
    return _page(request, "poster", {"entry": entry, "ref": ref, "link": link, "qr": qr_of(link)})


@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    """The form, and the code that is the asker's only key. A form sent twice is stored once and shows the same code."""
    entry = _entry(request)
    form = request.POST
    if request.method == "POST":
        code, error = _attempt(
            request,
            lambda visitor, at, now: ask_topic(
                account=entry.account, words=form.get("words", ""), more=form.get("more", ""), words_public=form.get("public") == "1",
                channel=form.get("from", ""), form_key=form.get("key", ""), visitor=visitor, at=at, now=now,
            ),
        )  # fmt: skip
        if error is None:
            return _kept(request, entry, str(code))
    else:
        error = None
    key = make_form_key(what=ASK, now=clock.machine_now())
    context = {"entry": entry, "ref": entry.account.public_id, "said": form, "key": key, "from": request.GET.get("from", "")[:8]}
    return _page(request, "ask", context, error)


@never_cache
def give(request: HttpRequest) -> HttpResponse:
    """群众供稿和勘误: the form, and the code."""
    entry, form = _entry(request), request.POST
    error = None
    if request.method == "POST":
        code, error = _attempt(
            request,
            lambda visitor, at, now: give_contribution(
                account=entry.account, sort=form.get("sort", ""), text=form.get("text", ""), about=form.get("about", ""),
                credit=form.get("credit", ""), consents=form.get("consent") == "1", form_key=form.get("key", ""), visitor=visitor,
                at=at, now=now,
            ),
        )  # fmt: skip
        if error is None:
            return _kept(request, entry, str(code))
    key = make_form_key(what=GIVE, now=clock.machine_now())
    context = {"entry": entry, "ref": entry.account.public_id, "said": form, "key": key, "sorts": Contribution.Sort.choices}
    return _page(request, "give", context, error)


def _kept(request: HttpRequest, entry: PublicEntry, code: str) -> HttpResponse:
    link = request.build_absolute_uri(reverse("topic_mine"))
    return _private(_page(request, "kept", {"entry": entry, "code": code, "link": link, "ref": entry.account.public_id}))


@never_cache
def topic(request: HttpRequest, public_id: str) -> HttpResponse:
    """One released request: who wants it too, what became of it, was it what you wanted."""
    found = get_object_or_404(public_topics(), public_id=public_id)
    now = clock.machine_now()
    told, error = "", None
    if request.method == "POST":
        key, said = request.POST.get("key", ""), request.POST.get("said", "")
        if request.POST.get("do") == "second":
            _, error = _attempt(
                request, lambda visitor, at, now: second_topic(request=found, form_key=key, visitor=visitor, at=at, now=now)
            )
        else:
            _, error = _attempt(
                request,
                lambda visitor, at, now: say_wanted(
                    request=found, said=said, by_asker=False, form_key=key, visitor=visitor, at=at, now=now
                ),
            )
        told = "" if error else "记下了，谢谢您。"
        found = get_object_or_404(public_topics(), public_id=public_id)
    return _page(
        request, "topic",
        {
            "topic": found, "entry": found.account.public_entry, "ref": found.account.public_id, "told": told, "counts": wanted_counts(found),
            "second_key": make_form_key(what=SECOND, now=now), "wanted_key": make_form_key(what=WANTED, now=now), "answers": Wanted.Said.choices,
            "open": found.state in (TopicRequest.State.WAITING, TopicRequest.State.PLEDGED),
        },
        error,
    )  # fmt: skip


@never_cache
def mine(request: HttpRequest) -> HttpResponse:
    """The asker's own page: the code opens it, comes in the form's body and stands in no address."""
    if request.method != "POST":
        return _private(_page(request, "mine", {}))
    code, error = request.POST.get("code", ""), None
    try:
        demand_room(what="topic code", who=visitor_of(request), rate=PRESSES, now=clock.machine_now())
    except TooMany as many:
        return _private(_page(request, "mine", {"code": code}, many))
    found, given = topic_of_code(code), contribution_of_code(code)
    if found is None and given is None:
        wrong = QiguanError("没有这个查询码", place="查询码", remedy="请照回执再输一次，字母不分大小写")
        return _private(_page(request, "mine", {"code": code}, wrong))
    told = ""
    if found is not None and request.POST.get("do"):
        row, key, said = found, request.POST.get("key", ""), request.POST.get("said", "")
        if request.POST["do"] == "appeal":
            _, error = _attempt(request, lambda visitor, at, now: appeal_hold(request=row, visitor=visitor, at=at, now=now))
        else:
            _, error = _attempt(
                request,
                lambda visitor, at, now: say_wanted(
                    request=row, said=said, by_asker=True, form_key=key, visitor=visitor, at=at, now=now
                ),
            )
        told = "" if error else "记下了，谢谢您。"
        found = topic_of_code(code)
    context = {
        "code": code, "topic": found, "given": given, "told": told, "answers": Wanted.Said.choices, "holds": HOLDS,
        "hold": HOLDS.get(found.held_by_rule, "") if found else "", "said": found.wanted.filter(by_asker=True).first() if found else None,
        "key": make_form_key(what=WANTED, now=clock.machine_now()),
    }  # fmt: skip
    return _private(_page(request, "mine", context, error))


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """From an account's reference to its board."""
    return redirect("topic_board", ref=_entry(request).account.public_id)
