"""`qiguan check`: a register, saved feeds and human checks in; every account's state out. No database, no network."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from qiguan.core.check_point import parse_at
from qiguan.core.errors import UnusableInput
from qiguan.core.pack import pack_in_force


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """REGISTER and the options of the issue."""
    parser.add_argument("register", type=Path, metavar="REGISTER", help="登记表：xlsx、xls、ods、csv")
    parser.add_argument("--feeds", type=Path, metavar="DIR", help="采集保存的文件夹：每个账号一个 <账号ID>.xml、.json 或 .html")
    parser.add_argument("--checks", type=Path, metavar="FILE", help="人工核查表")
    parser.add_argument("--at", required=True, metavar="ISO8601", help="监测时间点；只写日期表示当日24:00")
    parser.add_argument("--observed-at", metavar="ISO8601", help="采集的时间；不写就是监测时间点")
    parser.add_argument("--assume-complete", action="store_true", help="假定保存的内容是完整的；这个假定会印在报告和证据里")
    parser.add_argument("--pack", default="national", metavar="NAME", help="规则包，默认national")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="结果文件夹")


def run(options: argparse.Namespace) -> int:
    """Do the work; return 0. Unusable input raises UnusableInput (exit 2)."""
    at = parse_at(options.at)
    observed = parse_at(options.observed_at, place="--observed-at") if options.observed_at else at
    pack = pack_in_force(options.pack, at)
    for path, name in ((options.register, "REGISTER"), (options.feeds, "--feeds"), (options.checks, "--checks")):
        if path is not None and not path.exists():
            raise UnusableInput(f"找不到{path}", place=name, remedy="请核对路径")
        if path is not None and path.is_dir() and name != "--feeds":
            raise UnusableInput(f"{path}是文件夹，不是表格", place=name, remedy="请写表格文件的路径")
    if options.feeds is not None and not options.feeds.is_dir():
        raise UnusableInput(f"{options.feeds}不是文件夹", place="--feeds", remedy="请写采集结果所在的文件夹")
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnusableInput(f"不能写入{options.out}", place="-o", remedy="请换一个能写的文件夹") from error
    from qiguan.config.saved_check import Inputs, check_register

    lines, outcome = check_register(
        Inputs(options.register, options.feeds, options.checks, at, observed, options.assume_complete, pack), moved=_progress
    )
    _start_templates()
    from qiguan.publication.render import check_bulletin
    from qiguan.publication.render import check_report as report

    try:
        report.write_csv(lines, options.out / "accounts.csv")
        report.write_html(lines, outcome, options.out / "report.html")
        bulletin = check_bulletin.bulletin_of(lines, outcome)
        check_bulletin.write_docx(bulletin, options.out / "bulletin.docx")
        check_bulletin.write_xlsx(bulletin, options.out / "bulletin.xlsx")
    except OSError as error:
        raise UnusableInput(f"写不进{options.out}", place="-o", remedy="请关闭正打开的结果文件，或换一个文件夹") from error
    _say(lines, outcome.problems, options, at)
    return 0


def _start_templates() -> None:
    """Templates need no project settings: no data folder is made, no database is named.

    `qiguan.publication` is no app here: its models would want the whole project. Only its folder of templates is named.
    """
    import django
    from django.conf import settings

    if not settings.configured:
        folder = Path(str(files("qiguan.publication").joinpath("templates")))
        settings.configure(
            INSTALLED_APPS=["django.contrib.staticfiles", "qiguan.ui"],
            TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [folder], "APP_DIRS": True}],
            USE_TZ=True,
            TIME_ZONE="Asia/Shanghai",
            LANGUAGE_CODE="zh-hans",
        )
    django.setup()


def _progress(done: int, total: int) -> None:
    if total > 2000 and sys.stderr.isatty():
        print(f"\r{done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _say(lines: Sequence[object], problems: Sequence[str], options: argparse.Namespace, at: datetime) -> None:
    from qiguan.core.days import day_of
    from qiguan.core.written_dates import SHANGHAI
    from qiguan.publication.render.check_report import CheckLine, counts_of, longest_silences

    known = [line for line in lines if isinstance(line, CheckLine)]
    print(f"{len(known)}个账号，监测时间点{at.astimezone(SHANGHAI).isoformat()}")
    for state, n in counts_of(known).items():
        print(f"  {state.value:<13}{state.word}  {n}")
    verdicts = {word: sum(line.verdict == word for line in known) for word in ("合格", "不合格", "未能判定")}
    print("  " + "，".join(f"{word}{n}" for word, n in verdicts.items()))
    longest = longest_silences(known)
    if longest:
        print("静默最久：")
    for line in longest:
        last = f"{day_of(line.last_post_at)}" if line.last_post_at else "从未发布"
        print(f"  {line.days_silent}天  {line.account}（{line.platform_word}，{line.owner or '未写主办单位'}）最近{last}")
    if options.assume_complete:
        print("假定：保存的采集结果是完整的（--assume-complete）。")
    if problems:
        print(f"登记表和核查表有{len(problems)}处要改，见report.html；头几处：", file=sys.stderr)
        for problem in problems[:5]:
            print(f"  {problem}", file=sys.stderr)
    print(f"已写入{options.out}：accounts.csv、report.html、bulletin.docx、bulletin.xlsx")
