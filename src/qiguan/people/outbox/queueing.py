"""Queue a notice in the transaction of what it tells of; read it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from qiguan.jobs import clock
from qiguan.people.models import User
from qiguan.people.outbox.models import PRIVATE_FOR, Delivery, Notice, NoticeTarget
from qiguan.people.secrets import encrypt

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]+")
MOST_LINES = 400


def queue_notice(
    *,
    to: User,
    kind: str,
    key: str,
    title: str,
    lines: Sequence[str],
    link: str,
    by: User | None,
    at: datetime,
    private_link: str = "",
) -> Notice | None:
    """Tell a person something, once. Returns None where (to, kind, key) was queued before: nothing is added then.

    `kind` is a short word of the caller (≤ 30), `key` names the occasion (≤ 120): the same occasion, the same key. `link` is a
    path of the product or ""; `private_link` a path that needs no log-in: it is encrypted, goes outside in place of `link`, and
    is never shown in the product. Part of the caller's transaction, which writes the audit row: if that fails, nothing was
    queued. One way to reach the person is one Delivery; those added later do not get what was said before.
    """
    for path in (link, private_link):
        if path and (not path.startswith("/") or path.startswith("//")):
            raise ValueError("a link of a notice is a path of the product")
    if not 0 < len(kind) <= 30 or not 0 < len(key) <= 120:
        raise ValueError("kind or key of a notice out of range")
    with transaction.atomic():
        said = [_plain(line)[:500] for line in lines[:MOST_LINES]]
        if len(lines) > MOST_LINES:
            said.append(f"还有{len(lines) - MOST_LINES}条，请登录查看")
        values = {
            "title": _plain(title)[:200],
            "lines": said,
            "link": link,
            "private": encrypt(private_link) if private_link else b"",
            "by": by,
            "at": at,
        }
        notice, made = Notice.objects.get_or_create(to=to, kind=kind, key=key, defaults=values)
        if not made:
            return None
        if to.is_active:
            now = clock.machine_now()
            targets = NoticeTarget.objects.filter(user=to, removed_at=None)
            Delivery.objects.bulk_create([Delivery(notice=notice, target=target, next_at=now) for target in targets])
    return notice


def read_notices(*, of: User, only: Iterable[str] | None = None, at: datetime) -> int:
    """Mark the person's own notices as read: all of them, or `only` those with these public ids."""
    mine = Notice.objects.filter(to=of, read_at=None)
    return (mine if only is None else mine.filter(public_id__in=list(only))).update(read_at=at)


def forget_private_links(*, at: datetime) -> int:
    """Drop the private links of old notices: they have expired by then."""
    return Notice.objects.filter(at__lt=at - PRIVATE_FOR).exclude(private=b"").update(private=b"")


def _plain(text: str) -> str:
    """One line without control characters: a title becomes a mail's subject."""
    return _UNPRINTABLE.sub(" ", text).strip()
