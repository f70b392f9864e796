"""`qiguan demo`: the demonstration town 示例市, set up and served by one command. A restart keeps its data."""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

from qiguan.config.environment import data_folder, value


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--no-serve` only sets it up."""
    parser.add_argument("--no-serve", action="store_true", help="只建好数据，不启动")


def run(options: argparse.Namespace) -> int:
    """Found the town if it is not there, then serve pages, jobs, polling and the town's feeds."""
    from qiguan.config.commands import migrate
    from qiguan.config.commands.run import EVERYTHING, demand_free_port, parts, supervise

    if not options.no_serve:
        demand_free_port()
    os.environ["QIGUAN_ALLOW_LOOPBACK"] = "1"
    migrate.run(options)
    port, base = _town()
    if options.no_serve:
        return 0
    _say()
    feeds = [sys.executable, "-m", "qiguan.config.demo.feeds", str(port), base.isoformat()]
    return supervise([feeds, *parts(EVERYTHING)])


def _town() -> tuple[int, datetime]:
    """Found the town, or find it again; the feed server's port is moved where somebody else took it."""
    from qiguan.collection.models import Source
    from qiguan.config.demo.founding import found_town
    from qiguan.jobs import clock
    from qiguan.people.models import Organ

    kept = Path(data_folder() / "demo.json")
    if kept.exists() and Organ.objects.exists():
        memory = json.loads(kept.read_text(encoding="utf-8"))
        port, base = int(memory["port"]), datetime.fromisoformat(memory["base"])
        if not _is_free(port):
            new = _free_port()
            for source in Source.objects.filter(url__startswith=f"http://127.0.0.1:{port}/"):
                source.url = source.url.replace(f":{port}/", f":{new}/", 1)
                source.save(update_fields=["url"])
            port = new
    else:
        print("正在建示例市……")
        port, base = _free_port(), clock.now().astimezone(UTC).replace(microsecond=0)
        found_town(feeds=f"http://127.0.0.1:{port}", at=base)
    kept.write_text(json.dumps({"port": port, "base": base.isoformat()}), encoding="utf-8")
    return port, base


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _say() -> None:
    from qiguan.config.demo.founding import LOGINS, PASSWORD

    address = f"http://{value('QIGUAN_HOST')}:{value('PORT')}"
    print(
        f"\n示例市已就绪（数据在{data_folder()}，重启不丢）\n  公众  {address}/\n  登录  {address}/login/   密码都是 {PASSWORD}"
    )
    for name, word, _, organ in LOGINS:
        print(f"    {name:<10}{word}（{organ}）")
    print("  Ctrl+C 停止。\n", flush=True)
