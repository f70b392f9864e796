"""The token of a third-party platform: one row, one refresher; the others wait for what it got."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from datetime import timedelta
from typing import TypeVar

from django.db.models import Q

from qiguan.collection.actions.asking import Asker
from qiguan.collection.models import WechatComponent
from qiguan.connectors.wechat_component import component_token
from qiguan.connectors.wechat_token import Token
from qiguan.core.source import Outcome, Reading, Request, Response
from qiguan.jobs import clock
from qiguan.people.secrets import decrypt, encrypt

LEASE = timedelta(seconds=90)
_LOOKS, _PAUSE = 40, 0.25  # how often, and how many seconds apart, one looks whether the refresher is done
_NONE = Reading(Outcome.UNAUTHORISED, detail="没有第三方平台，或已停用")
_BUSY = Reading(Outcome.TOKEN_INVALID, detail="另一个进程正在换第三方平台的令牌")
_UNREADABLE = Reading(Outcome.UNAUTHORISED, detail="第三方平台的密钥打不开：加密密钥已更换，请重新填写")
_NO_TICKET = Reading(Outcome.UNAUTHORISED, detail="还没有收到微信推送的票据（component_verify_ticket），约10分钟一次")

T = TypeVar("T")


def secrets_of(component: WechatComponent) -> dict[str, str]:
    """Return secret, token, aes_key and aes_key_before; {} where they cannot be opened (the key outside the database changed)."""
    try:
        found = json.loads(decrypt(bytes(component.secret)) or "{}")
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def with_component(
    pk: int | None, asker: Asker, talk_of: Callable[[WechatComponent, str], Generator[Request, Response, T | Reading]]
) -> T | Reading:
    """Hold a conversation that needs the component's token; a refused token is renewed and the conversation held once more."""
    component = WechatComponent.objects.filter(pk=pk or 0).exclude(secret=b"").first()
    if component is None:
        return _NONE
    token = _ready(component, asker, refused="")
    if isinstance(token, Reading):
        return token
    answer = asker.ask(talk_of(component, token))
    if isinstance(answer, Reading) and answer.outcome is Outcome.TOKEN_INVALID:
        token = _ready(component, asker, refused=token)
        return token if isinstance(token, Reading) else asker.ask(talk_of(component, token))
    return answer


def _ready(component: WechatComponent, asker: Asker, *, refused: str) -> str | Reading:
    """Return a token that is not the refused one: the stored one, or a fresh one under the lease."""
    if component.pk in asker.refusals:
        return asker.refusals[component.pk]
    for _ in range(_LOOKS):
        now = clock.machine_now()
        row = WechatComponent.objects.filter(pk=component.pk).exclude(secret=b"").first()
        if row is None:
            return _NONE
        token = decrypt(bytes(row.token))
        if token and token != refused and row.token_until is not None and row.token_until > now:
            return token
        free = Q(refresh_lease_until=None) | Q(refresh_lease_until__lt=now)
        if WechatComponent.objects.filter(free, pk=row.pk).update(refresh_lease_until=now + LEASE):
            answer = _refreshed(row, asker)
            if isinstance(answer, Reading):
                asker.refusals[component.pk] = answer
            return answer
        asker.pause(_PAUSE)
    return _BUSY


def _refreshed(row: WechatComponent, asker: Asker) -> str | Reading:
    """Ask for a token and store it, unless the component was changed meanwhile. The lease is given back whatever happens."""
    now = clock.machine_now()
    secret, ticket = secrets_of(row).get("secret", ""), decrypt(bytes(row.ticket))
    changes: dict[str, object] = {"refresh_lease_until": None}
    answer: Token | Reading
    try:
        if not secret:
            answer = _UNREADABLE
        elif not ticket:
            answer = _NO_TICKET
        else:
            answer = asker.ask(component_token(appid=row.appid, secret=secret, ticket=ticket, at=now, base=row.base))
        if isinstance(answer, Token):
            changes |= {"token": encrypt(answer.value), "token_until": answer.renew_at}
    finally:
        kept = WechatComponent.objects.filter(pk=row.pk, changed_at=row.changed_at).update(**changes)
    if isinstance(answer, Reading):
        return answer
    return answer.value if kept else _NONE
