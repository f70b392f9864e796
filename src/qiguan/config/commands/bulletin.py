"""`qiguan bulletin`: list, draft, approve, show, publish from the shell; each step by a named user, as on the page."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from qiguan.core.errors import UnusableInput

STEPS = {
    "list": "列出",
    "draft": "拟稿（给批次编号）",
    "word": "写出送审稿",
    "approve": "审签",
    "show": "送单位看",
    "publish": "印发",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The step, the round's or bulletin's number, and who does it."""
    parser.add_argument("step", choices=list(STEPS), help="、".join(f"{k} {v}" for k, v in STEPS.items()))
    parser.add_argument("number", nargs="?", default="", help="批次编号（draft）或通报编号")
    parser.add_argument("--by", default="", metavar="USER", help="谁来办：登录名")
    parser.add_argument("-o", "--out", type=Path, metavar="FILE", help="word：写到哪里")


def run(options: argparse.Namespace) -> int:
    """Do one step and say what came of it."""
    from qiguan.config.commands.django_setup import start

    start()
    from qiguan.jobs import clock
    from qiguan.people.models import User
    from qiguan.publication.models import Bulletin

    if options.step == "list":
        for b in Bulletin.objects.select_related("organ")[:200]:
            print(f"{b.public_id}  {b.get_stage_display()}  {b.organ.name}  {b.title}")
        return 0
    by = User.objects.filter(username=options.by, is_active=True).first()
    if by is None and options.step != "word":
        raise UnusableInput(
            f"没有登录名“{options.by}”" if options.by else "没有说由谁来办", place="--by", remedy="请给一个登录名"
        )
    return _do(options, by, clock.now())


def _do(options: argparse.Namespace, by: Any, at: Any) -> int:
    from qiguan.inspection.models import Round
    from qiguan.publication.actions.bulletins import approve_bulletin, draft_bulletin, show_to_units
    from qiguan.publication.actions.publishing import demand_no_contradiction, publish_bulletin
    from qiguan.publication.models import Bulletin
    from qiguan.publication.queries.values import draft_rows, values_of
    from qiguan.publication.render.bulletin_docx import bulletin_docx

    if options.step == "draft":
        round_ = Round.objects.filter(public_id=options.number).select_related("organ").first()
        if round_ is None:
            raise UnusableInput(f"没有批次{options.number}", place="批次编号", remedy="qiguan round show 可以看到编号")
        print(draft_bulletin(round_=round_, by=by, at=at).public_id)
        return 0
    bulletin = Bulletin.objects.filter(public_id=options.number).select_related("organ", "round").first()
    if bulletin is None:
        raise UnusableInput(f"没有通报{options.number}", place="通报编号", remedy="qiguan bulletin list 可以看到编号")
    if options.step == "word":
        out = options.out or Path(f"{bulletin.public_id}.docx")
        try:
            out.write_bytes(bulletin_docx(values_of(bulletin, draft_rows(bulletin, at=at), at=at)))
        except OSError as error:
            raise UnusableInput(f"写不进{out}", place="-o", remedy="请换一个能写的位置") from error
        print(f"已写到{out}")
    elif options.step == "approve":
        demand_no_contradiction(values_of(bulletin, draft_rows(bulletin, at=at), at=at))
        approve_bulletin(bulletin=bulletin, by=by, at=at)
        print("已审签")
    elif options.step == "show":
        print(f"各单位看到{show_to_units(bulletin=bulletin, by=by, at=at)}")
    else:
        moved = lambda done, total: print(f"\r{done}/{total}", end="", file=sys.stderr, flush=True)  # noqa: E731
        snapshot = publish_bulletin(bulletin=bulletin, by=by, at=at, moved=moved)
        print(f"已印发，快照{snapshot.digest}")
    return 0
