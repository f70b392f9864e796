"""Parts of the test of a killed poller, each a process of its own: `found N BASE`, `poll`, `count`."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

import django
from django.conf import settings

if os.environ.get("TEST_DATABASE"):
    settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
django.setup()

from django.core.management import call_command

from qiguan.collection.actions.polls import poll_due
from qiguan.collection.models import CoverageSpan, Poll, Post, Source
from qiguan.jobs import clock
from qiguan.net.door import Limits
from qiguan.people.actions import found_organ
from qiguan.register.models import Account

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


def found(n: int, base: str) -> None:
    if not os.environ.get("TEST_DATABASE"):
        call_command("migrate", verbosity=0)
    owner = found_organ(name="示例市人民政府", parent=None, level="city", by=None, at=AT)
    accounts = Account.objects.bulk_create(
        Account(platform="wechat_mp", platform_id=f"k{i}", name=f"k{i}", name_key=f"k{i}", owner=owner, owner_path=owner.path, registered_at=AT, changed_at=AT)
        for i in range(n)
    )  # fmt: skip
    Source.objects.bulk_create(
        Source(account=a, connector="rss", url=f"{base}/{a.platform_id}", next_at=AT, added_at=AT, complete=True)
        for a in accounts
    )


def count() -> None:
    read, leased = Source.objects.filter(outcome="ok"), Source.objects.exclude(owner="")
    print(read.count(), leased.count(), Post.objects.count(), CoverageSpan.objects.count(), Poll.objects.count())
    leased.update(next_at=clock.machine_now())  # as if the lease had run out


if __name__ == "__main__":
    word, *rest = sys.argv[1:]
    if word == "found":
        found(int(rest[0]), rest[1])
    elif word == "count":
        count()
    else:
        poll_due(at=AT, limits=Limits(per_host=20), moved=lambda done: print(done, flush=True))
