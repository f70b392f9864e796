"""`qiguan site OUT/`: the public half as static pages, for an existing portal."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from qiguan.core.errors import UnusableInput


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The folder, and where on the portal it will lie."""
    parser.add_argument("out", type=Path, metavar="OUT", help="写到哪个文件夹")
    parser.add_argument("--base", default="/", help="放在门户网站的哪个路径下，如/qiguan/")
    parser.add_argument("--host", default="localhost", help="门户网站的域名，写在订阅里")


def run(options: argparse.Namespace) -> int:
    """Write the pages and say how many."""
    if options.out.exists() and not options.out.is_dir():
        raise UnusableInput(f"{options.out}不是文件夹", place="OUT", remedy="请给一个文件夹")
    from qiguan.config.commands.django_setup import start

    start()
    from qiguan.publication.site import write_site

    try:
        options.out.mkdir(parents=True, exist_ok=True)
        written = write_site(
            options.out,
            base=options.base,
            host=options.host,
            moved=lambda n: print(f"\r{n}", end="", file=sys.stderr, flush=True),
        )
    except OSError as error:
        raise UnusableInput(f"写不进{options.out}：{type(error).__name__}", place="OUT", remedy="请换一个能写的位置") from error
    print(f"\n写了{written.pages}页、{written.files}个文件到{options.out}")
    for url in written.missing[:20]:
        print(f"没有这一页：{url}", file=sys.stderr)
    return 1 if written.missing else 0
