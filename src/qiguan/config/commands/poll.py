"""`qiguan poll`: poll what is due, once."""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--all` polls every enabled source, due or not."""
    parser.add_argument("--all", action="store_true", help="不论是否到时间，全部采集一遍")


def run(options: argparse.Namespace) -> int:
    """Poll, judge the accounts with new facts, and say what came of it."""
    from qiguan.config.commands.django_setup import start

    start()
    from qiguan.collection.actions.polls import poll_due
    from qiguan.collection.models import Source
    from qiguan.core.remedies import REMEDIES
    from qiguan.core.source import Outcome
    from qiguan.inspection.actions.standing import judge_touched
    from qiguan.jobs import clock

    if options.all:
        Source.objects.filter(enabled=True).update(next_at=clock.machine_now())
    total = Source.objects.filter(enabled=True, next_at__lte=clock.machine_now()).count()
    print(f"到时间的采集源{total}个")
    totals = poll_due(at=clock.now(), moved=lambda done: print(f"\r{done}/{total}", end="", file=sys.stderr, flush=True))
    new = totals.pop("new")
    print(f"\n新增{new}篇" if sys.stderr.isatty() else f"新增{new}篇")
    for outcome, n in sorted(totals.items(), key=lambda pair: -pair[1]):
        remedy = REMEDIES[Outcome(outcome)]
        print(f"  {n:>6}  {remedy.title}" + (f"（{remedy.who}：{remedy.remedy}）" if remedy.who else ""))
    judged = judge_touched(at=clock.now())
    print(f"重新判断{judged}个账号")
    return 0
