"""群众供稿和勘误: taken with consent, decided with a reason, credited as the giver wished."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qiguan.core.errors import UnusableInput
from qiguan.intake.actions.allow import demand_room
from qiguan.intake.actions.form_keys import use_form_key
from qiguan.net.guard import sendable
from qiguan.people.actions import record_audit
from qiguan.people.models import User
from qiguan.register.models import Account
from qiguan.topics.actions.deciding import demand_decider
from qiguan.topics.codes import code_for, hash_of
from qiguan.topics.models import Contribution
from qiguan.topics.words import MOST_TEXT, OF_ACCOUNT, OF_VISITOR, take_text

GIVE = "topic contribution"


def give_contribution(
    *, account: Account, sort: str, text: str, about: str = "", credit: str = "", consents: bool, form_key: str, visitor: str,
    at: datetime, now: datetime,
) -> str:  # fmt: skip
    """Store a citizen's text once and return its code; the same form again returns the same code."""
    code = code_for(form_key)
    if Contribution.objects.filter(code_hash=hash_of(code)).exists():
        return code
    demand_room(what=GIVE, who=visitor, rate=OF_VISITOR, now=now)
    demand_room(what=f"{GIVE} to account", who=str(account.pk), rate=OF_ACCOUNT, now=now)
    if sort not in Contribution.Sort.values:
        raise UnusableInput("没有选", place="给的是什么", remedy="请选供稿、勘误或翻译")
    kept = take_text(text, place="内容", most=MOST_TEXT, lines=True)
    if not any(letter.isalnum() for letter in kept):
        raise UnusableInput("还没有写", place="内容", remedy="请写您要给的文字")
    if not consents:
        raise UnusableInput("没有同意", place="同意", remedy="同意由单位编辑后使用，才能收下；不同意就不要提交")
    named = take_text(credit, place="署名", most=40)
    meant = take_text(about, place="哪一篇", most=1000)
    if sort != Contribution.Sort.TEXT and not meant:
        raise UnusableInput("没有写哪一篇", place="哪一篇", remedy="请写那一篇的标题，或贴链接")
    with transaction.atomic():
        if use_form_key(what=GIVE, key=form_key, now=now):
            Contribution.objects.create(
                account=account, sort=sort, text=kept, about=meant, credit=named, code_hash=hash_of(code), given_at=at
            )
    return code


def use_contribution(*, contribution: Contribution, url: str = "", by: User, at: datetime) -> None:
    """Say that it was used, where; the public page then thanks the giver by the name they wished."""
    link = sendable(url.strip()[:1000])
    if url.strip() and not link:
        raise UnusableInput("链接不对", place="用在哪", remedy="请复制那一篇的完整链接")
    _decide(
        contribution, by, at, "use_contribution", state=Contribution.State.USED, used_url=link or "", why_not="", released_at=at
    )


def decline_contribution(*, contribution: Contribution, why: str, by: User, at: datetime) -> None:
    """Say why it was not used; only the giver reads it."""
    reason = take_text(why, place="没有采用的原因", most=300)
    if len(reason) < 4:
        raise UnusableInput("没有写原因", place="没有采用的原因", remedy="请写清为什么，供稿人看得到")
    _decide(contribution, by, at, "decline_contribution", state=Contribution.State.DECLINED, why_not=reason, released_at=None)


def _decide(contribution: Contribution, by: User, at: datetime, action: str, **values: object) -> None:
    with transaction.atomic():
        demand_decider(by, contribution.account)
        Contribution.objects.filter(pk=contribution.pk).update(decided_at=at, **values)
        record_audit(action=action, by=by, at=at, on=contribution, organ=contribution.account.owner)
