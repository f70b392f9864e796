"""Add a source, correct it, switch it; make sources of the addresses that the register names."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from qiguan.collection.actions.touched import touch_accounts
from qiguan.collection.models import Credential, Source
from qiguan.connectors import connector
from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.jobs import clock
from qiguan.net.guard import usable_url
from qiguan.people.actions import record_audit
from qiguan.people.models import Role, User
from qiguan.people.queries import demand_role
from qiguan.register.models import Account

MANAGES = (Role.SUPERVISOR, Role.UNIT_ADMIN)
GIVEN = {"push", "csv_export"}  # what comes by itself: nothing to fetch
WITHOUT_ADDRESS = GIVEN | {"wechat", "wechat_published"}


def add_source(
    *,
    account: Account,
    connector_code: str,
    url: str = "",
    complete: bool = False,
    said_by: str = "",
    credential: Credential | None = None,
    by: User | None,
    at: datetime,
) -> Source:
    """Add a way to read an account. `complete` is a person's word that it shows every post; it is kept with their name."""
    if by is not None:
        demand_role(by, *MANAGES, organ=account.owner)
    official = connector(connector_code).official
    if credential is not None and not account.owner_path.startswith(credential.organ.path):
        raise UnusableInput("这个授权不是该账号主办单位的", place="授权", remedy="请选该单位或其上级的授权")
    if not (url == "" and connector_code in WITHOUT_ADDRESS) and not usable_url(url):
        raise UnusableInput(f"“{url[:60]}”不是http或https地址", place="采集地址", remedy="请写完整网址，不要带用户名密码")
    try:
        with transaction.atomic():
            source = Source.objects.create(
                account=account, connector=connector_code, url=url, credential=credential, complete=complete or official,
                complete_said_by="官方接口" if official else (said_by or str(by or "登记表"))[:60] if complete else "",
                next_at=None if connector_code in GIVEN else clock.machine_now(), added_at=at,
            )  # fmt: skip
            touch_accounts([account.pk], at)
            record_audit(
                action="add_source", by=by, at=at, on=source, organ=account.owner, fields=["connector", "url", "complete"]
            )
    except IntegrityError as error:
        raise QiguanError("这个账号已经有这个采集地址", place="采集地址", remedy="不用重复添加", code="conflict") from error
    return source


def change_source(
    *,
    source: Source,
    url: str | None = None,
    enabled: bool | None = None,
    complete: bool | None = None,
    accept_name: bool = False,
    accept_move: bool = False,
    by: User,
    at: datetime,
) -> Source:
    """Correct a source's address, switch it on or off, change what is said of its completeness, accept a new name or a moved address.

    Another address is another word: what it covered stays, and completeness must be said anew (not for an accepted move).
    """
    demand_role(by, *MANAGES, organ=source.account.owner)
    if url is not None and not (url == "" and source.connector in WITHOUT_ADDRESS) and not usable_url(url):
        raise UnusableInput(f"“{url[:60]}”不是http或https地址", place="采集地址", remedy="请写完整网址，不要带用户名密码")
    with transaction.atomic():
        if url is not None and url != source.url:
            source.url, source.moved_to, source.seen_name = url[:1000], "", ""
            source.complete, source.complete_said_by = False, ""
            source.body_hash, source.etag, source.last_modified = "", "", ""
            source.span_ref, source.span_start, source.span_until = None, None, None
        if enabled is not None:
            source.enabled = enabled
        if complete is not None:
            source.complete, source.complete_said_by = complete, str(by)[:60] if complete else ""
            source.span_ref, source.span_start, source.span_until = None, None, None
        if accept_name:
            source.seen_name, source.body_hash, source.etag, source.last_modified = "", "", "", ""
        if accept_move and source.moved_to:
            source.url, source.moved_to = source.moved_to, ""
            source.body_hash, source.etag, source.last_modified = "", "", ""
        if source.connector not in GIVEN:
            source.next_at = clock.machine_now()
        try:
            with transaction.atomic():
                source.save()
        except IntegrityError as error:
            raise QiguanError(
                "新地址已经是这个账号的采集地址", place="采集地址", remedy="停用这一条即可", code="conflict"
            ) from error
        touch_accounts([source.account_id], at)
        changed = {
            "url": url,
            "enabled": enabled,
            "complete": complete,
            "seen_name": accept_name or None,
            "moved_to": accept_move or None,
        }
        fields = [name for name, said in changed.items() if said is not None]
        record_audit(action="change_source", by=by, at=at, on=source, organ=source.account.owner, fields=fields)
    return source


def connect_registered(*, at: datetime, limit: int = 2000) -> int:
    """Make a source of every registered feed address that has none: pulled by absence, safe to run twice."""
    waiting = (
        Account.objects.exclude(feed_link="")
        .exclude(status=Account.Status.CLOSED)
        .exclude(sources__isnull=False)
        .select_related("owner")[:limit]
    )
    made = 0
    for account in waiting:
        try:
            add_source(
                account=account,
                connector_code="rss",
                url=account.feed_link,
                complete=account.feed_complete is True,
                said_by="登记表",
                by=None,
                at=at,
            )
            made += 1
        except QiguanError:
            Account.objects.filter(pk=account.pk).update(feed_link="")  # told at import already; not tried again each minute
    return made
