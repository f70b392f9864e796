"""What was not delivered, and what a person decides about it: send again, it was received, let it be."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.jobs import clock
from qiguan.people.actions import record_audit
from qiguan.people.models import Membership, Role, User, any_within
from qiguan.people.outbox.models import Delivery, DeliveryQuerySet
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
