"""`qiguan migrate`: create or update the database."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def run(options: argparse.Namespace) -> int:
    """Apply migrations."""
    from qiguan.config.commands.django_setup import start

    start()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    print("数据库已就绪。")
    return 0
