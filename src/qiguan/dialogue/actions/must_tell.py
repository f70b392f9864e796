"""必须告知: an emergency, the law or a deadline that touches rights, with its basis named; at most two a month and place.

The receipt is a link that the machine finds among what it reads anyway. Nobody is chased, nothing is counted, no assessment
reads these tables.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse

from qiguan.collection.models import Post
from qiguan.core.days import day_of, start_of
from qiguan.core.errors import QiguanError
from qiguan.core.likely import pairs_of
from qiguan.core.plain_text import clean_text, one_line
from qiguan.dialogue.models import MustTell, MustTellReceipt
from qiguan.net.guard import sendable
from qiguan.people.actions import record_audit
from qiguan.people.models import Membership, Organ, Role, User, within
from qiguan.people.outbox.queueing import queue_notice
from qiguan.people.queries import demand_role

A_MONTH = 2
_LOOKS_BACK = timedelta(days=45)
_ALIKE = 6_000  # of 10,000: the share of the title's pairs that a post's title holds


def send_must_tell(
    *, organ: Organ, basis: str, basis_words: str, title: str, text: str, until: date, link: str = "", by: User, at: datetime
) -> MustTell:
    """Send a notice to the units of a place. Raises QiguanError for the third in a month, or without a basis."""
    demand_role(by, Role.SUPERVISOR, organ=organ)
    if basis not in MustTell.Basis.values:
        raise QiguanError(
            "没有选依据", place="依据", remedy="只有突发事件、法律要求、涉及权利的期限才用“必须告知”；别的请放供稿池"
        )
    words = clean_text(basis_words, place="依据写明", most=200, least=4)
    title = one_line(title, most=120)
    if len(title) < 4:
        raise QiguanError("没有写标题", place="标题", remedy="写清楚要告诉大家什么")
    text = clean_text(text, place="内容", most=3000, least=10)
    url = sendable(link.strip()) if link.strip() else ""
    if link.strip() and not url:
        raise QiguanError("网址不完整", place="原文链接", remedy="请写https://开头的完整网址，或者不填")
    if until < day_of(at):
        raise QiguanError("日期已经过了", place="告知到哪天为止", remedy="请写今天或以后的日期")
    with transaction.atomic():
        Organ.objects.select_for_update().get(pk=organ.pk)  # two at once are counted one after the other
        first = start_of(day_of(at).replace(day=1))
        if MustTell.objects.filter(organ=organ, sent_at__gte=first).count() >= A_MONTH:
            raise QiguanError(
                f"这个月已经发过{A_MONTH}次", place="必须告知", remedy="放进供稿池，由各单位自愿采用；确有突发事件的走应急渠道"
            )
        notice = MustTell.objects.create(
            organ=organ, basis=basis, basis_words=words, title=title, text=text, link=url, until=until, sent_at=at, sent_by=by
        )
        record_audit(action="send_must_tell", by=by, at=at, on=notice, organ=organ, fields=[basis])
        people = Membership.objects.filter(
            within("organ__path", organ.path), role__in=[Role.UNIT_ADMIN, Role.OPERATOR]
        ).select_related("user")
        for user in {m.user_id: m.user for m in people if m.in_force(day_of(at)) and m.user.is_active}.values():
            queue_notice(
                to=user, kind="must_tell", key=notice.public_id, title=f"必须告知：{title}"[:200], lines=[f"依据：{notice.get_basis_display()}，{words}"],
                link=reverse("must_tell"), by=by, at=at,
            )  # fmt: skip
    return notice


def find_receipts(*, at: datetime) -> int:
    """Look for posts that told a notice: they name its link, or bear its title; return how many links are new."""
    fresh = 0
    for notice in MustTell.objects.filter(sent_at__gte=at - _LOOKS_BACK).select_related("organ"):
        wanted = pairs_of(notice.title)
        known = set(notice.receipts.values_list("account_id", flat=True))
        posts = Post.objects.filter(
            within("account__owner_path", notice.organ.path), published_at__gte=notice.sent_at - timedelta(days=1)
        ).exclude(account__in=known)
        found: dict[int, Post] = {}
        for post in posts.order_by("published_at").only("account_id", "title", "url", "published_at").iterator(chunk_size=2000):
            shared = len(wanted & pairs_of(post.title)) * 10_000 // max(len(wanted), 1)
            if (shared >= _ALIKE or (notice.link and post.url == notice.link)) and post.account_id not in found:
                found[post.account_id] = post
        rows = [
            MustTellReceipt(notice=notice, account_id=a, link=p.url, posted_at=p.published_at or at) for a, p in found.items()
        ]
        fresh += len(rows)
        MustTellReceipt.objects.bulk_create(rows, ignore_conflicts=True)
    return fresh
