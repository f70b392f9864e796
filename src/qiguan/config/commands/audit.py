"""`qiguan audit verify`: verify the chain over the audit log; `seal` seals what waits; `erase` erases a person, by two others."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TextIO

from qiguan.core.errors import UnusableInput

_ANCHOR = re.compile(r"(\d{1,18}):(sha256:[0-9a-f]{64})")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, where to write, and what was kept outside."""
    parser.add_argument(
        "what", choices=["verify", "seal", "erase"], help="verify 核验整条链；seal 立即封存等待的条目；erase 依法抹除一个人"
    )
    parser.add_argument(
        "--export", type=Path, metavar="OUT.jsonl", help="写出每个封条和条目的文本与摘要（不含个人信息），供在外留存"
    )
    parser.add_argument(
        "--anchor", default="", metavar="N:sha256:…", help="在外留存的封条（编号:摘要）；核对它还在链上，能发现整条链被重写或截短"
    )
    parser.add_argument("username", nargs="?", default="", help="erase：抹除谁（登录名，先办离岗）")
    parser.add_argument("--basis", default="", metavar="CODE", help="erase的依据：pipl_47、court或archive_law")
    parser.add_argument("--document", default="", help="erase的依据文件：名称和文号")
    parser.add_argument("--asked-by", default="", metavar="USERNAME", help="erase：申请人的登录名")
    parser.add_argument("--approved-by", default="", metavar="USERNAME", help="erase：审批人的登录名，必须是另一位监管员")
    parser.add_argument("--no-record", action="store_true", help="不把这次核验记入操作记录（核验备份时用）")


def run(options: argparse.Namespace) -> int:
    """Verify and say count, time and the last seal, or the first broken link."""
    kept = _ANCHOR.fullmatch(options.anchor.strip())
    if options.anchor and kept is None:
        raise UnusableInput("读不出封条摘要", place="--anchor", remedy="请写成 编号:sha256:64位十六进制，照核验时打印的抄")
    from qiguan.config.commands.django_setup import start

    start()
    from qiguan.jobs import clock
    from qiguan.people.audit.sealing import seal_entries

    if options.what == "seal":
        print(f"封存了{seal_entries(at=clock.machine_now())}条")
        return 0
    if options.what == "erase":
        return _erase(options)
    anchor = (int(kept[1]), kept[2]) if kept else None
    if options.export is None:
        return _verify(anchor, None, not options.no_record)
    try:
        with options.export.open("w", encoding="utf-8") as out:
            return _verify(anchor, out, not options.no_record)
    except OSError as error:
        raise UnusableInput(f"写不进{options.export}", place="--export", remedy="请换一个能写的位置") from error


def _verify(anchor: tuple[int, str] | None, out: TextIO | None, record: bool) -> int:
    from qiguan.jobs import clock
    from qiguan.people.actions import record_audit
    from qiguan.people.audit.acts import record_verification
    from qiguan.people.audit.verifying import verify_chain

    began = clock.monotonic()
    write = (lambda line: out.write(line + "\n")) if out is not None else None
    result = verify_chain(anchor=anchor, write=write, moved=_moved if sys.stderr.isatty() else None)
    took = clock.monotonic() - began
    if record:
        record_verification(result=result, by=None, at=clock.now())
        if out is not None:
            record_audit(action="export_audit", by=None, at=clock.now(), count=max(result.entries, 1))
    print(
        f"核验{result.entries}条、{result.seals}个封条，用时{took:.1f}秒；依法抹除{result.erased}处，等待封存{result.unsealed}条"
    )
    if result.broken is not None:
        print(f"链断在{result.broken}")
        return 1
    if result.seals:
        print(f"完整。最新封条（可公布、可留存）：{result.last[0]}:{result.last[1]}")
    else:
        print("还没有封条。")
    return 0


def _erase(options: argparse.Namespace) -> int:
    """Ask and approve in one go, each under a name, as on the page; then verify."""
    from django.db import transaction

    from qiguan.jobs import clock
    from qiguan.people.audit.asking import ask_erasure, decide_erasure
    from qiguan.people.audit.sealing import seal_entries
    from qiguan.people.models import User

    found = {u.username: u for u in User.objects.filter(username__in=[options.username, options.asked_by, options.approved_by])}
    named = (("USERNAME", options.username), ("--asked-by", options.asked_by), ("--approved-by", options.approved_by))
    for place, name in named:
        if name not in found:
            raise UnusableInput(
                f"没有登录名“{name}”" if name else "没有写登录名", place=place, remedy="抹除要写明抹除谁、谁申请、谁审批"
            )
    gone, asks, decides = (found[name] for _, name in named)
    with transaction.atomic():
        asked = ask_erasure(user=gone, basis=options.basis, document=options.document, by=asks, at=clock.now())
        done = decide_erasure(request=asked, approve=True, by=decides, at=clock.now())
    seal_entries(at=clock.machine_now())
    if done.erasure is not None:
        print(f"已抹除{done.erasure.count}处，记在操作记录第{done.erasure.pk}条；每处留有摘要")
    return _verify(None, None, not options.no_record)


def _moved(entries: int) -> None:
    print(f"\r{entries}", end="", file=sys.stderr, flush=True)
