"""The nightly pass over the accounts that are due, and a full recomputation over five years of posts.

Beside them, in the same run, the plain way: one account after the other through the mapper, its standing saved as an object.
`python benchmarks/bench_night.py [ACCOUNTS]`: 30,000 unless told. Run: make bench.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import timedelta

import province

POSTS, DAYS = 1000, 1825  # of an account with five years
PLAIN = 300


def measured(work: Callable[[], int]) -> tuple[int, float, float]:
    """Return what the work counted, its wall seconds and its CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    n = work()
    return n, time.perf_counter() - wall, time.process_time() - cpu


def one_by_one(ids: list[int], at: object) -> int:
    """Judge each account for itself, as its page does, and save the row."""
    from qiguan.inspection.actions.standing import PackTable
    from qiguan.inspection.models import Standing
    from qiguan.inspection.queries.story import story_of
    from qiguan.register.models import Account

    packs = PackTable(at)  # type: ignore[arg-type]
    for pk in ids:
        account = Account.objects.select_related("owner").get(pk=pk)
        story = story_of(account, pack=packs.of(account), at=at)  # type: ignore[arg-type]
        row = Standing.objects.get(pk=pk)
        row.state, row.because = story.judged.state.value, story.judged.because[:300]
        row.save()
    return len(ids)


def ids_of(n: int) -> list[int]:
    from qiguan.inspection.models import Standing

    return list(Standing.objects.order_by("pk").values_list("pk", flat=True)[:n])


def add_posts(ids: list[int]) -> None:
    """Give each account five years of posts."""
    from django.db import connection, transaction

    stamp, key = connection.ops.adapt_datetimefield_value, connection.ops.quote_name("key")
    moments = [stamp(province.AT - timedelta(days=i * DAYS / POSTS, seconds=i)) for i in range(POSTS)]
    sql = f"INSERT INTO collection_post (account_id, {key}, title, url, published_at, precision, raw_date, first_seen_at, asked_about) VALUES (%s,%s,'通知','',%s,'second','',%s,%s)"
    for pk in ids:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(sql, [(pk, f"five{i}", moment, moment, False) for i, moment in enumerate(moments)])


def main() -> int:
    accounts = int(sys.argv[1]) if len(sys.argv) > 1 else 30_000
    province.build(accounts, posts=2, standings=True)
    from django.db import connection

    from qiguan.inspection.actions.standing import judge_accounts, judge_due
    from qiguan.inspection.models import Standing

    print(f"Nightly pass, {accounts} accounts, {connection.vendor}, one process:")
    later = province.AT + timedelta(hours=12)
    ids = ids_of(PLAIN)
    _, wall, cpu = measured(lambda: one_by_one(ids, later))
    plain = cpu / PLAIN
    print(f"  one by one          {plain * 1e3:8.2f} ms of CPU an account")
    for due in (5_000, 30_000):
        if due > accounts:
            continue
        chosen = Standing.objects.order_by("?").values("pk")[:due]
        Standing.objects.update(look_again_at=later + timedelta(days=9))
        Standing.objects.filter(pk__in=list(chosen.values_list("pk", flat=True))).update(look_again_at=later)
        n, wall, cpu = measured(lambda: judge_due(at=later))
        print(
            f"  {n:>7,} due         {wall:8.2f} s wall, {cpu:.2f} s CPU, {cpu / n * 1e3:.3f} ms an account: {plain * n / cpu:.1f}x one by one"
        )
    few = ids_of(min(1_000, accounts))
    add_posts(few)
    n, wall, cpu = measured(lambda: judge_accounts(few, at=later))
    print(
        f"Full recomputation, {n} accounts with {POSTS} posts in five years: {wall:.1f} s wall, {cpu:.1f} s CPU; 5,000 would take {wall / n * 5000:.1f} s (goal 60 s)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
