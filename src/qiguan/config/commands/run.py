"""`qiguan run`: web, worker, poller and ticker as processes of one command."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

from qiguan.config.environment import value
from qiguan.core.errors import UnusableInput

# two tickers: the lines are leased, so that a long poll in one never keeps the other from judging
EVERYTHING = ["web", "worker", "ticker", "ticker"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--only` picks parts, for more than one machine."""
    parser.add_argument("--only", choices=["web", "worker", "ticker"], action="append", help="只启动其中一部分")


def run(options: argparse.Namespace) -> int:
    """Migrate, then serve until stopped."""
    demand_free_port()
    from qiguan.config.commands import migrate

    migrate.run(options)
    print(f"齐管已启动：http://{value('QIGUAN_HOST')}:{value('PORT')}")
    return supervise(parts(options.only or EVERYTHING))


def demand_free_port() -> None:
    """Refuse a taken port in one sentence, before anything is started."""
    host, port = value("QIGUAN_HOST"), value("PORT")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise UnusableInput(f"PORT写的是“{port}”，不是1到65535之间的端口号", place="PORT", remedy="例如 PORT=8080 make run")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            raise UnusableInput(
                f"{host}的{port}端口已被占用", place="PORT", remedy=f"换一个端口：PORT={int(port) % 65000 + 1} make run"
            ) from error


def parts(names: Sequence[str]) -> list[list[str]]:
    """Return the command lines of the parts."""
    python = sys.executable
    lines = {
        "web": [
            python, "-m", "granian", "--interface", "wsgi", "--host", value("QIGUAN_HOST"), "--port", value("PORT"),
            "--workers", value("QIGUAN_WORKERS"), "--blocking-threads", "4", "--no-ws", "--log-level", "warning", "qiguan.config.wsgi:application",
        ],
        "worker": [python, "-m", "django", "db_worker", "--interval", "0.5"],
        "ticker": [python, "-m", "qiguan.config.ticker"],
    }  # fmt: skip
    return [lines[name] for name in names]


def supervise(lines: Sequence[Sequence[str]], *, environment: dict[str, str] | None = None) -> int:
    """Run the parts until a signal or until one of them ends; then end the others by their ids."""
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "qiguan.config.settings", **(environment or {})}
    running = [(line, subprocess.Popen(line, env=env, start_new_session=True)) for line in lines]
    stop = False

    def end(signum: int, frame: FrameType | None) -> None:
        nonlocal stop
        stop = True

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    code = 0
    while not stop:
        for line, process in running:
            if process.poll() is not None:
                code, stop = process.returncode or 1, True
                print(f"一个部分已停止（{' '.join(line[1:4])}，代码{process.returncode}），其余随之停止。", file=sys.stderr)
        time.sleep(0.3)
    for _, process in running:
        if process.poll() is None:
            process.terminate()
    for _, process in running:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
    return code
