"""`qiguan migrate`: create or update the database, and seed the official calendar."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def run(options: argparse.Namespace) -> int:
    """Apply migrations; fill an empty calendar with the years that are known."""
    from qiguan.config.commands.django_setup import start

    start()
    from django.core.management import call_command
    from django.db import connection

    from qiguan.core.calendar import seed
    from qiguan.inspection.models import Standing
    from qiguan.jobs.models import WorkingDay

    call_command("migrate", interactive=False, verbosity=0)
    with connection.cursor() as cursor:  # an index made anew has no statistics, and the account list takes the wrong one
        cursor.execute(f"ANALYZE {Standing._meta.db_table}")
    if not WorkingDay.objects.exists():
        rows = [WorkingDay(day=day, is_working=working, note=note) for day, working, note in seed()]
        WorkingDay.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    print("数据库已就绪。")
    return 0
