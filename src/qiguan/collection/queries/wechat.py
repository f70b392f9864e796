"""Which third-party platform serves an account, and how its authorisation stands."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from qiguan.collection.models import Credential, WechatComponent, WechatRequest
from qiguan.people.models import Organ
from qiguan.register.models import Account

WECHAT = "wechat_mp"


def above(path: str) -> list[int]:
    """Return the ids of the organs on a path, from the root down."""
    return [int(pk) for pk in path.strip("/").split("/") if pk]


def component_for(account: Account) -> WechatComponent | None:
    """Return the platform of the nearest organ at or above the account's owner that has one in use."""
    found = WechatComponent.objects.filter(organ_id__in=above(account.owner_path)).exclude(secret=b"").select_related("organ")
    return max(found, key=lambda c: len(c.organ.path), default=None)


def component_at(organ: Organ) -> WechatComponent | None:
    """Return the organ's own platform, in use or not."""
    return WechatComponent.objects.filter(organ=organ).first()


def requests_of(account: Account) -> QuerySet[WechatRequest]:
    """Return the account's requests, the newest first."""
    return WechatRequest.objects.filter(account=account).select_related("component__organ", "credential", "account__owner")


def open_request(account: Account, *, at: datetime) -> WechatRequest | None:
    """Return the account's link that can still be used."""
    return requests_of(account).filter(expires_at__gt=at).exclude(state=WechatRequest.State.GRANTED).first()


def grant_of(account: Account) -> Credential | None:
    """Return the authorisation in force that the account itself gave."""
    found = requests_of(account).filter(state=WechatRequest.State.GRANTED, credential__revoked_at=None, credential__isnull=False)
    request = found.first()
    return request.credential if request is not None else None
