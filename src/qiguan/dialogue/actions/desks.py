"""受理设置: which mode a place works in, its doors, its pack, review; templates of replies; the key of the 12345 system."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from qiguan.core.doors import DOOR
from qiguan.core.errors import QiguanError
from qiguan.core.pack import load_packs
from qiguan.core.plain_text import clean_text, one_line
from qiguan.dialogue.models import Desk, ReplyTemplate
from qiguan.dialogue.queries.codes import stored
from qiguan.net.guard import sendable
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, Role, User
from qiguan.people.queries import demand_role


def set_desk(
    *, organ: Organ, mode: str, pack: str = "national", review: bool = False, doors: Mapping[str, str] | None = None, counter: str = "",
    by: User | None, at: datetime,
) -> Desk:  # fmt: skip
    """Set how an organ and all below it without settings of their own take messages. A unit sets its review only: see `set_review`."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, organ=organ)
    if mode not in Desk.Mode.values:
        raise QiguanError("没有这种受理方式", place="受理方式", remedy="请从列表里选")
    if pack not in load_packs():
        raise QiguanError("没有这个规则包", place="规则包", remedy="请从列表里选")
    kept = {}
    for code, url in (doors or {}).items():
        if url.strip() and code in DOOR:
            kept[code] = sendable(url.strip())
            if not kept[code] or len(kept[code]) > 400:
                raise QiguanError("网址不完整", place=DOOR[code].title, remedy="请写https://开头的完整网址，或者不填")
    values = {
        "organ_path": organ.path, "mode": mode, "pack": pack, "review": review, "doors": kept, "counter": one_line(counter, most=200), "changed_at": at,
    }  # fmt: skip
    with transaction.atomic():
        desk, _ = Desk.objects.update_or_create(organ=organ, defaults=values)
        record_audit(action="set_desk", by=by, at=at, on=desk, organ=organ, fields=["mode", "pack", "review", "doors"])
    return desk


def set_review(*, organ: Organ, review: bool, by: User, at: datetime) -> Desk:
    """A unit decides whether a second person looks at its replies; the rest of its settings stay those above it."""
    from qiguan.dialogue.queries.placing import desk_of

    demand_role(by, Role.UNIT_ADMIN, Role.SUPERVISOR, organ=organ)
    above = desk_of(organ)
    values = {"organ_path": organ.path, "mode": above.mode, "pack": above.pack, "doors": above.doors, "counter": above.counter}
    with transaction.atomic():
        desk, _ = Desk.objects.get_or_create(organ=organ, defaults={**values, "changed_at": at})
        Desk.objects.filter(pk=desk.pk).update(review=review, changed_at=at)
        record_audit(action="set_desk", by=by, at=at, on=desk, organ=organ, fields=["review"])
    desk.refresh_from_db()
    return desk


def add_template(*, organ: Organ, title: str, text: str, by: User, at: datetime) -> ReplyTemplate:
    """Keep a template for replies of an organ and all below it."""
    demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=organ)
    text = clean_text(text, place="模板", most=3000, least=4)
    title = one_line(title, most=60)
    if not title:
        raise QiguanError("模板没有名字", place="模板", remedy="写几个字，好认出它")
    with transaction.atomic():
        template = ReplyTemplate.objects.create(organ=organ, title=title, text=text, added_at=at)
        record_audit(action="add_reply_template", by=by, at=at, on=template, organ=organ)
    return template


def remove_template(*, template: ReplyTemplate, by: User, at: datetime) -> None:
    """Take a template away."""
    demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=template.organ)
    with transaction.atomic():
        record_audit(action="remove_reply_template", by=by, at=at, on=template, organ=template.organ)
        template.delete()


def issue_order_key(*, desk: Desk, by: User, at: datetime) -> str:
    """Return a new key for the 12345 system of the place, shown once; the one before stops working."""
    demand_role(by, Role.SUPERVISOR, organ=desk.organ)
    key = secrets.token_urlsafe(32)
    with transaction.atomic():
        Desk.objects.filter(pk=desk.pk).update(order_key=stored(key))
        record_audit(action="issue_order_key", by=by, at=at, on=desk, organ=desk.organ)
    return key
