"""`qiguan import FILE`: import a register from the shell."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from qiguan.core.errors import UnusableInput

if TYPE_CHECKING:
    from qiguan.people.models import User
    from qiguan.register.models import SheetFile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, the sending organ, corrections of columns."""
    parser.add_argument("file", type=Path, metavar="FILE", help="登记表：xlsx、xls、ods、csv")
    parser.add_argument("--organ", default="", help="报送单位；第一次导入时新建为最上级单位")
    parser.add_argument("--level", default="city", choices=["province", "city", "county", "town"], help="新建单位的层级")
    parser.add_argument("--map", action="append", default=[], metavar="列=字段", help="指定某一列是什么，例如 --map 单位=owner")
    parser.add_argument("--by", default="", metavar="USER", help="以谁的名义导入（登录名）；不写则记为系统")
    parser.add_argument("--yes", action="store_true", help="不问，直接导入")
    parser.add_argument("--dry-run", action="store_true", help="只看会怎样读，不写入")
    parser.add_argument("--undo", action="store_true", help="撤销这个单位最近一次导入的同名文件")


def run(options: argparse.Namespace) -> int:
    """Read, say how it was read, ask where somebody sits before it, apply, judge."""
    if not options.undo and not options.file.is_file():
        raise UnusableInput(f"找不到{options.file}", place="FILE", remedy="请核对路径")
    from qiguan.config.commands.django_setup import start

    start()
    from qiguan.jobs import clock
    from qiguan.register.actions.books import head_of, undo_book
    from qiguan.register.actions.imports import choose_columns, receive_sheets
    from qiguan.register.models import SheetFile

    at, by = clock.now(), _user(options.by)
    organ = _organ(options)
    if options.undo:
        last = SheetFile.objects.filter(organ=organ, name=options.file.name, state=SheetFile.State.APPLIED).first()
        if last is None:
            raise UnusableInput(f"没有已导入的“{options.file.name}”", place="FILE", remedy="请核对文件名和单位")
        head = undo_book(head=head_of(last), by=by, at=at, moved=_progress)
        print(f"已撤销{last.name}")
        for note in [note for file in head.sheets for note in file.notes]:
            print(f"  {note}")
        return 0
    try:
        data = options.file.read_bytes()
    except OSError as error:
        raise UnusableInput(f"读不了{options.file}", place="FILE", remedy="请核对文件的权限") from error
    chosen = _mapping(options.map)
    for file in receive_sheets(organ=organ, name=options.file.name, data=data, by=by, at=at):
        _one(choose_columns(file=file, chosen=chosen, by=by, at=at) if chosen else file, options, by, at)
    return 0


def _one(file: SheetFile, options: argparse.Namespace, by: User | None, at: datetime) -> None:
    """Show one sheet and import it."""
    from qiguan.inspection.actions.standing import judge_accounts
    from qiguan.register.actions.imports import apply_file, plan_file
    from qiguan.register.models import SheetRow

    plan = plan_file(file)
    print(f"{file.name}{f' 工作表“{plan.sheet.name}”' if plan.sheet.name else ''}：")
    for column, code in plan.columns.mapping.items():
        print(f"  {plan.columns.headers[column]} → {code}（{plan.columns.why.get(column, '')}）")
    _some([str(p) for p in plan.problems], "处")
    _some([f"第{p.row.number}行 {p.row.values['name']}：{p.why}" for p in plan.rows if p.why], "行要确认")
    if plan.founds:
        print(f"  会新建{len(plan.founds)}个单位：" + "、".join(list(plan.founds)[:10]) + ("……" if len(plan.founds) > 10 else ""))
    print("  将会：" + _words(plan.counts))
    if options.dry_run or not _agreed(options):
        file.delete()
        print("  没有写入")
        return
    apply_file(file=file, by=by, at=at, moved=_progress)
    print(f"{file.name}：{_words(file.counts)}")
    ids = SheetRow.objects.filter(file=file, fate__in=["created", "changed"]).values_list("account_id", flat=True)
    judge_accounts([i for i in ids if i], at=at)


def _some(lines: list[str], unit: str) -> None:
    for line in lines[:20]:
        print(f"  {line}", file=sys.stderr)
    if len(lines) > 20:
        print(f"  ……共{len(lines)}{unit}", file=sys.stderr)


def _agreed(options: argparse.Namespace) -> bool:
    """Ask where a person sits before it; a script has said so by running the command."""
    if options.yes or not sys.stdin.isatty():
        return True
    return input("  导入吗？[y/N] ").strip().lower() in {"y", "yes", "是"}


def _user(name: str) -> User | None:
    from qiguan.people.models import User

    if not name:
        return None
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise UnusableInput(f"没有登录名“{name}”", place="--by", remedy="用 qiguan user 新建，或核对登录名")
    return user


def _progress(done: int, total: int) -> None:
    if total > 2000:
        print(f"\r{done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _words(counts: dict[str, int]) -> str:
    from qiguan.register.models import SheetRow

    words = dict(SheetRow.Fate.choices)
    return "，".join(f"{words[k]}{n}" for k, n in counts.items()) or "没有行"


def _mapping(pairs: list[str]) -> dict[str, str]:
    from qiguan.core.columns import BY_CODE

    chosen = {}
    for pair in pairs:
        header, sep, code = pair.partition("=")
        if not sep or (code and code not in BY_CODE):
            raise UnusableInput(f"“{pair}”读不懂", place="--map", remedy="写成 列=字段，字段有：" + "、".join(BY_CODE))
        chosen[header] = code
    return chosen


def _organ(options: argparse.Namespace):  # type: ignore[no-untyped-def]
    from qiguan.core.platforms import name_key
    from qiguan.jobs import clock
    from qiguan.people.actions import found_organ
    from qiguan.people.models import Organ
    from qiguan.people.queries import organs_named

    roots = Organ.objects.filter(parent=None)
    if not options.organ:
        if roots.count() == 1:
            return roots.get()
        raise UnusableInput("没有写报送单位", place="--organ", remedy="例如 --organ 示例市人民政府")
    known = organs_named(name_key(options.organ)).first()
    if known is not None:
        return known
    if roots.exists():
        raise UnusableInput(
            f"没有叫“{options.organ}”的单位",
            place="--organ",
            remedy="已有：" + "、".join(o.name for o in Organ.objects.all()[:20]),
        )
    return found_organ(name=options.organ, parent=None, level=options.level, sort=Organ.Sort.PLACE, by=None, at=clock.now())
