"""Column kits, the pool, and the tools to ask with: QR, menu words, poster, the quarter's question; supply against demand."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from qiguan.collection.queries.check_cards import qr_of
from qiguan.core.days import day_of
from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.written_dates import parse_day
from qiguan.jobs import clock
from qiguan.people.models import Role, User
from qiguan.people.queries import has_role, memberships_of, official
from qiguan.register.models import Account
from qiguan.topics.actions.deciding import may_decide
from qiguan.topics.actions.pool import ask_quickly, offer_text, take_from_pool
from qiguan.topics.kits import load_kits
from qiguan.topics.models import PoolItem
from qiguan.topics.queries.listing import SAMPLE, SPAN, supply_and_demand
from qiguan.topics.queries.public import Quarter, quick_counts, quick_question_of

_MOST_ACCOUNTS = 200


def _own_accounts(user: User) -> list[Account]:
    return list(Account.objects.visible_to(user).exclude(status="closed").order_by("name_key", "pk")[:_MOST_ACCOUNTS])


@login_required
def kits(request: HttpRequest) -> HttpResponse:
    """The column kits that ship."""
    return render(request, "topics/kits.html", {"at": clock.now(), "kits": load_kits().values()})


@login_required
def kit(request: HttpRequest, code: str) -> HttpResponse:
    """One kit: fill in the fields, get the text with its expiry; offer it to the pool if you like."""
    found = load_kits().get(code)
    if found is None:
        raise Http404
    user, at = official(request), clock.now()
    values = {f.name: request.POST.get(f.name, "")[:200] for f in found.fields}
    until = day_of(at) + timedelta(days=found.days_valid)
    text = found.fill(values) if request.method == "POST" else ""
    if request.method == "POST" and request.POST.get("do") == "offer":
        mine = memberships_of(user, roles=[Role.SUPERVISOR, Role.UNIT_ADMIN])
        try:
            if not mine:
                raise NotPermitted("您的角色不能供稿", remedy="请联系本单位管理员", code="forbidden")
            title = f"{found.title}：{next((v for v in values.values() if v.strip()), '')}"
            offer_text(organ=mine[0].organ, title=title[:120], text=text, expires_on=until, kit=code, by=user, at=at)
            messages.success(request, "已放进供稿池")
            return redirect("topic_pool")
        except QiguanError as error:
            messages.error(request, str(error))
    rows = [(f, values[f.name]) for f in found.fields]
    may_offer = has_role(user, Role.SUPERVISOR, Role.UNIT_ADMIN)
    return render(
        request, "topics/kit.html", {"at": at, "kit": found, "rows": rows, "text": text, "until": until, "may_offer": may_offer}
    )


@login_required
def pool(request: HttpRequest) -> HttpResponse:
    """供稿池: take a text with one touch, its source named; offer one."""
    user, at = official(request), clock.now()
    taken = ""
    accounts = [a for a in _own_accounts(user) if may_decide(user, a)]
    if request.method == "POST":
        try:
            taken = _pool_step(request, user, accounts)
        except QiguanError as error:
            messages.error(request, str(error))
    items = PoolItem.objects.filter(expires_on__gte=day_of(at)).select_related("organ").order_by("-offered_at", "-pk")
    page = Paginator(items, 20).get_page(request.GET.get("page"))
    mine = memberships_of(user, roles=[Role.SUPERVISOR, Role.UNIT_ADMIN])
    context = {
        "at": at,
        "page_obj": page,
        "accounts": accounts,
        "taken": taken,
        "organs": [m.organ for m in mine],
        "said": request.POST,
    }
    return render(request, "topics/pool.html", context)


def _pool_step(request: HttpRequest, user: User, accounts: list[Account]) -> str:
    form, at = request.POST, clock.now()
    if form.get("do") == "offer":
        mine = {m.organ.public_id: m.organ for m in memberships_of(user, roles=[Role.SUPERVISOR, Role.UNIT_ADMIN])}
        day = parse_day(form.get("expires_on", "")[:40])
        organ = mine.get(form.get("organ", "")) or next(iter(mine.values()), None)
        if organ is None:
            raise NotPermitted("您的角色不能供稿", remedy="请联系本单位管理员", code="forbidden")
        if not isinstance(day, date):
            raise QiguanError("日期读不出来", place="有效期", remedy="请写成2026年9月30日")
        offer_text(organ=organ, title=form.get("title", ""), text=form.get("text", ""), expires_on=day, by=user, at=at)
        messages.success(request, "已放进供稿池，大家自愿取用")
        return ""
    item = get_object_or_404(PoolItem.objects.select_related("organ"), public_id=form.get("item", "").replace("\x00", "")[:16])
    account = next((a for a in accounts if a.public_id == form.get("account", "")), None)
    if account is None:
        raise QiguanError("没有选账号", place=item.title, remedy="请选取用到哪个账号")
    return take_from_pool(item=item, account=account, by=user, at=at)


@login_required
def solicit(request: HttpRequest, public_id: str) -> HttpResponse:
    """The soliciting kit of one account: link and QR, words for the menu, the poster, the quarter's question."""
    user, at = official(request), clock.now()
    account = get_object_or_404(Account.objects.visible_to(user), public_id=public_id)
    quarter = Quarter.of(at)
    if request.method == "POST":
        try:
            options = request.POST.get("options", "")[:600].splitlines()
            ask_quickly(
                account=account, quarter=quarter.code, words=request.POST.get("words", ""), options=options, by=user, at=at
            )
            messages.success(request, "小问已放到公开页")
            return redirect("topic_solicit", public_id=public_id)
        except QiguanError as error:
            messages.error(request, str(error))
    link = request.build_absolute_uri(f"{reverse('topic_ask')}?account={public_id}&from=qr")
    menu = request.build_absolute_uri(f"{reverse('topic_ask')}?account={public_id}&from=menu")
    question = quick_question_of(account, quarter)
    context = {
        "at": at, "account": account, "link": link, "menu": menu, "qr": qr_of(link), "quarter": quarter, "question": question,
        "counts": quick_counts(question) if question else [], "may": may_decide(user, account), "said": request.POST,
    }  # fmt: skip
    return render(request, "topics/solicit.html", context)


@login_required
def supply(request: HttpRequest) -> HttpResponse:
    """Supply against demand by subject, with sample sizes."""
    user, at = official(request), clock.now()
    accounts = _own_accounts(user)
    account = next((a for a in accounts if a.public_id == request.GET.get("account", "")), None)
    found = supply_and_demand(user, account=account, at=at)
    context = {"at": at, "found": found, "account": account, "accounts": accounts, "sample": SAMPLE, "days": SPAN.days}
    return render(request, "topics/supply.html", context)
