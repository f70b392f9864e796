"""A citizen's word that an account posted: link and time, nothing about the citizen."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.db import transaction

from qiguan.collection.actions.touched import touch_accounts
from qiguan.collection.models import Sighting
from qiguan.core.days import day_of, end_of
from qiguan.core.errors import UnusableInput
from qiguan.core.platforms import PLATFORM_NAMES, id_from_link, is_on_platform
from qiguan.core.written_dates import PostedAt, Unreadable, parse_day, parse_posted
from qiguan.intake.actions.allow import Rate, demand_room
from qiguan.intake.actions.form_keys import use_form_key
from qiguan.net.guard import sendable
from qiguan.register.models import Account, AccountAlias

FORM = "sighting"
OF_VISITOR = Rate(20, timedelta(hours=1))  # an office or a household may share one address
OF_ACCOUNT = Rate(60, timedelta(hours=1))
MOST_URL = 1000
_CLOCKS = timedelta(minutes=10)  # a phone's clock and ours
_LINK = re.compile(r"https?://[^\s<>\"“”，。；、）】]+", re.IGNORECASE)  # apps copy a link with words round it
_PLACE = "链接"


def send_sighting(
    *, account: Account, said: str, day: str, clock_time: str, form_key: str, visitor: str, at: datetime, now: datetime
) -> bool:
    """Take what a citizen wrote in the form; False where this very form was taken before.

    `at` is business time, `now` machine time. Raises QiguanError for what cannot be used, TooMany where it comes too densely.
    """
    demand_room(what=FORM, who=visitor, rate=OF_VISITOR, now=now)
    demand_room(what=f"{FORM} of account", who=str(account.pk), rate=OF_ACCOUNT, now=now)
    url = link_of(said, account=account)
    posted = _posted(day, clock_time, at)
    with transaction.atomic():
        if not use_form_key(what=FORM, key=form_key, now=now):
            return False
        record_sighting(account=account, url=url, posted_at=posted.at, day_precise=posted.precision == "day", at=at)
    return True


def record_sighting(*, account: Account, url: str, posted_at: datetime, day_precise: bool = False, at: datetime) -> Sighting:
    """Keep the word: it proves life and never silence. The same link and time again is the same word.

    Known to the day only, the post counts to the end of its day, or to `at` where that is earlier: nobody saw a later one.
    """
    link = sendable(url)
    if not link:
        raise UnusableInput("链接不对", place=_PLACE, remedy="请复制那一篇的完整链接")
    if len(link) > MOST_URL:
        raise UnusableInput("链接太长", place=_PLACE, remedy="请用平台的“复制链接”，不要带别的内容")
    moment = min(posted_at, at) if day_precise else posted_at
    if moment > at or posted_at > end_of(day_of(at)):
        raise UnusableInput("时间在将来", place="时间", remedy="请核对那一篇的发布时间")
    precision = "day" if day_precise else "minute"
    with transaction.atomic():
        known = Sighting.objects.filter(account=account, url=link, posted_at=moment, precision=precision).first()
        if known is not None:
            return known
        sighting = Sighting.objects.create(account=account, at=at, posted_at=moment, precision=precision, url=link)
        touch_accounts([account.pk], at)
    return sighting


def link_of(said: str, *, account: Account) -> str:
    """Return the link in what was pasted. It must stand where the account's posts stand: nobody is sent anywhere else."""
    found = _LINK.search(said[: MOST_URL * 4])
    link = sendable(found[0]) if found else ""
    host = (urlsplit(link).hostname or "") if link else ""
    if not link or not _is_name(host):
        raise UnusableInput("没有看到链接", place=_PLACE, remedy="请打开那一篇，用“复制链接”，再粘贴到这里")
    platform = PLATFORM_NAMES.get(account.platform, account.platform)
    if not is_on_platform(account.platform, host):
        raise UnusableInput(f"这不是{platform}的链接", place=_PLACE, remedy=f"请在{platform}里打开那一篇，再复制链接")
    named = id_from_link(link)
    if named is not None and named[1] not in _ids_of(account) and _is_anothers(named, account):
        raise UnusableInput("这是另一个账号的链接", place=_PLACE, remedy="请核对账号，或从那个账号的查询结果进来")
    return link


def _is_name(host: str) -> bool:
    """Say whether a host is a name with a domain: not an address, not a machine of somebody's own network."""
    try:
        ip_address(host)
    except ValueError:
        return "." in host.strip(".") and not host.rstrip(".").rpartition(".")[2].isdecimal()
    return False


def _ids_of(account: Account) -> set[str]:
    return {account.platform_id, *AccountAlias.objects.filter(account=account).values_list("value", flat=True)}


def _is_anothers(named: tuple[str, str], account: Account) -> bool:
    platform, value = named
    others = Account.objects.filter(platform=platform).exclude(pk=account.pk)
    aliases = AccountAlias.objects.filter(value=value).values("account")
    return others.filter(platform_id=value).exists() or others.filter(pk__in=aliases).exists()


def _posted(day: str, clock_time: str, at: datetime) -> PostedAt:
    found = parse_day(day.strip()[:40])
    if not isinstance(found, date):
        words = found.message if isinstance(found, Unreadable) else "没有写日期"
        raise UnusableInput(words, place="发布日期", remedy="请写那一篇上的日期，例如2026年9月30日")
    if found > day_of(at):
        raise UnusableInput("日期在将来", place="发布日期", remedy="请核对那一篇的发布日期")
    posted = parse_posted(f"{found.isoformat()} {clock_time.strip()[:8]}".strip(), at=at)
    if posted is None:
        raise UnusableInput("时间读不出来", place="发布时间", remedy="请写成15:20，或者不填")
    if posted.precision != "day" and posted.at > at:
        if posted.at - at > _CLOCKS:
            raise UnusableInput("时间在将来", place="发布时间", remedy="请核对那一篇的发布时间，或者不填")
        return PostedAt(at, posted.precision, posted.raw)
    return posted
