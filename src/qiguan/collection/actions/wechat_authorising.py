"""Ask a unit to authorise, send its administrator to WeChat, and take what comes back.

The unit's administrator needs no log-in here: the link can only give. What was given is judged before it is kept: by the right
account, and the statistics' permission set alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from qiguan.collection.actions.asking import Asker, asking
from qiguan.collection.actions.component_tokens import with_component
from qiguan.collection.actions.credentials import MANAGES, authorise_wechat, demand_statistics_only, revoke_credential
from qiguan.collection.actions.sources import add_source
from qiguan.collection.actions.wechat_notices import hash_of
from qiguan.collection.models import Credential, Source, WechatComponent, WechatRequest
from qiguan.collection.queries.wechat import WECHAT, component_for, open_request
from qiguan.connectors.wechat_component import (
    APPID,
    Authorizer,
    Grant,
    PreAuth,
    authorizer_info,
    consent_links,
    pre_auth_code,
    query_auth,
)
from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.core.platforms import id_sort, name_key
from qiguan.core.source import Outcome, Reading, Request, Response
from qiguan.jobs import clock
from qiguan.people.actions import record_audit
from qiguan.people.models import User
from qiguan.people.queries import demand_role
from qiguan.people.secrets import decrypt, encrypt
from qiguan.register.models import Account, AccountAlias

LINK_LASTS = timedelta(days=7)
LEASE = timedelta(seconds=90)
_LEAST = timedelta(minutes=2)  # a pre-authorisation code nearer its end is not handed out again
_PASSING = {Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.SERVER_ERROR, Outcome.RATE_LIMITED, Outcome.TOKEN_INVALID}
State = WechatRequest.State


@dataclass(frozen=True, slots=True)
class Consent:
    """WeChat's page of consent: `desk` shows a code to scan, `phone` opens inside WeChat. Good until `until`, once."""

    desk: str
    phone: str
    until: datetime


def request_authorisation(*, account: Account, by: User | None, at: datetime) -> WechatRequest:
    """Make the link for the unit's administrator; the one that is still open is given again."""
    if by is not None:
        demand_role(by, *MANAGES, organ=account.owner)
    if account.platform != WECHAT:
        raise UnusableInput("只有微信公众号能这样授权", place="平台", remedy="其他平台请用上传、推送或人工核查")
    component = component_for(account)
    if component is None:
        raise UnusableInput("还没有第三方平台", place="请求授权", remedy="请监管员先在“采集→微信第三方平台”里填写")
    found = open_request(account, at=at)
    if found is not None and found.component_id == component.pk:
        return found
    with transaction.atomic():
        request = WechatRequest.objects.create(
            account=account, component=component, link_key=secrets.token_urlsafe(32), asked_by=by, asked_at=at,
            expires_at=at + LINK_LASTS,
        )  # fmt: skip
        record_audit(action="request_authorisation", by=by, at=at, on=request, organ=account.owner, fields=["expires_at"])
    return request


def begin_consent(*, request: WechatRequest, back_to: str, at: datetime) -> Consent:
    """Return WeChat's pages for this request. The code behind them is asked for once and handed out until it nears its end."""
    if request.expires_at <= at or request.state == State.GRANTED:
        raise UnusableInput("这个链接已经用过或过期", place="授权链接", remedy="请向发链接的监管单位要一个新的")
    now = clock.machine_now()
    value = decrypt(bytes(request.pre_auth))
    if not value or request.pre_auth_until is None or request.pre_auth_until < now + _LEAST:

        def talk(component: WechatComponent, token: str) -> Generator[Request, Response, PreAuth | Reading]:
            return pre_auth_code(appid=component.appid, token=token, at=now, base=component.base)

        with asking() as asker:
            answer = with_component(request.component_id, asker, talk)
        if isinstance(answer, Reading):
            raise QiguanError(f"微信没有给授权页：{answer.detail}", place="授权", remedy="请过几分钟再试；还不行请告诉监管单位")
        value, until = answer.value, answer.until
        WechatRequest.objects.filter(pk=request.pk).update(
            pre_auth=encrypt(value), pre_auth_hash=hash_of(value), pre_auth_until=until
        )
    else:
        until = request.pre_auth_until
    ids = [*request.account.aliases.values_list("value", flat=True), request.account.platform_id]
    own = next((value for value in ids if APPID.fullmatch(value)), "")
    desk, phone = consent_links(appid=request.component.appid, code_value=value, back_to=back_to, account_appid=own)
    return Consent(desk, phone, until)


def finish_consent(*, request: WechatRequest, auth_code: str, at: datetime) -> WechatRequest:
    """Exchange a code that came back, judge what was granted, keep it or say why not. One at a time a request; a used code is told."""
    if not auth_code or len(auth_code) > 500:
        raise UnusableInput("微信没有带回授权码", place="授权", remedy="请再打开授权链接，在微信里点同意")
    now, this = clock.machine_now(), hash_of(auth_code)
    free = WechatRequest.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), pk=request.pk)
    if free.exclude(used_hash=this).update(lease_until=now + LEASE, code=b"", used_hash=this):
        later: dict[str, object] = {"lease_until": None}
        try:
            with asking() as asker:
                answer = _learn(asker, request, auth_code, now)
            if isinstance(answer, Reading) and answer.outcome in _PASSING:  # not heard: the code is tried again, by the schedule
                later |= {"code": encrypt(auth_code), "used_hash": ""}
            else:
                _settle(request, answer, at)
        finally:
            WechatRequest.objects.filter(pk=request.pk).update(**later)
    else:
        free.update(code=b"")
    request.refresh_from_db()
    return request


