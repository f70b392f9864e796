"""Record what only a person can find 人工发现的问题, with its proof; or that it was looked for and is not there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction

from qiguan.archive.actions import store_blob
from qiguan.collection.actions.screenshots import without_exif
from qiguan.collection.actions.touched import touch_accounts
from qiguan.collection.models import HumanFinding
from qiguan.core.errors import NotPermitted, UnusableInput
from qiguan.core.rule import all_rules
from qiguan.people.actions import record_audit
from qiguan.people.models import Role, User
from qiguan.people.queries import has_role
from qiguan.register.models import Account

_LINK = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True, slots=True)
class Found:
    """What a supervisor states. `is_there` False: looked for and not found, or put right."""

    rule: str
    words: str
    seen_at: datetime
    is_there: bool = True
    link: str = ""


def record_finding(
    *, account: Account, found: Found, client_key: str, screenshot: bytes = b"", by: User | None, at: datetime
) -> HumanFinding:
    """Keep a finding; the account is judged again. The same `client_key` again returns the one already kept.

    Raises UnusableInput, by field, where the rule is none that people decide, nothing is described, no proof is given for
    a problem, or the day lies ahead; NotPermitted for anyone but a supervisor of the account.
    """
    if by is not None and not any(has_role(by, Role.SUPERVISOR, organ=o) for o in (account.owner, account.supervisor) if o):
        raise NotPermitted("只有监管员能登记人工发现的问题", place=account.name, remedy="请联系监管员", code="forbidden")
    if not client_key or len(client_key) > 40:
        raise UnusableInput("这张表没有编号", place="client_key", remedy="请重新打开这一页")
    known = HumanFinding.objects.filter(client_key=client_key).first()
    if known is not None:
        if known.account_id != account.pk:
            raise UnusableInput("这个编号已经用在别的账号上", place=account.name, remedy="请重新打开这一页")
        return known
    words = _demand_sense(found, bool(screenshot), at)
    digest = store_blob(data=without_exif(screenshot), media_type="image/jpeg", at=at).digest if screenshot else ""
    with transaction.atomic():
        kept, made = HumanFinding.objects.get_or_create(
            client_key=client_key,
            defaults={
                "account": account, "rule": found.rule, "found": found.is_there, "at": min(found.seen_at, at), "by": by, "words": words, "link": found.link, "proof": digest,
                "stored_at": at,
            },
        )  # fmt: skip
        if made:
            touch_accounts([account.pk], at)
            record_audit(
                action="record_finding", by=by, at=at, on=kept, organ=account.owner, fields=["rule", "found", "words", "proof"]
            )
    return kept


def _demand_sense(found: Found, has_proof: bool, at: datetime) -> str:
    """Return the description, tidied."""
    rule = all_rules().get(found.rule)
    if rule is None or not rule.by_hand:
        raise UnusableInput("没有选是哪一类问题", place="问题", remedy="请从列表里选")
    words = " ".join(found.words.split())
    if not words:
        raise UnusableInput("没有写看到了什么", place="看到了什么", remedy="写清哪一篇、哪一处、什么问题")
    if len(words) > 300 or not words.isprintable():
        raise UnusableInput("太长，或有不能用的字符", place="看到了什么", remedy="请写在300字以内")
    if found.is_there and not has_proof:
        raise UnusableInput("没有附截图", place="截图", remedy="没有证据不能记成问题；请截图后再登记")
    if found.seen_at > at and found.seen_at.date() > at.date():
        raise UnusableInput("看到的日期还没有到", place="哪天看到的", remedy="请核对日期")
    if found.link:
        try:
            _LINK(found.link)
        except ValidationError as error:
            raise UnusableInput("链接写得不对", place="链接", remedy="以http://或https://开头，没有就不填") from error
    return words
