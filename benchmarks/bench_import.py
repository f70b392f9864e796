"""Import of a register of 100,000 rows, from the bytes of an xlsx to accounts, beside openpyxl with Django's own writing.

Rows a CPU-second, wall, peak memory and the longest write transaction; `QIGUAN_DATABASE_URL` chooses the database. The
peers write the same accounts without matching, history, search pieces or undo: row by row as django-import-export does
(look up, validate, save), and by `bulk_create`. Goals: 60 s wall on two cores, no write transaction over 250 ms (SQLite).
"""

from __future__ import annotations

import io
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from random import Random

os.environ.setdefault("QIGUAN_DATA", tempfile.mkdtemp(prefix="qiguan-bench-"))
os.environ["DJANGO_SETTINGS_MODULE"] = "qiguan.config.settings"
ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
SAVED, BULK = min(ROWS, 2_000), min(ROWS, 20_000)  # the peers are measured on fewer rows: their rates hardly depend on the number
AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
HEADERS = ["序号", "账号名称", "平台", "账号ID", "主办单位", "主管单位", "开设时间", "链接", "功能类型", "人员", "状态", "联系人", "联系电话"]  # fmt: skip
PLATFORMS = ["微信公众号", "政务微信", "微信", "新浪微博", "抖音号", "今日头条号", "微信视频号"]
SUBJECTS = [
    "教育",
    "公安",
    "民政",
    "司法",
    "财政",
    "人社",
    "水利",
    "农业农村",
    "商务",
    "文旅",
    "卫健",
    "应急",
    "审计",
    "统计",
    "医保",
    "税务",
    "气象",
    "消防",
    "法院",
    "交通",
]
SYLLABLES = "南东西北安宁昌平和清永新丰吉泰宜兴乐德明光云江河湖山石玉金龙凤"
DAYS = ("{0.year}.{0.month}.{0.day}", "{0.year}年{0.month}月{0.day}日", "{0:%Y/%m/%d}", "{0:%Y%m%d}")


def made_register(rows: int) -> list[list[str]]:
    """Rows as offices write them: some 5,000 organs, several spellings of platforms and days, every account once."""
    dice = Random(3)
    places = [f"示例{a}{b}县" for a in SYLLABLES for b in SYLLABLES if a != b][:250]
    register = []
    for n in range(rows):
        place, subject = places[dice.randrange(250)], dice.choice(SUBJECTS)
        platform = PLATFORMS[n % 7]
        given = f"gh_{n:012x}" if n % 7 < 3 else f"{1_000_000_000 + n}"
        day = date(2012, 1, 1) + timedelta(days=dice.randrange(5000))
        register.append([
            str(n + 1), f"{place[:4]}{subject}{dice.choice(('发布', '在线', '之窗', '微服务'))}{n}", platform, given, f"{place}{subject}局",
            f"{place}人民政府", DAYS[n % 4].format(day), f"https://example.invalid/{n}", ("发布类", "服务类", "兼有")[n % 3],
            ("专职", "兼职")[n % 2], ("在用", "正常运行")[n % 2], f"示例联系人{n % 500}", f"139{n:08d}",
        ])  # fmt: skip
    return register


def workbook(register: list[list[str]]) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_urls": False}) as book:
        page = book.add_worksheet("登记表")
        page.write(0, 0, "示例省政务新媒体登记表")
        for number, row in enumerate([HEADERS, *register], 1):
            page.write_row(number, 0, row)
    return out.getvalue()


class Transactions:
    """The longest outermost write transaction, from its start to the end of its commit."""

    longest = 0.0  # seconds of wall
    busiest = 0.0  # seconds of this thread's CPU: what it would take on an idle machine
    count = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch every transaction within."""
        from django.db import connection
        from django.db.transaction import Atomic

        enter, leave, started = Atomic.__enter__, Atomic.__exit__, [0.0, 0.0]

        def entered(atomic: Atomic) -> None:
            outermost = not connection.in_atomic_block
            enter(atomic)
            if outermost:
                started[:] = time.perf_counter(), time.thread_time()  # once the lock is held: waiting for others is not ours

        def left(atomic: Atomic, *error: object) -> None:
            leave(atomic, *error)
            if not connection.in_atomic_block:
                self.count += 1
                self.longest = max(self.longest, time.perf_counter() - started[0])
                self.busiest = max(self.busiest, time.thread_time() - started[1])

        Atomic.__enter__, Atomic.__exit__ = entered, left  # type: ignore[method-assign]
        try:
            yield
        finally:
            Atomic.__enter__, Atomic.__exit__ = enter, leave  # type: ignore[method-assign]


def cost(do: Callable[[], object]) -> tuple[float, float]:
    """Return CPU seconds of this process and wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    do()
    return time.process_time() - cpu, time.perf_counter() - wall


