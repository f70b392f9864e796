"""The command line: words to commands. `qiguan check` needs neither Django nor a database."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from qiguan.core.errors import QiguanError

# word → (module with `add_arguments(parser)` and `run(options) -> int`, one line)
COMMANDS = {
    "check": (
        "qiguan.config.commands.check",
        "从登记表和保存的采集结果得出每个账号的状态（不需要数据库） / register in, states out",
    ),
    "demo": ("qiguan.config.commands.demo", "演示城市“示例市”：一条命令装好并启动 / the demonstration town"),
    "replay": ("qiguan.config.commands.replay", "示例市的一年，几分钟演完 / a year of the demonstration town in minutes"),
    "run": ("qiguan.config.commands.run", "启动网页、后台任务和采集 / serve pages, jobs and polling"),
    "migrate": ("qiguan.config.commands.migrate", "建立或更新数据库 / create or update the database"),
    "import": ("qiguan.config.commands.import_register", "导入登记表 / import a register"),
    "export": ("qiguan.config.commands.export_register", "导出登记表 / export the register"),
    "poll": ("qiguan.config.commands.poll", "采集一轮 / poll what is due"),
    "judge": ("qiguan.config.commands.judge", "重新判断账号状态 / judge states again"),
    "chase": ("qiguan.config.commands.chase", "整改：发通知、到期前催办、过期转上一级 / chase what is to be put right"),
    "classify": (
        "qiguan.config.commands.classify",
        "归类：发布内容的主题、留言该转给谁，一行一条（不需要数据库） / sort posts or messages",
    ),
    "round": ("qiguan.config.commands.round", "检查批次：发起、抽签、检查、定案、查看 / rounds of inspection"),
    "user": ("qiguan.config.commands.user", "新建登录账户 / add a log-in"),
    "audit": ("qiguan.config.commands.audit", "核验操作记录 / verify the audit chain"),
    "agent": ("qiguan.config.commands.agent", "单位侧采集程序 / the unit's own collector"),
    "bulletin": ("qiguan.config.commands.bulletin", "通报：拟稿、审签、送单位看、印发 / the bulletin, step by step"),
    "site": ("qiguan.config.commands.site", "公开页面写成静态网页 / the public half as static pages"),
    "draw": ("qiguan.config.commands.draw", "群众出题：照公布的名单和号码重抽一遍（不需要数据库） / redo a published draw"),
    "docs": ("qiguan.config.commands.docs", "生成文档 / write generated documents"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code. Unusable input is told in a sentence and exits with 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qiguan.config.settings")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="qiguan", description="齐管 Qiguan")
    words = parser.add_subparsers(dest="word", metavar="WORD", required=True)
    chosen: dict[str, Callable[[argparse.Namespace], int]] = {}
    for word, (module, line) in COMMANDS.items():
        sub = words.add_parser(word, help=line, description=line)
        if word in arguments[:1]:  # load only what is asked for: `check` must start fast and without Django
            command = import_module(module)
            command.add_arguments(sub)
            chosen[word] = command.run
    options = parser.parse_args(arguments)
    try:
        return chosen[options.word](options)
    except QiguanError as error:
        print(f"qiguan {options.word}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0
