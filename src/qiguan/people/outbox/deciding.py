"""What was not delivered, and what a person decides about it: send again, it was received, let it be."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, Subquery

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.jobs import clock
from qiguan.people.actions import record_audit
from qiguan.people.models import Membership, Role, User, any_within
from qiguan.people.outbox.models import Delivery, DeliveryQuerySet, NoticeTarget
from qiguan.people.queries import memberships_of

DECIDES = (Role.SUPERVISOR, Role.UNIT_ADMIN)
State = Delivery.State


def deliveries_seen_by(user: User) -> DeliveryQuerySet:
    """Return the deliveries to people in the organs that the user manages; everything for the installation's administrator."""
    everything = Delivery.objects.all()
    if user.is_superuser:
        return everything
    paths = [m.organ.path for m in memberships_of(user, roles=DECIDES)]
    people = Membership.objects.filter(any_within(["organ__path"], paths)).values("user")
    return everything.filter(notice__to__in=people)


def unreachable_people(user: User) -> list[tuple[User, list[str]]]:
    """Return whom no way reaches: each way they have set ended its last delivery as failed. With the words of the ways, by name.

    The message in the product is there; whoever has set no way at all reads it there and is not listed.
    """
    last = Delivery.objects.filter(target=OuterRef("pk"), state__in=[State.SENT, State.FAILED]).order_by("-pk")
    people = deliveries_seen_by(user).filter(state=State.FAILED).values("notice__to")
    ways = NoticeTarget.objects.filter(removed_at=None, user__in=people, user__is_active=True).select_related("user")
    found: dict[User, list[tuple[str, str]]] = {}
    for way in ways.annotate(last=Subquery(last.values("state")[:1])).order_by("user__shown_name", "pk"):
        found.setdefault(way.user, []).append((way.last or "", way.get_kind_display()))
    return [(person, [word for _, word in tried]) for person, tried in found.items() if all(s == State.FAILED for s, _ in tried)]


def decide_delivery(*, delivery: Delivery, do: str, by: User, at: datetime) -> None:
    """Decide about a delivery that failed or is in doubt: `again`, `received` or `drop`. Two people decide once."""
    if not deliveries_seen_by(by).filter(pk=delivery.pk).exists():
        raise NotPermitted("这条消息不归您处理", remedy="请联系收件人的单位管理员", code="forbidden")
    states = {"again": State.WAITING, "received": State.SENT, "drop": State.DROPPED}
    if do not in states:
        raise QiguanError("没有这个操作", place="送达情况", remedy="请刷新页面")
    with transaction.atomic():
        open_ = Delivery.objects.filter(pk=delivery.pk, state__in=[State.FAILED, State.IN_DOUBT])
        if do == "again":
            # a new claim will be made: a late word of the old sender no longer counts
            changed = open_.filter(target__removed_at=None).update(
                state=State.WAITING, attempts=0, next_at=clock.machine_now(), claim="", error="", done_at=None, decided_by=by
            )
        else:
            changed = open_.update(state=states[do], done_at=at, decided_by=by)
        if not changed:
            raise QiguanError("这条消息已经处理过了", place="送达情况", remedy="请刷新页面", code="conflict")
        record_audit(action=f"{do}_delivery", by=by, at=at, on=delivery, fields=["state"])
