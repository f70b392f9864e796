"""A made province of n accounts, written straight into the tables: what the scale benchmarks read."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime, timedelta
from random import Random

os.environ.setdefault("QIGUAN_DATA", tempfile.mkdtemp(prefix="qiguan-bench-"))
os.environ["DJANGO_SETTINGS_MODULE"] = "qiguan.config.settings"
os.environ["QIGUAN_ALLOWED_HOSTS"] = "testserver"
AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
PLATFORMS = ["wechat_mp"] * 6 + ["weibo", "douyin", "toutiao", "wechat_channels"]
PLACES = "南昌九江赣州吉安宜春抚州上饶萍乡新余鹰潭景德示例东例西例北例"
SUBJECTS = [
    "教育",
    "公安",
    "民政",
    "司法",
    "财政",
    "人社",
    "水利",
    "农业",
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


def build(accounts: int, *, posts: int = 1, days: int = 60, standings: bool = True) -> None:
    """Make `accounts` accounts in some 3,000 organs; `posts` posts each over `days` days, under a complete source."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from django.db import connection, transaction

    from qiguan.collection.models import CoverageSpan, Post, Source
    from qiguan.people.actions import add_user, found_organ, found_organs
    from qiguan.people.models import Organ
    from qiguan.register.actions.accounts import index_accounts
    from qiguan.register.actions.bulk import insert_rows
    from qiguan.register.models import Account

    if Account.objects.count() >= accounts:
        return  # made by an earlier run over the same database
    dice = Random(1)
    root = found_organ(name="示例省人民政府", parent=None, level="province", sort="place", by=None, at=AT)
    add_user(username="bench", shown_name="bench", password="bench-bench", roles=[(root, "supervisor")], by=None, at=AT)
    organs: list[Organ] = []
    for c in range(11):
        city = found_organ(name=f"{PLACES[2 * c : 2 * c + 2]}市人民政府", parent=root, level="city", sort="place", by=None, at=AT)
        for k in range(10):
            county = found_organ(
                name=f"{city.name[:2]}第{k}县人民政府", parent=city, level="county", sort="place", by=None, at=AT
            )
            organs += found_organs(wanted=[(f"{county.name[:5]}{s}局", county, "county") for s in SUBJECTS], by=None, at=AT)
    step = max(100, min(10_000, 500_000 // max(1, posts)))  # accounts at once: their posts are held in memory
    for start in range(0, accounts, step):
        with transaction.atomic():
            rows = []
            for n in range(start, min(start + step, accounts)):
                organ = organs[n % len(organs)]
                name = f"{organ.name[:5]}{SUBJECTS[n % 20]}{n}"
                rows.append(
                    Account(
                        pk=n + 1, platform=PLATFORMS[n % 10], platform_id=f"id{n}", name=name, name_key=name, owner=organ, owner_path=organ.path,
                        scope="listed" if n % 17 == 0 else "national", opened_on=AT.date() - timedelta(days=2000), registered_at=AT, changed_at=AT,
                    )
                )  # fmt: skip
            _insert(Account, rows)
            index_accounts(rows, fresh=True)
            sources = [
                Source(
                    pk=a.pk, account=a, connector="rss", url=f"https://example.invalid/{a.pk}", complete=dice.random() < 0.8, added_at=AT, next_at=AT,
                )
                for a in rows
            ]  # fmt: skip
            _insert(Source, sources)
            spans = [CoverageSpan(source=s, account=s.account, start=None, until=AT, read_at=AT) for s in sources if s.complete]
            _insert(CoverageSpan, spans)
            values = []
            for a in rows:
                stopped = dice.choice([0, 0, 0, 1, 2, 3, 5, 8, 11, 12, 13, 15, 20, 40, 100])
                for i in range(posts):
                    moment = AT - timedelta(days=stopped + i * days / posts, seconds=dice.randint(0, 80000))
                    values.append((a.pk, f"k{i}", "通知", "", moment, "second", "", moment, False))
            insert_rows(
                Post,
                ("account", "key", "title", "url", "published_at", "precision", "raw_date", "first_seen_at", "asked_about"),
                values,
            )
    _follow_ids([Account, Source])
    if standings:
        from qiguan.inspection.actions.standing import judge_all

        judge_all(at=AT)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _insert(model: type, made: list[object]) -> None:
    """Insert in one plan; keys given by hand stand, other keys are left to the database."""
    from qiguan.register.actions.bulk import insert_rows

    fields = [f for f in model._meta.concrete_fields if not (f.primary_key and made and getattr(made[0], f.attname) is None)]  # type: ignore[attr-defined]
    insert_rows(model, [f.name for f in fields], [[getattr(row, f.attname) for f in fields] for row in made])


def _follow_ids(models: list[type]) -> None:
    """Let the database's own counting go on after the keys given by hand."""
    from django.core.management.color import no_style
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
