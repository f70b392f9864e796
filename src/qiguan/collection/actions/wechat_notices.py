"""What WeChat pushes to our third-party platform: the ticket every ten minutes, and what accounts granted or took back."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from qiguan.collection.actions.component_tokens import secrets_of
from qiguan.collection.actions.credentials import revoke_credential
from qiguan.collection.models import Credential, WechatComponent, WechatPush, WechatRequest
from qiguan.connectors.wechat_push import WINDOW, Notice, PushKeys, PushRefused, open_push
from qiguan.people.secrets import encrypt

log = logging.getLogger(__name__)
_SKEW = timedelta(minutes=1)  # between the platform's clock and ours


def receive_push(*, component: WechatComponent, body: bytes, query: Mapping[str, str], at: datetime) -> str:
    """Take one push and return its kind; raises PushRefused where it is not the platform's. `at` is machine time.

    The same push again changes nothing: its signature is kept as long as its time would be accepted.
    """
    secrets = secrets_of(component)
    keys = tuple(k for k in (secrets.get("aes_key", ""), secrets.get("aes_key_before", "")) if k)
    if not keys:
        raise PushRefused("no keys")
    notice = open_push(body=body, query=query, keys=PushKeys(component.appid, secrets.get("token", ""), keys), at=at)
    with transaction.atomic():
        WechatPush.objects.filter(at__lt=at - 3 * WINDOW).delete()
        push, fresh = WechatPush.objects.get_or_create(component=component, signature=notice.signature, defaults={"at": at})
        if fresh:
            _take(component, notice, at)
        else:
            log.info("push %s of component %s came again", push.pk, component.public_id)
    return notice.kind


def _take(component: WechatComponent, notice: Notice, at: datetime) -> None:
    if notice.kind == "component_verify_ticket" and notice.ticket:
        older = Q(ticket_at=None) | Q(ticket_at__lt=notice.created_at)
        WechatComponent.objects.filter(older, pk=component.pk).update(ticket=encrypt(notice.ticket), ticket_at=notice.created_at)
    elif notice.kind == "unauthorized":
        given = Credential.objects.filter(component=component, authorizer_appid=notice.authorizer_appid, revoked_at=None)
        for credential in given.filter(authorised_at__lte=notice.created_at + _SKEW).select_related("organ"):
            revoke_credential(credential=credential, by=None, at=at)
    elif notice.kind in {"authorized", "updateauthorized"} and notice.auth_code:
        _note_code(component, notice)


def _note_code(component: WechatComponent, notice: Notice) -> None:
    """Keep the code with its request: by the pre-authorisation code, else with the account's own earlier one."""
    asked = WechatRequest.objects.filter(component=component)
    request = asked.filter(pre_auth_hash=hash_of(notice.pre_auth_code)).first() if notice.pre_auth_code else None
    if request is None:
        given = {"credential__authorizer_appid": notice.authorizer_appid, "credential__revoked_at": None}
        request = asked.filter(credential__isnull=False, **given).first()
    if request is None:
        log.info("component %s was authorised without a request of ours", component.public_id)
        return
    WechatRequest.objects.filter(pk=request.pk).update(code=encrypt(notice.auth_code))


def hash_of(value: str) -> str:
    """Return what a code is found by, without keeping it."""
    return "sha256:" + hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()
