"""The account list at 180,000 accounts: server time with HTML, any one filter, any order, the first 200 pages and beyond; and the nightly pass.

`QIGUAN_DATABASE_URL` chooses the database. Goals: p95 under 150 ms; the pass 2 s for 5,000 due, 10 s for 30,000.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import timedelta
from random import Random

from province import AT, PLATFORMS, build

ACCOUNTS = int(sys.argv[1]) if len(sys.argv) > 1 else 180_000


def timed(client: object, path: str) -> tuple[float, float]:
    """Milliseconds of wall and of this process's CPU (with SQLite that is all; PostgreSQL's own is not in it)."""
    start, cpu = time.perf_counter(), time.process_time()
    answer = client.get(path)  # type: ignore[attr-defined]
    assert answer.status_code == 200, path
    return (time.perf_counter() - start) * 1000, (time.process_time() - cpu) * 1000


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def list_times() -> None:
    from django.test import Client

    from qiguan.jobs import clock
    from qiguan.people.models import Organ, User

    clock.now = lambda: AT  # type: ignore[assignment]
    client = Client()
    client.force_login(User.objects.get(username="bench"))
    dice = Random(2)
    place = Organ.objects.filter(level="county", sort="place").first()
    filters = [
        "",
        "state=active",
        "state=overdue",
        "state=unknown",
        "platform=wechat_mp",
        "platform=weibo",
        "level=county",
        "scope=listed",
        "scope=national",
        f"place={place.public_id}",
        "q=南昌",
        "q=教育",
        "q=税务12",
    ]
    timed(client, "/office/accounts/")
    for kind in ("first page", "pages 2-200", "by key"):
        times = {}
        for kept in filters:
            for sort in ("name", "-name", "owner", "-owner", "silence", "-silence", "line", "-line"):
                more = (
                    ""
                    if kind == "first page"
                    else f"&page={dice.randint(2, 200)}"
                    if kind == "pages 2-200"
                    else "&after=1780000000:90000"
                    if "name" not in sort and "owner" not in sort
                    else "&after=h:90000"
                )
                times[f"{kept}&sort={sort}{more}"] = timed(client, f"/office/accounts/?{kept}&sort={sort}{more}")
        worst = max(times, key=times.__getitem__)
        wall, cpu = ([t[i] for t in times.values()] for i in (0, 1))
        print(
            f"  {kind:<12} p95 {p95(wall):5.0f} ms (CPU {p95(cpu):.0f})  median {sorted(wall)[len(wall) // 2]:5.0f} (CPU {sorted(cpu)[len(cpu) // 2]:.0f})"
            f"  worst {times[worst][0]:.0f} (CPU {times[worst][1]:.0f}, {worst})"
        )
    pages = {name: timed(client, f"/office/{name}/") for name in ("overview", "silence", "coverage")}
    print("  " + "   ".join(f"{name} {wall:.0f} ms (CPU {cpu:.0f})" for name, (wall, cpu) in pages.items()))
    print(f"  (load of the machine {os.getloadavg()[0]:.1f})")


def nightly() -> None:
    from qiguan.inspection.actions.standing import judge_due
    from qiguan.inspection.models import Standing

    for due, goal in ((5_000, 2), (30_000, 10)):
        Standing.objects.update(look_again_at=AT + timedelta(days=30))
        ids = list(Standing.objects.order_by("pk").values_list("pk", flat=True)[::5][:due])
        for i in range(0, len(ids), 500):
            Standing.objects.filter(pk__in=ids[i : i + 500]).update(look_again_at=AT)
        start = time.perf_counter()
        done = judge_due(at=AT + timedelta(hours=1))
        print(f"  nightly pass {done:>6} due of {Standing.objects.count()}: {time.perf_counter() - start:.1f} s (goal {goal} s)")


if __name__ == "__main__":
    begun = time.perf_counter()
    build(ACCOUNTS)
    from django.db import connection

    print(
        f"Account list, {ACCOUNTS} accounts, {connection.vendor} (made in {time.perf_counter() - begun:.0f} s, platforms {len(set(PLATFORMS))}):"
    )
    list_times()
    nightly()
