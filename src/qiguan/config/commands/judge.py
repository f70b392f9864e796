"""`qiguan judge`: judge states again."""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--all` judges every account; without it, those with new facts and those whose time has come."""
    parser.add_argument("--all", action="store_true", help="全部账号重新判断")


def run(options: argparse.Namespace) -> int:
    """Judge and say how many."""
    from qiguan.config.commands.django_setup import start

    start()
    from qiguan.inspection.actions.standing import judge_all, judge_due, judge_touched
    from qiguan.jobs import clock

    at = clock.now()
    if options.all:
        n = judge_all(at=at, moved=lambda done, total: print(f"\r{done}/{total}", end="", file=sys.stderr, flush=True))
    else:
        n = judge_touched(at=at) + judge_due(at=at)
    print(f"重新判断{n}个账号")
    return 0
