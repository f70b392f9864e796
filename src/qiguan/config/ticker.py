"""The process that runs the schedule: `python -m qiguan.config.ticker`."""

from __future__ import annotations

import os
import signal
import socket
import threading

from qiguan.config.commands.django_setup import start


def main() -> None:
    """Look at the schedule every second until told to stop."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qiguan.config.settings")
    start()
    from qiguan.config.schedule import SCHEDULE
    from qiguan.jobs.actions import run_due_ticks

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    owner = f"{socket.gethostname()}:{os.getpid()}"
    while not stop.wait(1.0):
        run_due_ticks(schedule=SCHEDULE, owner=owner)


if __name__ == "__main__":
    main()
