"""A supervisor's third-party platform: kept encrypted, never shown again, stopped in one click."""

from __future__ import annotations

import json
import re
from datetime import datetime

from django.db import transaction

from qiguan.collection.actions.component_tokens import secrets_of
from qiguan.collection.actions.credentials import revoke_credential
from qiguan.collection.models import WechatComponent, WechatRequest
from qiguan.connectors.wechat_answers import api_base
from qiguan.connectors.wechat_component import APPID
from qiguan.connectors.wechat_push import usable_aes_key
from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, Role, User
from qiguan.people.queries import demand_role
from qiguan.people.secrets import encrypt

_SECRET = re.compile(r"[0-9A-Za-z]{16,64}", re.ASCII)
_TOKEN = re.compile(r"[0-9A-Za-z]{3,32}", re.ASCII)


def keep_component(
    *,
    organ: Organ,
    appid: str,
    secret: str = "",
    token: str = "",
    aes_key: str = "",
    base: str = "",
    by: User | None,
    at: datetime,
) -> WechatComponent:
    """Keep or change an organ's third-party platform. A secret left "" stays as it was; `base` names a stand-in.

    1. Another AppID is another platform: refused while accounts are authorised to the first. 2. The EncodingAESKey before a
    change is kept, for WeChat goes on with it for a while. 3. A changed AppSecret voids the stored token.
    """
    if by is not None:
        demand_role(by, Role.SUPERVISOR, organ=organ)
    appid, given = appid.strip(), {"secret": secret.strip(), "token": token.strip(), "aes_key": aes_key.strip()}
    with transaction.atomic():
        found = WechatComponent.objects.select_for_update().filter(organ=organ).first()
        before = secrets_of(found) if found is not None and found.appid == appid else {}
        kept = {name: value or before.get(name, "") for name, value in given.items()}
        _demand_usable(appid, kept)
        api_base(base)
        if found is not None and found.appid != appid and found.credentials.filter(revoked_at=None).exists():
            raise QiguanError("还有账号授权给原来的第三方平台", place="AppID", remedy="请先停用原来的，再填新的", code="conflict")
        old_key = before.get("aes_key", "")
        kept["aes_key_before"] = old_key if old_key and old_key != kept["aes_key"] else before.get("aes_key_before", "")
        component = found or WechatComponent(organ=organ)
        if component.appid != appid:
            component.ticket, component.ticket_at = b"", None
        if component.appid != appid or kept["secret"] != before.get("secret"):
            component.token, component.token_until = b"", None
        component.appid, component.base, component.changed_at = appid, base, at
        component.secret, component.refresh_lease_until = encrypt(json.dumps(kept)), None
        component.save()
        fields = ["appid", *(name for name, value in given.items() if value)]
        record_audit(action="keep_wechat_component", by=by, at=at, on=component, organ=organ, fields=fields)
    return component


def stop_component(*, component: WechatComponent, by: User | None, at: datetime) -> int:
    """Wipe the platform's secrets and tokens and revoke every authorisation given to it; return how many."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, organ=component.organ)
    with transaction.atomic():
        WechatComponent.objects.filter(pk=component.pk).update(
            secret=b"", ticket=b"", ticket_at=None, token=b"", token_until=None, refresh_lease_until=None, changed_at=at
        )
        WechatRequest.objects.filter(component=component).update(code=b"", pre_auth=b"", pre_auth_hash="")
        WechatRequest.objects.filter(component=component, expires_at__gt=at).update(expires_at=at)
        living = list(component.credentials.filter(revoked_at=None).select_related("organ"))
        for credential in living:
            revoke_credential(credential=credential, by=by, at=at)
        record_audit(action="stop_wechat_component", by=by, at=at, on=component, organ=component.organ, fields=["secret"])
    component.refresh_from_db()
    return len(living)


def _demand_usable(appid: str, kept: dict[str, str]) -> None:
    """Raise UnusableInput for the first field that cannot be right; the value itself is never repeated."""
    where = "请从微信开放平台→管理中心→第三方平台→详情里复制"
    if not APPID.fullmatch(appid):
        raise UnusableInput("不是AppID", place="第三方平台AppID", remedy=f"以wx开头，共18位；{where}")
    if not _SECRET.fullmatch(kept["secret"]):
        raise UnusableInput("没有填，或不是AppSecret", place="第三方平台AppSecret", remedy=where)
    if not _TOKEN.fullmatch(kept["token"]):
        raise UnusableInput("没有填，或不是3到32位的字母数字", place="消息校验Token", remedy=where)
    if not usable_aes_key(kept["aes_key"]):
        raise UnusableInput("没有填，或不是43位的字母数字", place="消息加解密Key", remedy=where)
