"""Work on many rows in two processes, where there is a second processor."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence

from django.db import connection, connections

LEAST = 2000  # rows from which a second process saves more than it costs


def in_halves(work: Callable[[Sequence[int]], int], ids: Sequence[int]) -> int:
    """Do `work`, which must be safe to run twice, on all `ids`; return the sum of what it counts.

    1. Close the connections: two processes must not share one. 2. Fork; the child works on every other id. 3. Work on the rest
    here. 4. Where the child failed, do its part here too. In a transaction, on one processor and where there is no fork, all is
    done here.
    """
    if len(ids) < LEAST or connection.in_atomic_block or not _second_processor():
        return work(ids)
    connections.close_all()
    mine, its = ids[::2], ids[1::2]
    child = multiprocessing.get_context("fork").Process(target=_child, args=(work, its), daemon=True)
    child.start()
    try:
        done = work(mine)
    finally:
        child.join()
    return done + (len(its) if child.exitcode == 0 else work(its))


def _child(work: Callable[[Sequence[int]], int], ids: Sequence[int]) -> None:
    try:
        work(ids)
    finally:
        connections.close_all()


def _second_processor() -> bool:
    if not sys.platform.startswith("linux"):  # elsewhere a fork of a process with libraries of the system is not safe
        return False
    return len(os.sched_getaffinity(0)) > 1
