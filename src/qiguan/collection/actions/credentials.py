"""Keys and authorisations: stored so that a stolen database opens nothing, and revoked in one click."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from qiguan.collection.models import Credential, WechatComponent, WechatRequest
from qiguan.connectors.wechat_component import STATISTICS, set_words
from qiguan.core.errors import UnusableInput
from qiguan.jobs import clock
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, Role, User
from qiguan.people.queries import demand_role
from qiguan.people.secrets import encrypt

MANAGES = (Role.SUPERVISOR, Role.UNIT_ADMIN)
PREFIX = "qgp_"  # so that a key found in a file tells what it opens
_LASTS = timedelta(days=365)
_THIRD_PARTY = ("authorizer_appid", "refresh_token")


def issue_push_key(
    *, organ: Organ, title: str, expires_at: datetime | None = None, by: User | None, at: datetime
) -> tuple[Credential, str]:
    """Make a key that may push posts of the organ's accounts (and below). The key itself is returned once and kept nowhere."""
    if by is not None:
        demand_role(by, *MANAGES, organ=organ)
    title = title.strip()[:120]
    if not title:
        raise UnusableInput("没有写用途", place="用途", remedy="写明哪个单位的哪个程序使用，例如“商务局采集程序”")
    key = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        credential = Credential.objects.create(
            organ=organ, title=title, kind="push", key_hash=_hash(key), expires_at=expires_at or at + _LASTS
        )
        record_audit(action="issue_push_key", by=by, at=at, on=credential, organ=organ, fields=["title", "expires_at"])
    return credential, key


def credential_of(key: str, *, at: datetime) -> Credential | None:
    """Return the credential of a push key that is neither revoked nor expired; note its use, once a minute at most."""
    if not key.startswith(PREFIX) or len(key) > 100:
        return None
    found = (
        Credential.objects.filter(Q(expires_at=None) | Q(expires_at__gt=at), kind="push", key_hash=_hash(key), revoked_at=None)
        .select_related("organ")
        .first()
    )
    if found is not None and (found.used_at is None or at - found.used_at > timedelta(minutes=1)):
        Credential.objects.filter(pk=found.pk).update(used_at=at)
    return found


def authorise_wechat(
    *,
    organ: Organ,
    title: str,
    given: Mapping[str, str],
    component: WechatComponent | None = None,
    sets: Iterable[int] = (STATISTICS,),
    by: User | None,
    at: datetime,
) -> Credential:
    """Keep what an account granted to a third-party platform, encrypted. `given`: authorizer_appid, refresh_token.

    An AppSecret is refused: it could publish, so it stays at the unit (`qiguan agent`). So is any set beyond the statistics'.
    """
    if by is not None:
        demand_role(by, *MANAGES, organ=organ)
    if any("secret" in name.lower() for name in given):
        raise UnusableInput("这里不收AppSecret", place="授权", remedy="AppSecret能发文章，只能留在主办单位：请改用单位侧采集程序")
    missing = [name for name in _THIRD_PARTY if not given.get(name)]
    if missing or component is None:
        raise UnusableInput("授权信息不全：" + "、".join(missing or ["第三方平台"]), place="授权", remedy="请补齐后再保存")
    granted = sorted(set(sets))
    demand_statistics_only(granted)
    with transaction.atomic():
        credential = Credential.objects.create(
            organ=organ, title=title[:120], kind="wechat_component", component=component, sets=granted,
            authorizer_appid=given["authorizer_appid"][:60], authorised_at=clock.machine_now(),
            secret=encrypt(json.dumps({"refresh_token": given["refresh_token"]})),
        )  # fmt: skip
        record_audit(action="authorise_wechat", by=by, at=at, on=credential, organ=organ, fields=["secret", "sets"])
    return credential


def demand_statistics_only(sets: Iterable[int]) -> None:
    """Raise UnusableInput unless exactly the statistics' permission set was granted."""
    granted = set(sets)
    if granted - {STATISTICS}:
        more = set_words(sorted(granted - {STATISTICS}))
        raise UnusableInput(
            f"授予的权限多了：{more}",
            place="授权",
            remedy=f"本系统只收{set_words([STATISTICS])}：请在公众号后台取消授权，再打开链接，只勾这一项",
        )
    if STATISTICS not in granted:
        raise UnusableInput(
            f"没有授予{set_words([STATISTICS])}，读不到统计",
            place="授权",
            remedy="请再打开链接，勾上这一项；统计接口属于这个权限集",
        )


def revoke_credential(*, credential: Credential, by: User | None, at: datetime) -> None:
    """Revoke at once: secret, token and key are wiped, so that nothing is left to use or to steal."""
    if by is not None:
        demand_role(by, *MANAGES, organ=credential.organ)
    with transaction.atomic():
        Credential.objects.filter(pk=credential.pk).update(
            revoked_at=at, secret=b"", token=b"", token_until=None, key_hash="", refresh_lease_until=None
        )
        WechatRequest.objects.filter(credential=credential).update(code=b"")
        record_audit(action="revoke_credential", by=by, at=at, on=credential, organ=credential.organ, fields=["revoked_at"])
    credential.refresh_from_db()


def _hash(key: str) -> str:
    return "sha256:" + hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
