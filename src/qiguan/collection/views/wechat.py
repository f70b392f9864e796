"""微信第三方平台: the supervisor's settings, and an account's authorisation: ask for it, see it, revoke it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from qiguan.collection.actions.credentials import revoke_credential
from qiguan.collection.actions.wechat_authorising import request_authorisation
from qiguan.collection.actions.wechat_components import keep_component, stop_component
from qiguan.collection.models import WechatComponent
from qiguan.collection.queries.check_cards import qr_of
from qiguan.collection.queries.wechat import WECHAT, component_for, grant_of, open_request, requests_of
from qiguan.connectors.wechat_component import STATISTICS, set_words
from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.jobs import clock
from qiguan.people.models import Organ, Role, User
from qiguan.people.queries import MANAGES, demand_role, has_role, memberships_of, official
from qiguan.register.models import Account


@login_required
def wechat_component(request: HttpRequest) -> HttpResponse:
    """The third-party platforms of the organs one supervises. What was saved is never shown again."""
    demand_role(request.user, Role.SUPERVISOR)
    by, at = official(request), clock.now()
    organs = _supervised(by)
    said: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        organ = get_object_or_404(organs, public_id=request.POST.get("organ", ""))
        try:
            if request.POST.get("do") == "stop":
                component = get_object_or_404(WechatComponent, organ=organ)
                if request.POST.get("confirmed") != "1":
                    return _ask_before_stopping(request, component)
                count = stop_component(component=component, by=by, at=at)
                messages.success(request, f"已停用，撤销了{count}个账号的授权")
            else:
                given = {name: request.POST.get(name, "") for name in ("appid", "secret", "token", "aes_key")}
                keep_component(organ=organ, by=by, at=at, **given)
                messages.success(request, "已加密保存，以后不再显示")
            return redirect("wechat_component")
        except NotPermitted:
            raise
        except QiguanError as error:
            messages.error(request, str(error))
            said, status = {"organ": organ.public_id, "appid": request.POST.get("appid", "")[:60]}, 400
    rows = [
        _row(request, c) for c in WechatComponent.objects.filter(organ__in=organs).exclude(secret=b"").select_related("organ")
    ]
    answer = render(
        request,
        "collection/wechat_component.html",
        {"rows": rows, "organs": organs, "said": said, "at": at, "set_words": set_words([STATISTICS])},
        status=status,
    )
    answer["Cache-Control"] = "no-store"
    return answer


@login_required
def wechat_request(request: HttpRequest, public_id: str) -> HttpResponse:
    """One account's authorisation: what is granted, the link for the unit, what became of earlier ones."""
    account = get_object_or_404(Account.objects.visible_to(request.user).select_related("owner"), public_id=public_id)
    demand_role(request.user, *MANAGES, organ=account.owner)
    by, at = official(request), clock.now()
    if request.method == "POST":
        try:
            _do(request.POST.get("do", ""), account, by, request)
        except NotPermitted:
            raise
        except QiguanError as error:
            messages.error(request, str(error))
        return redirect("wechat_request", public_id=public_id)
    grant = grant_of(account)
    asked = open_request(account, at=at)
    link = request.build_absolute_uri(reverse("wechat_consent", args=[asked.link_key])) if asked is not None else ""
    answer = render(
        request,
        "collection/wechat_request.html",
        {
            "account": account,
            "at": at,
            "suits": account.platform == WECHAT,
            "component": component_for(account),
            "grant": grant,
            "sets": set_words(grant.sets) if grant is not None else "",
            "asked": asked,
            "link": link,
            "qr": qr_of(link),
            "earlier": requests_of(account)[:20],
            "set_words": set_words([STATISTICS]),
            "supervises": has_role(by, Role.SUPERVISOR),
        },
    )
    answer["Cache-Control"] = "no-store"
    return answer


def _do(what: str, account: Account, by: User, request: HttpRequest) -> None:
    """Do what the pressed button says."""
    at = clock.now()
    if what == "request":
        request_authorisation(account=account, by=by, at=at)
    elif what == "revoke":
        grant = grant_of(account)
        if grant is not None:
            revoke_credential(credential=grant, by=by, at=at)
            messages.success(request, "已撤销：令牌已抹去，不再读取。请告诉主办单位在公众号后台也取消授权")


def _ask_before_stopping(request: HttpRequest, component: WechatComponent) -> HttpResponse:
    count = component.credentials.filter(revoked_at=None).count()
    return render(
        request,
        "ui/confirm.html",
        {
            "question": f"停用{component.organ.name}的第三方平台？",
            "consequences": [f"撤销{count}个账号的授权，不再读它们的统计", "抹去AppSecret、Token、Key和全部令牌"],
            "undo": "不能恢复：要再用，需重新填写，并请每个单位重新授权。",
            "fields": [("organ", component.organ.public_id), ("do", "stop")],
            "action_label": "停用并撤销",
            "action_url": reverse("wechat_component"),
            "cancel_url": reverse("wechat_component"),
        },
    )


def _supervised(by: User) -> Any:
    """Return the organs in which one is a supervisor; all governments for the installation's administrator."""
    if by.is_superuser:
        return Organ.objects.filter(sort=Organ.Sort.PLACE, ended_on=None)
    return Organ.objects.filter(pk__in=[m.organ_id for m in memberships_of(by, roles=[Role.SUPERVISOR])])


def _row(request: HttpRequest, component: WechatComponent) -> dict[str, Any]:
    events = request.build_absolute_uri(reverse("wechat_events", args=[component.public_id]))
    return {
        "component": component,
        "events": events,
        "messages": events.removesuffix("events/") + "messages/$APPID$/",
        "host": urlsplit(events).hostname,
        "granted": component.credentials.filter(revoked_at=None).count(),
    }
