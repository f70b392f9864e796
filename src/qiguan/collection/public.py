"""What needs no log-in: a citizen's sighting (我看到它更新了), WeChat's pushes, and the pages on which a unit's administrator authorises."""

from __future__ import annotations

import logging

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse, RawPostDataException
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from qiguan.collection.actions.sightings import FORM, send_sighting
from qiguan.collection.actions.wechat_authorising import Consent, begin_consent, finish_consent
from qiguan.collection.actions.wechat_notices import receive_push
from qiguan.collection.models import WechatComponent, WechatRequest
from qiguan.connectors.wechat_component import STATISTICS, set_words
from qiguan.connectors.wechat_push import LARGEST, PushRefused
from qiguan.core.errors import QiguanError, TooMany
from qiguan.core.written_dates import SHANGHAI
from qiguan.intake.actions.form_keys import make_form_key
from qiguan.intake.visitors import visitor_of
from qiguan.jobs import clock
from qiguan.register.models import PublicEntry
from qiguan.register.queries.lookup import platform_word

TRAP = "homepage"  # a person does not see this field; what programs write in it is told, not dropped


@never_cache
def sighting(request: HttpRequest) -> HttpResponse:
    """Show the form of one registered account, and take it."""
    given = request.POST if request.method == "POST" else request.GET
    name = given.get("account", "").replace("\x00", "")
    public = PublicEntry.objects.select_related("account").only("name", "owner_name", "platform", "account__public_id")
    entry = get_object_or_404(public, account__public_id=name)
    at, now = clock.now(), clock.machine_now()
    error: QiguanError | None = None
    if request.method == "POST":
        try:
            if request.POST.get(TRAP):
                raise QiguanError("有一栏本来应该空着", place="请不要填这一栏", remedy="已替您清空，请再提交一次")
            send_sighting(
                account=entry.account,
                said=request.POST.get("link", ""),
                day=request.POST.get("day", ""),
                clock_time=request.POST.get("time", ""),
                form_key=request.POST.get("key", ""),
                visitor=visitor_of(request),
                at=at,
                now=now,
            )
            return redirect("sighting_thanks")
        except QiguanError as told:
            error = told
    shown = {
        "entry": entry,
        "platform": platform_word(entry),
        "error": error,
        "said": request.POST,
        "today": f"{at.astimezone(SHANGHAI):%Y-%m-%d}",
        "key": make_form_key(what=FORM, now=now),
        "trap": TRAP,
    }
    status = 200 if error is None else 429 if isinstance(error, TooMany) else 400
    page = render(request, "collection/sighting.html", shown, status=status)
    if isinstance(error, TooMany):
        page["Retry-After"] = str(error.wait)
    return page


def sighting_thanks(request: HttpRequest) -> HttpResponse:
    """Say what the word is good for."""
    return render(request, "collection/sighting_thanks.html")


log = logging.getLogger(__name__)
_REFUSED = {
    "error": {
        "code": "refused",
        "message": "推送没有通过核对",
        "place": "",
        "remedy": "请核对第三方平台的AppID、消息校验Token和消息加解密Key，以及服务器的时间",
    }
}


@csrf_exempt  # the sender is known by its signature
@require_POST
def wechat_events(request: HttpRequest, public_id: str) -> HttpResponse:
    """授权事件接收URL: answers `success`, or one refusal that is the same whatever was wrong."""
    component = WechatComponent.objects.filter(public_id=public_id).first()
    try:
        if component is None:
            raise PushRefused("component")
        receive_push(component=component, body=_body(request), query=request.GET.dict(), at=clock.machine_now())
    except PushRefused as refusal:
        log.warning("a push to component %s was refused: %s", component.public_id if component else "-", refusal.reason)
        return JsonResponse(_REFUSED, status=400)
    return HttpResponse("success", content_type="text/plain")


@csrf_exempt  # nothing is read
@require_POST
def wechat_messages(request: HttpRequest, public_id: str, appid: str) -> HttpResponse:
    """消息与事件接收URL, which WeChat demands: citizens' messages are not ours to read, so the body is left unread."""
    return HttpResponse("success", content_type="text/plain")


def wechat_consent(request: HttpRequest, link_key: str) -> HttpResponse:
    """What is asked of the unit, and on pressing the button WeChat's own page. A preview of the link asks WeChat for nothing."""
    at = clock.now()
    found = _found(link_key)
    consent: Consent | None = None
    error = ""
    if request.method == "POST":
        back_to = request.build_absolute_uri(reverse("wechat_returned", args=[link_key]))
        try:
            consent = begin_consent(request=found, back_to=back_to, at=at)
        except QiguanError as trouble:
            error = str(trouble)
    return _page(request, found, at=at, consent=consent, error=error)


def wechat_returned(request: HttpRequest, link_key: str) -> HttpResponse:
    """Take the code that WeChat sends the administrator back with, then go on to an address without it."""
    found = _found(link_key)
    if request.method == "GET" and "auth_code" in request.GET:
        try:
            finish_consent(request=found, auth_code=request.GET["auth_code"], at=clock.now())
        except QiguanError as trouble:
            return _page(request, found, at=clock.now(), error=str(trouble))
    return redirect("wechat_consent", link_key=link_key)


def _found(link_key: str) -> WechatRequest:
    asked = WechatRequest.objects.select_related("account__owner", "component__organ", "credential")
    return get_object_or_404(asked, link_key=link_key)


def _page(
    request: HttpRequest, found: WechatRequest, *, at: object, consent: Consent | None = None, error: str = ""
) -> HttpResponse:
    credential = found.credential
    answer = render(
        request,
        "collection/wechat_consent.html",
        {
            "asked": found,
            "at": at,
            "consent": consent,
            "error": error,
            "expired": found.expires_at <= clock.now(),
            "granted": credential is not None and credential.revoked_at is None,
            "set_words": set_words([STATISTICS]),
            "sets": set_words(credential.sets) if credential is not None else "",
        },
        status=400 if error else 200,
    )
    # WeChat looks at the page one comes from: its origin is told, never the link itself
    answer["Referrer-Policy"] = "origin"
    answer["Cache-Control"] = "no-store"
    return answer


def _body(request: HttpRequest) -> bytes:
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        raise PushRefused("size")
    try:
        return request.body
    except (RequestDataTooBig, RawPostDataException) as error:
        raise PushRefused("size") from error
