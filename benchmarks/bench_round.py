"""A round from opening to verdicts over accounts with five years of posts: wall time and memory, one process.

`python benchmarks/bench_round.py [ACCOUNTS [POSTS]]`: 1,000 accounts of 1,000 posts each unless told; 5,000 is the goal of the
issue (60 s within 1 GB, which the judging process is held to), 180,000 a whole province. With QIGUAN_DATABASE_URL set, on that
database. That the verdicts are right is shown by tests/inspection/test_round_reference.py. Run: make bench.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import province

DAYS = 1825  # five years
GIGABYTE = 1 << 30


def work() -> int:
    """Open, judge, decide and settle in this process; say how long each took and how much memory it all needed at most."""
    resource.setrlimit(
        resource.RLIMIT_AS, (2 * GIGABYTE, 2 * GIGABYTE)
    )  # addresses: libraries mapped but never touched count too
    import django

    django.setup()
    from qiguan.inspection.actions.findings import MOST, confirm_findings
    from qiguan.inspection.actions.rounds import Choice, judge_round, open_round
    from qiguan.inspection.actions.settling import settle_round
    from qiguan.inspection.models import Finding, Verdict
    from qiguan.inspection.queries.compare import compare
    from qiguan.inspection.queries.rounds import counts_of, unknown_reasons
    from qiguan.people.models import Organ, User

    boss = User.objects.get(username="bench")
    took: dict[str, float] = {}
    cpu: dict[str, float] = {}

    def timed(word: str, start: tuple[float, float]) -> None:
        took[word] = round(time.perf_counter() - start[0], 2)
        cpu[word] = round(time.process_time() - start[1], 2)

    def now() -> tuple[float, float]:
        return time.perf_counter(), time.process_time()

    start = now()
    round_ = open_round(
        organ=Organ.objects.get(parent=None), title="基准", at=province.AT - timedelta(hours=10), choice=Choice(), by=boss, now=province.AT
    )  # fmt: skip
    timed("open", start)
    start = now()
    judged = judge_round(round_=round_, at=province.AT)
    timed("judge", start)
    start = now()
    while some := list(Finding.objects.filter(round=round_, state="suspected").select_related("round")[:MOST]):
        confirm_findings(findings=some, by=boss, at=province.AT)
    timed("decide", start)
    start = now()
    settle_round(round_=round_, by=boss, at=province.AT)
    timed("settle", start)
    start = now()
    counts, reasons = counts_of(round_), unknown_reasons(round_)
    timed("counts", start)
    second = open_round(
        organ=round_.organ, title="下期", at=province.AT - timedelta(hours=9), choice=Choice(), by=boss, now=province.AT
    )  # fmt: skip
    start = now()
    compare(second)
    timed("compare", start)
    words = dict(counts.whole.words)
    assert sum(words.values()) == judged == Verdict.objects.count(), words
    assert reasons, "the made province has accounts that nobody watches"
    peak = next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(json.dumps({"judged": judged, "took": took, "cpu": cpu, "words": words, "peak": peak * 1024}))
    return 0


def main() -> int:
    accounts = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    posts = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000
    province.build(accounts, posts=posts, days=DAYS, standings=False)
    from django.db import connection

    env = os.environ | {"PYTHONPATH": str(Path(__file__).parent) + os.pathsep + os.environ.get("PYTHONPATH", "")}
    done = subprocess.run([sys.executable, __file__, "--work"], env=env, check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    took, judged = found["took"], found["judged"]
    print(f"Round over {accounts:,} accounts, {posts:,} posts each in five years, {connection.vendor}, one process:")
    for word, seconds in took.items():
        print(
            f"  {word:<8}{seconds:9.2f} s{found['cpu'][word]:9.2f} s of CPU{seconds / judged * 1e3:10.3f} ms an account in scope"
        )
    steps = ("open", "judge", "settle")
    whole, cpu = (sum(part[step] for step in steps) / judged * 5000 for part in (took, found["cpu"]))
    print(f"  {judged:,} in scope; open, judge and settle 5,000: {whole:.1f} s, {cpu:.1f} s of CPU (goal 60 s)")
    print(f"  memory at most {found['peak'] / GIGABYTE * 1024:.0f} MB (goal 1,024 MB); {found['words']}")
    assert cpu <= 60, "too slow"
    assert found["peak"] <= GIGABYTE, "too much memory"
    return 0


if __name__ == "__main__":
    sys.exit(work() if sys.argv[1:] == ["--work"] else main())
