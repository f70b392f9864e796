"""Parts of the test of a killed sender, each a process of its own: `found N HOOK`, `send [WHERE]`, `mend`, `settle IDS…`, `report`."""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import UTC, datetime, timedelta

import django
from django.conf import settings

settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(os.environ["SMTP_PORT"])
settings.EMAIL_USE_SSL = settings.EMAIL_USE_TLS = False
settings.DEFAULT_FROM_EMAIL = "qiguan@example.invalid"
settings.EMAIL_TIMEOUT = 3
django.setup()

from qiguan.jobs import clock
from qiguan.people.models import User
from qiguan.people.outbox import sending
from qiguan.people.outbox.deciding import decide_delivery
from qiguan.people.outbox.models import Delivery
from qiguan.people.outbox.queueing import queue_notice
from qiguan.people.outbox.targets import add_target

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def found(n: int, hook: str) -> None:
    User.objects.create(username="admin", is_superuser=True)
    for i in range(n):
        user = User.objects.create(username=f"u{i}")
        add_target(kind="email", address=f"u{i}@example.invalid", by=user, at=AT)
        add_target(kind="webhook", address=f"{hook}/{i}", by=user, at=AT)
        queue_notice(to=user, kind="warning", key="2026-09-16", title="题", lines=["行"], link="/", by=None, at=AT)


def send(where: str) -> None:
    if where == "after_claim":
        sending._results = die
    elif where == "before_marking":
        sending.settle = die
    elif where == "after_marking_one":
        original = sending.settle

        def once(*args: object, **more: object) -> None:
            original(*args, **more)
            die()

        sending.settle = once
    print("ready", flush=True)
    sending.send_due_notices(at=AT)


def report() -> None:
    rows = Delivery.objects.order_by("pk").values_list("public_id", "target__kind", "state", "doubts")
    troubled = list(Delivery.objects.troubled().values_list("public_id", flat=True))
    print(json.dumps({"rows": list(rows), "troubled": troubled}))


def expire() -> None:
    now = clock.machine_now()
    Delivery.objects.filter(state="claimed").update(lease_until=now - timedelta(seconds=1))
    Delivery.objects.filter(state="waiting").update(next_at=now)


def settle(got: list[str]) -> None:
    """A person looks who got it, and decides."""
    for delivery in Delivery.objects.filter(state="in_doubt"):
        do = "received" if delivery.public_id in got else "again"
        decide_delivery(delivery=delivery, do=do, by=User.objects.get(username="admin"), at=AT)


if __name__ == "__main__":
    word, *rest = sys.argv[1:]
    if word == "found":
        found(int(rest[0]), rest[1])
    elif word == "send":
        send(rest[0] if rest else "")
    else:  # one line of report for what was found, one for what it became
        report()
        if word == "settle":
            settle(rest)
        if word != "report":
            expire()
            sending.send_due_notices(at=AT)
            expire()
            sending.send_due_notices(at=AT)
        report()
