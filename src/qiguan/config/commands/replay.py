"""`qiguan replay OUT/`: a year of the invented 示例市 in minutes, its figures, its documents and its public pages."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import date
from pathlib import Path

from qiguan.core.errors import UnusableInput


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The folder, and for a shorter story the days and how many accounts."""
    parser.add_argument("out", type=Path, metavar="OUT", help="写到哪个文件夹：数据、文书、公开网页都在里面")
    parser.add_argument(
        "--from", dest="first", type=date.fromisoformat, default=None, metavar="DAY", help="从哪天开始（默认2025-10-09）"
    )
    parser.add_argument(
        "--to", dest="last", type=date.fromisoformat, default=None, metavar="DAY", help="到哪天为止（默认2026-10-08）"
    )
    parser.add_argument("--accounts", type=int, default=80, metavar="N", help="最多多少个账号")
    parser.add_argument("--seed", type=int, default=2026, help="同一个数，同一年")


def run(options: argparse.Namespace) -> int:
    """Replay, print the outcome figures, write documents and pages."""
    out: Path = options.out
    data = out / "data"
    if (data / "qiguan.sqlite3").exists():
        raise UnusableInput(f"{data}里已有数据", place="OUT", remedy="请给一个新的文件夹")
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnusableInput(f"写不进{out}：{type(error).__name__}", place="OUT", remedy="请换一个能写的位置") from error
    os.environ["QIGUAN_DATA"] = str(data)
    os.environ.pop("QIGUAN_DATABASE_URL", None)  # a made year never goes into a database that somebody works with
    from qiguan.config.commands import migrate

    migrate.run(options)
    from qiguan.config.demo.year import FIRST_DAY, LAST_DAY, replay
    from qiguan.config.demo.year_papers import outcome_words, write_papers
    from qiguan.jobs import clock
    from qiguan.publication.site import write_site

    begun = clock.monotonic()
    first, last = options.first or FIRST_DAY, options.last or LAST_DAY
    if not date(2025, 7, 1) <= first < last <= date(2026, 12, 1):
        raise UnusableInput("日子要在2025-07-01到2026-12-01之间", place="--from、--to", remedy="请改一个日子")
    year = replay(
        first=first, last=last, most=options.accounts, seed=options.seed, moved=lambda day: print(f"\r{day}", end="", file=sys.stderr, flush=True)
    )  # fmt: skip
    print(file=sys.stderr)
    for line in outcome_words(year):
        print(line)
    papers = write_papers(year, out / "documents")
    written = write_site(out / "site")
    print(f"文书{papers}份：{out / 'documents'}\n公开网页{written.pages}页：{out / 'site'}")
    print(f"用时{clock.monotonic() - begun:.0f}秒。登录后看这一年：QIGUAN_DATA={data} QIGUAN_CLOCK_OFFSET={_offset()} qiguan run")
    return 0


def _offset() -> str:
    """The business clock as the replay left it, in whole seconds."""
    return str(int(float(os.environ["QIGUAN_CLOCK_OFFSET"])))
