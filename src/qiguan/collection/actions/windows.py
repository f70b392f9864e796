"""窗口体检 by machine: the links of accounts' front doors, each tried about once a week over the one door."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from qiguan.archive.actions import store_blob
from qiguan.collection.models import WindowItem, WindowLook
from qiguan.connectors.pages import outcome_of_status
from qiguan.core.errors import NotPermitted, UnusableInput
from qiguan.core.source import Conversation, Outcome, Reading, Request
from qiguan.core.window import Part, by_machine, next_try, stumbles
from qiguan.jobs import clock
from qiguan.net.carry import Carried, carry
from qiguan.net.door import Door, Limits
from qiguan.net.guard import read_networks
from qiguan.people.actions import record_audit
from qiguan.people.models import Role, User
from qiguan.people.queries import has_role
from qiguan.register.models import Account

LEASE = timedelta(minutes=10)
MOST_ITEMS = 20  # of one account
BY_LINK = (Part.SERVICE, Part.MENU, Part.MINI_PROGRAM)  # parts that may have an address
_LINK = URLValidator(schemes=["http", "https"])


def add_window_item(*, account: Account, part: str, label: str, link: str, by: User | None, at: datetime) -> WindowItem:
    """Name a link of the front door; it is tried at the next turn. Raises UnusableInput by field, NotPermitted for strangers."""
    _demand_manager(account, by)
    label, link = " ".join(label.split()), link.strip()
    if part not in set(BY_LINK):
        raise UnusableInput("没有选是哪一项", place="哪一项", remedy="请从列表里选")
    if not label or len(label) > 60 or not label.isprintable():
        raise UnusableInput("没有写名称，或太长", place="名称", remedy="如：办事大厅，60字以内")
    try:
        _LINK(link)
    except ValidationError as error:
        raise UnusableInput("链接写得不对", place="链接", remedy="以http://或https://开头") from error
    with transaction.atomic():
        standing = WindowItem.objects.filter(account=account, removed_at=None)
        if standing.filter(part=part, label=label).exists():
            raise UnusableInput("已经有同名的一项", place="名称", remedy="换个名称，或先去掉原来的")
        if standing.count() >= MOST_ITEMS:
            raise UnusableInput(f"一个账号最多{MOST_ITEMS}项", place="名称", remedy="先去掉不用的")
        item = WindowItem.objects.create(
            account=account, part=part, label=label, link=link, added_at=at, added_by=by, next_at=clock.machine_now()
        )
        record_audit(action="add_window_item", by=by, at=at, on=item, organ=account.owner, fields=["part", "label", "link"])
    return item


def remove_window_item(*, item: WindowItem, by: User | None, at: datetime) -> None:
    """Take a link out of the check; what was seen stays."""
    _demand_manager(item.account, by)
    with transaction.atomic():
        if WindowItem.objects.filter(pk=item.pk, removed_at=None).update(removed_at=at, next_at=None):
            record_audit(action="remove_window_item", by=by, at=at, on=item, organ=item.account.owner)


def _demand_manager(account: Account, by: User | None) -> None:
    organs = [organ for organ in (account.owner, account.supervisor) if organ]
    if by is not None and not any(has_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=organ) for organ in organs):
        raise NotPermitted("您的角色不能改窗口项", place=account.name, remedy="请联系监管员", code="forbidden")


def check_windows(*, at: datetime, most: int = 200, limits: Limits | None = None) -> int:
    """Try the links that are due; return how many.

    1. Claim them: the claim pushes `next_at` ahead, so that no other worker takes them and a crash costs one lease. 2. Fetch
    them, two seconds apart at one host. 3. Store each answer, and when to try again.
    """
    now = clock.machine_now()
    held = _claim(now, most)
    if not held:
        return 0
    chosen = limits or Limits(
        total=20, body=512 * 1024, per_host=1, at_once=20, pause=0.0 if settings.NET_ALLOW_LOOPBACK else 2.0
    )
    for item, answer in zip(held, asyncio.run(_try_all(held, chosen)), strict=True):
        _store(item, answer, at=at, now=now)
    return len(held)


def _claim(now: datetime, most: int) -> list[WindowItem]:
    with transaction.atomic():
        due = WindowItem.objects.select_for_update().filter(removed_at=None, next_at__lte=now).order_by("next_at")[:most]
        held = list(due)
        WindowItem.objects.filter(pk__in=[item.pk for item in held]).update(next_at=now + LEASE)
    return held


async def _try_all(items: Sequence[WindowItem], limits: Limits) -> list[Carried]:
    own = read_networks(settings.NET_ALLOW_NETWORKS, place="QIGUAN_ALLOW_NETWORKS")
    async with Door(agent=settings.NET_AGENT, allow_loopback=settings.NET_ALLOW_LOOPBACK, allow=own, limits=limits) as door:
        return await asyncio.gather(*(carry(door, _open_page(item.link)) for item in items))


def _open_page(link: str) -> Conversation:
    """Ask for the page alone: what it says is none of our business here."""
    response = yield Request(link)
    return outcome_of_status(response) or Reading(Outcome.OK)


def _store(item: WindowItem, answer: Carried, *, at: datetime, now: datetime) -> None:
    outcome = answer.reading.outcome
    failures = stumbles(outcome, item.failures)
    works, because = by_machine(outcome, failures)
    digest = ""
    if works is False and answer.body:
        digest = store_blob(data=answer.body, media_type="application/octet-stream", at=at).digest
    with transaction.atomic():
        last = WindowLook.objects.filter(item=item).order_by("-last_at", "-pk").first()
        if last is not None and (last.works, last.outcome) == (works, outcome):
            last.last_at, last.times, last.because = at, last.times + 1, because[:100]
            last.save(update_fields=["last_at", "times", "because"])
        else:
            WindowLook.objects.create(
                item=item, works=works, outcome=outcome, because=because[:100], first_at=at, last_at=at, blob=digest
            )
        WindowItem.objects.filter(pk=item.pk).update(
            failures=failures, next_at=next_try(at=now, outcome=outcome, failures=failures)
        )
