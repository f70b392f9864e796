"""`qiguan export -o FILE`: the register as xlsx or csv; it reads back to the same values."""

from __future__ import annotations

import argparse
from pathlib import Path

from qiguan.core.errors import UnusableInput


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The output file and the organ."""
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="FILE", help="写到哪里：.xlsx 或 .csv")
    parser.add_argument("--organ", default="", help="只导出这个单位及其下属")


def run(options: argparse.Namespace) -> int:
    """Write the file."""
    if options.out.suffix.lower() not in {".xlsx", ".csv"}:
        raise UnusableInput(f"不会写{options.out.suffix or '没有后缀的文件'}", place="-o", remedy="请用.xlsx或.csv")
    from qiguan.config.commands.django_setup import start

    start()
    from qiguan.core.platforms import name_key
    from qiguan.people.models import within
    from qiguan.people.queries import organs_named
    from qiguan.register.models import Account
    from qiguan.register.queries.export import register_csv, register_xlsx

    accounts = Account.objects.all()
    if options.organ:
        organ = organs_named(name_key(options.organ)).first()
        if organ is None:
            raise UnusableInput(f"没有叫“{options.organ}”的单位", place="--organ", remedy="请核对单位名称")
        accounts = accounts.filter(within("owner_path", organ.path))
    write = register_xlsx if options.out.suffix.lower() == ".xlsx" else register_csv
    try:
        options.out.write_bytes(write(accounts))
    except OSError as error:
        raise UnusableInput(f"写不进{options.out}", place="-o", remedy="请换一个能写的位置") from error
    print(f"已导出{accounts.count()}个账号到{options.out}")
    return 0