def finish_waiting(*, at: datetime) -> int:
    """Exchange the codes that came by push only (the administrator closed the page): pulled by absence; return how many."""
    done = 0
    for request in WechatRequest.objects.exclude(code=b"").select_related("account__owner", "component")[:50]:
        code = decrypt(bytes(request.code))
        if code:
            finish_consent(request=request, auth_code=code, at=at)
            done += 1
        else:  # the key outside the database changed
            WechatRequest.objects.filter(pk=request.pk).update(code=b"")
    return done


def _learn(asker: Asker, request: WechatRequest, auth_code: str, now: datetime) -> tuple[Grant, Authorizer] | Reading:
    def exchange(component: WechatComponent, token: str) -> Generator[Request, Response, Grant | Reading]:
        return query_auth(appid=component.appid, token=token, auth_code=auth_code, at=now, base=component.base)

    grant = with_component(request.component_id, asker, exchange)
    if isinstance(grant, Reading):
        return grant
    appid = grant.appid

    def who(component: WechatComponent, token: str) -> Generator[Request, Response, Authorizer | Reading]:
        return authorizer_info(appid=component.appid, token=token, authorizer_appid=appid, at=now, base=component.base)

    account = with_component(request.component_id, asker, who)
    return account if isinstance(account, Reading) else (grant, account)


def _settle(request: WechatRequest, answer: tuple[Grant, Authorizer] | Reading, at: datetime) -> None:
    """Keep the grant, or the reason why not. A request that was granted loses its grant when a later one is not acceptable."""
    with transaction.atomic():
        locked = (
            WechatRequest.objects.select_for_update(of=("self",)).select_related("account__owner", "component").get(pk=request.pk)
        )
        if isinstance(answer, Reading):
            if locked.state != State.GRANTED:  # a used code of an authorisation that is in force says nothing against it
                _refuse(locked, f"微信没有确认：{answer.detail}", at)
            return
        grant, account = answer
        try:
            demand_this_account(locked.account, account, appid=grant.appid)
            demand_statistics_only(grant.sets)
            if not grant.token.refresh:
                raise UnusableInput("微信没有给刷新令牌", place="授权", remedy="这个账号没有接口权限：请先认证，或改用人工核查")
        except UnusableInput as error:
            _refuse(locked, f"{error.message}。{error.remedy}", at)
            return
        _keep(locked, grant, at)


def _refuse(request: WechatRequest, said: str, at: datetime) -> None:
    if request.credential is not None and request.credential.revoked_at is None:
        revoke_credential(credential=request.credential, by=None, at=at)
    WechatRequest.objects.filter(pk=request.pk).update(
        state=State.REFUSED, said=said[:300], ended_at=at, pre_auth=b"", pre_auth_until=None
    )
    record_audit(action="refuse_authorisation", by=None, at=at, on=request, organ=request.account.owner, fields=["state", "said"])


def _keep(request: WechatRequest, grant: Grant, at: datetime) -> None:
    """Store the credential in place of the account's earlier ones, and see that a source reads by it."""
    account = request.account
    earlier = Credential.objects.filter(requests__account=account, revoked_at=None, kind="wechat_component").distinct()
    for credential in earlier.select_related("organ"):
        revoke_credential(credential=credential, by=None, at=at)
    made = authorise_wechat(
        organ=account.owner,
        title=f"{account.name}的统计授权"[:120],
        given={"authorizer_appid": grant.appid, "refresh_token": grant.token.refresh},
        component=request.component,
        sets=grant.sets,
        by=None,
        at=at,
    )
    if grant.token.value:
        Credential.objects.filter(pk=made.pk).update(token=encrypt(grant.token.value), token_until=grant.token.renew_at)
    own = Source.objects.filter(account=account, connector="wechat")
    if own.exists():
        own.update(credential=made, enabled=True, next_at=clock.machine_now())
    else:
        add_source(account=account, connector_code="wechat", url=request.component.base, credential=made, by=None, at=at)
    WechatRequest.objects.filter(pk=request.pk).update(
        state=State.GRANTED, credential=made, said="", ended_at=at, pre_auth=b"", pre_auth_until=None
    )


def demand_this_account(account: Account, given: Authorizer, *, appid: str) -> None:
    """Raise UnusableInput unless the authorising account is the one that was asked.

    By its AppID or its 原始ID where we know it, else by its 微信号, else by its name.
    """
    known: dict[str, set[str]] = {}
    for sort, value in AccountAlias.objects.filter(account=account).values_list("sort", "value"):
        known.setdefault(sort, set()).add(value.lower())
    if account.platform_id:
        known.setdefault(id_sort(account.platform, account.platform_id), set()).add(account.platform_id.lower())
    names = known.get("wxid", set())
    appids = {value for value in names if APPID.fullmatch(value)}
    names -= appids
    if appids:
        same = appid.lower() in appids
    elif known.get("gh"):
        same = given.user_name.lower() in known["gh"]
    elif names and given.alias:
        same = given.alias.lower() in names
    else:
        same = name_key(given.nick_name) == account.name_key
    if not same:
        raise UnusableInput(
            f"授权的是另一个账号“{given.nick_name[:60]}”", place="授权", remedy=f"请用“{account.name}”的管理员微信再授权一次"
        )
