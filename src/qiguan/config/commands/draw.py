"""`qiguan draw --verify LIST SEED`: anyone redoes a published draw from the list and the public number. No database."""

from __future__ import annotations

import argparse
from pathlib import Path

from qiguan.core.errors import UnusableInput
from qiguan.core.question_list import fingerprint, read_list
from qiguan.core.sampling import RULE

_LARGEST = 20_000_000  # bytes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The list, the number, and what was published of both."""
    parser.add_argument("--verify", nargs=2, required=True, metavar=("LIST", "SEED"), help="公布的编号名单和开出的号码")
    parser.add_argument("--hash", default="", metavar="sha256:…", help="公布的名单指纹，不一致就退出1")
    parser.add_argument("--drawn", default="", metavar="N,N,…", help="公布的抽中编号，不一致就退出1")


def run(options: argparse.Namespace) -> int:
    """Print the fingerprint and the numbers drawn; 1 where they are not what was published. Unusable input raises QiguanError (exit 2)."""
    name, seed = options.verify
    path = Path(name)
    if not path.is_file():
        raise UnusableInput(f"找不到{name}", place="LIST", remedy="请核对路径")
    if path.stat().st_size > _LARGEST:
        raise UnusableInput("文件太大，不是编号名单", place="LIST", remedy="请用公布页上下载的那个文件")
    data = path.read_bytes()
    found = read_list(data)
    if not seed.strip():
        raise UnusableInput("没有写号码", place="SEED", remedy="请写开出的号码")
    told, drawn = fingerprint(data.decode()), found.draw(seed.strip())
    words = dict(found.questions)
    print(f"名单指纹\t{told}")
    for number in drawn:
        print(f"{number}\t{words[number]}")
    print(f"抽法\t{RULE}")
    wrong = []
    if options.hash and options.hash.strip().lower() != told:
        wrong.append("名单指纹与公布的不一致")
    if options.drawn and [n.strip() for n in options.drawn.replace("，", ",").split(",")] != drawn:
        wrong.append("抽中的编号与公布的不一致")
    for line in wrong:
        print(f"不一致\t{line}")
    return 1 if wrong else 0
