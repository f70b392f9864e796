"""The ways a person wants to be reached. Each person's own; the address is encrypted and in no log, error or audit row."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from qiguan.core.errors import QiguanError
from qiguan.net.guard import sendable
from qiguan.people.actions import record_audit
from qiguan.people.models import User
from qiguan.people.outbox.models import Delivery, NoticeTarget
from qiguan.people.secrets import encrypt

MOST = 6
Kind = NoticeTarget.Kind


def add_target(*, kind: str, address: str, secret: str = "", by: User, at: datetime) -> NoticeTarget:
    """Add a way to reach oneself."""
    address, secret = address.strip(), secret.strip()
    if kind not in Kind.values:
        raise QiguanError("没有这种接收方式", place="接收方式", remedy="请从列表里选")
    if kind == Kind.EMAIL:
        _demand_email(address)
        secret = ""
    else:
        _demand_url(address)
    if len(secret) > 200:
        raise QiguanError("加签密钥太长", place="加签密钥", remedy="请从机器人设置里重新复制")
    with transaction.atomic():
        if NoticeTarget.objects.filter(user=by, removed_at=None).count() >= MOST:
            raise QiguanError(f"最多设{MOST}种接收方式", place="接收方式", remedy="请先删掉一种")
        target = NoticeTarget.objects.create(user=by, kind=kind, address=encrypt(address), secret=encrypt(secret) if secret else b"", added_at=at)  # fmt: skip
        record_audit(action="add_notice_target", by=by, at=at, on=target, fields=["kind", "address"])
    return target


def remove_target(*, target: NoticeTarget, by: User, at: datetime) -> None:
    """Take a way back: its address is forgotten at once, what still waits for it is dropped (the product has it)."""
    if target.user_id != by.pk:
        raise QiguanError("这不是您的接收方式", place="接收方式", remedy="请刷新页面", code="forbidden")
    with transaction.atomic():
        NoticeTarget.objects.filter(pk=target.pk).update(removed_at=at, address=b"", secret=b"")
        waiting = [Delivery.State.WAITING, Delivery.State.IN_DOUBT, Delivery.State.FAILED]
        Delivery.objects.filter(target=target, state__in=waiting).update(state=Delivery.State.DROPPED, done_at=at)
        record_audit(action="remove_notice_target", by=by, at=at, on=target, fields=["address"])


def _demand_email(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise QiguanError("邮箱地址写得不对", place="地址", remedy="例如 xingming@example.gov.cn") from error


def _demand_url(address: str) -> None:
    url = sendable(address)
    if not url or len(url) > 500:
        raise QiguanError("地址不是完整的网址", place="地址", remedy="请从群机器人设置里复制整个Webhook地址")
    if not url.startswith("https://") and not settings.NOTICE_PLAIN_HTTP:
        raise QiguanError("地址要以https://开头", place="地址", remedy="Webhook地址等于密码，不能明文传送")
