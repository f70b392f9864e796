"""The account's tab 人员与保管: for its own unit; a supervisor sees who holds what without contacts."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.quota import Quota
from qiguan.jobs import clock
from qiguan.people.models import User
from qiguan.people.queries import official
from qiguan.register.actions.custody import (
    agree_cadence,
    assign_staff,
    end_staff,
    hand_over,
    keeps,
    open_contacts,
    sees_custody,
    set_staffing,
)
from qiguan.register.actions.leaving import confirm_custody
from qiguan.register.models import Account, Custody
from qiguan.register.queries.origins import origins_of
from qiguan.register.queries.runners import runners_for


@login_required
def custody(request: HttpRequest, public_id: str) -> HttpResponse:
    """Staff, custody and where each registered value came from."""
    user = official(request)
    account = get_object_or_404(Account.objects.visible_to(user).select_related("owner"), public_id=public_id)
    if not sees_custody(user, account):
        raise NotPermitted("账号保管由本单位管理员办理", remedy="请联系主办单位的管理员", code="forbidden")
    contacts = None
    if request.method == "POST":
        try:
            if request.POST.get("do") == "open":
                contacts = open_contacts(account=account, by=user, at=clock.now())
            else:
                _done(request, account, user)
                return redirect("account_custody", public_id=public_id)
        except QiguanError as error:
            messages.error(request, str(error))
    unit = keeps(user, account)
    context = {
        "account": account,
        "unit": unit,
        "staff": account.staff.filter(until=None).select_related("user"),
        "people": runners_for(account, clock.now()) if unit else [],
        "custody": Custody.objects.filter(account=account, until=None).order_by("what", "pk"),
        "to_check": Custody.objects.filter(account=account, until=None, check_since__isnull=False).first(),
        "past": Custody.objects.filter(account=account, until__isnull=False).order_by("-until")[:20],
        "contacts": contacts,
        "kinds": Custody._meta.get_field("what").flatchoices,
        "quotas": [(q.value, q.word) for q in Quota],
        "staffings": Account.Staffing.choices,
        "origins": origins_of(account),
        "at": clock.now(),
    }
    response = render(request, "register/custody.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _done(request: HttpRequest, account: Account, user: User) -> None:
    form, at = request.POST, clock.now()
    do = form.get("do", "")
    if do == "staffing":
        people = form.get("people", "").strip()
        cover = {"yes": True, "no": False}.get(form.get("cover", ""))
        number = int(people) if people.isdecimal() and len(people) < 4 else None
        set_staffing(account=account, staffing=form.get("staffing", ""), people=number, has_cover=cover, by=user, at=at)
    elif do == "assign":
        person = get_object_or_404(User, public_id=form.get("user", ""))
        assign_staff(account=account, user=person, part=form.get("part", ""), by=user, at=at)
    elif do == "end":
        staff = get_object_or_404(
            account.staff.filter(until=None), pk=form.get("staff", "") if form.get("staff", "").isdecimal() else 0
        )
        end_staff(staff=staff, by=user, at=at)
    elif do == "cadence":
        days = form.get("days", "").strip()
        if days and not (days.isascii() and days.isdecimal() and len(days) < 4):
            raise QiguanError("天数读不出来", place="约定几天更新一次", remedy="请写整数；没有约定就空着")
        agree_cadence(account=account, days=int(days) if days else None, quota=form.get("quota", ""), by=user, at=at)
    elif do == "confirm":
        confirm_custody(account=account, by=user, at=at)
    elif do == "hand_over":
        hand_over(
            account=account, what=form.get("what", ""), person=form.get("person", ""), phone=form.get("phone", ""), by=user, at=at
        )
    else:
        raise QiguanError("没有这个操作", place="账号保管", remedy="请刷新页面")
    messages.success(request, "已登记")
