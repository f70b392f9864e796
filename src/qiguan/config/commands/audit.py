"""`qiguan audit verify`: verify the chain over the audit log; `seal` seals what waits. Exit 0 whole, 1 broken."""

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
    parser.add_argument("what", choices=["verify", "seal"], help="verify 核验整条链；seal 立即封存等待的条目")
    parser.add_argument(
        "--export", type=Path, metavar="OUT.jsonl", help="写出每个封条和条目的文本与摘要（不含个人信息），供在外留存"
    )
    parser.add_argument(
        "--anchor", default="", metavar="N:sha256:…", help="在外留存的封条（编号:摘要）；核对它还在链上，能发现整条链被重写或截短"
    )
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


def _moved(entries: int) -> None:
    print(f"\r{entries}", end="", file=sys.stderr, flush=True)