def peer_rows(data: bytes) -> Iterator[dict[str, object]]:
    import openpyxl

    codes = dict(zip(PLATFORMS, ["wechat_mp"] * 3 + ["weibo", "douyin", "toutiao", "wechat_channels"], strict=True))
    page = openpyxl.load_workbook(io.BytesIO(data), read_only=True)["登记表"]
    for row in page.iter_rows(min_row=3, values_only=True):
        yield {"name": row[1], "name_key": row[1], "platform": codes[str(row[2])], "platform_id": f"peer{row[3]}", "link": row[7]}


def row_by_row(data: bytes, organ: object) -> None:
    """What django-import-export does for each row: look up, fill, validate, save, in one transaction."""
    from django.db import transaction

    from qiguan.register.models import Account

    with transaction.atomic():
        for values in islice(peer_rows(data), SAVED):
            account = Account.objects.filter(platform=values["platform"], platform_id=values["platform_id"]).first() or Account()
            for field, value in values.items():
                setattr(account, field, value)
            account.owner, account.owner_path = organ, organ.path  # type: ignore[assignment,attr-defined]
            account.registered_at = account.changed_at = AT
            account.full_clean(exclude=["owner", "functions"])
            account.save()


def in_bulk(data: bytes, organ: object) -> None:
    from qiguan.register.models import Account

    Account.objects.bulk_create(
        [
            Account(**values, owner=organ, owner_path=organ.path, registered_at=AT, changed_at=AT)
            for values in islice(peer_rows(data), BULK)
        ],  # type: ignore[attr-defined]
        batch_size=500,
    )


def main() -> None:
    import django

    data = workbook(made_register(ROWS))
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from django.db import connection

    from qiguan.people.actions import found_organ
    from qiguan.register.actions.imports import apply_file, read_file, receive_file
    from qiguan.register.models import Account

    organ = found_organ(name="示例省人民政府", parent=None, level="province", sort="place", by=None, at=AT)
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    longest = Transactions()
    parts = {}
    with longest.watched():
        file = receive_file(organ=organ, name="登记.xlsx", data=data, later=True, by=None, at=AT)
        parts["read and previewed"] = cost(lambda: read_file(file=file, by=None, at=AT))
        parts["imported"] = cost(lambda: apply_file(file=file, by=None, at=AT))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert Account.objects.count() == ROWS, file.counts
    cpu, wall = (sum(p[i] for p in parts.values()) for i in (0, 1))
    print(f"Import of {ROWS} rows, xlsx of {len(data) / 1e6:.1f} MB, {connection.vendor}:")
    for name, (c, w) in parts.items():
        print(f"  {name:<22} {c:6.1f} s CPU {w:6.1f} s wall")
    print(
        f"  together               {cpu:6.1f} s CPU {wall:6.1f} s wall (goal 60)  {ROWS / cpu:,.0f} rows a CPU-second"
        f"  peak memory {peak:.0f} MB (from {base:.0f})"
        f"\n  longest of {longest.count} write transactions {longest.longest * 1000:.0f} ms (goal 250 on SQLite), the busiest {longest.busiest * 1000:.0f} ms of CPU"
    )
    again = receive_file(organ=organ, name="登记.xlsx", data=data, later=True, by=None, at=AT)
    read_file(file=again, by=None, at=AT)
    same = cost(lambda: apply_file(file=again, by=None, at=AT))
    print(f"  the same file again    {same[0]:6.1f} s CPU {same[1]:6.1f} s wall  {again.counts}")
    print(f"  (load of the machine {os.getloadavg()[0]:.1f})", flush=True)
    saved = SAVED / cost(lambda: row_by_row(data, organ))[0]
    Account.objects.filter(platform_id__startswith="peer").delete()
    bulk = BULK / cost(lambda: in_bulk(data, organ))[0]
    print(f"  openpyxl, row by row   {saved:8,.0f} rows a CPU-second: ratio {ROWS / cpu / saved:.1f}×")
    print(f"  openpyxl, bulk_create  {bulk:8,.0f} rows a CPU-second: ratio {ROWS / cpu / bulk:.1f}×")


if __name__ == "__main__":
    main()
