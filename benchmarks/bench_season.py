"""A season counted: 100,000 ballots of the invited panel and the open one, evaluated with intervals and withheld tables.

`python benchmarks/bench_season.py [BALLOTS]`: wall time, CPU and memory of the counting process; the goal of the issue is 10 s
within 1 GB for 100,000. Writing the box anew, which comes before and may be stopped and resumed, is shown apart. The peer is a
count of the same ballots through the mapper's objects and floats: what one would write first. With
QIGUAN_DATABASE_URL set, on that database. Run: make bench.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from math import sqrt
from random import Random

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
CLOSING = datetime(2026, 10, 27, 2, 0, tzinfo=UTC)


def fill(ballots: int) -> int:
    """Make a season of twenty candidates and ten questions with so many ballots; return its key."""
    from qiguan.core.platforms import name_key
    from qiguan.examination.actions.seasons import Plan, open_season
    from qiguan.examination.ballots import Ballot
    from qiguan.examination.models import Paper, PaperQuestion, Question, Season
    from qiguan.people.actions import found_organ
    from qiguan.register.models import Account

    root = found_organ(name="示例市人民政府", parent=None, level="city", sort="place", by=None, at=AT)
    accounts = []
    for n in range(20):
        owner = found_organ(name=f"示例市第{n}局", parent=root, level="city", by=None, at=AT)
        name = f"示例{n}"
        accounts.append(
            Account.objects.create(
                platform="weibo",
                platform_id=str(n),
                name=name,
                name_key=name_key(name),
                owner=owner,
                owner_path=owner.path,
                registered_at=AT,
                changed_at=AT,
            )
        )
    plan = Plan(
        date(2026, 9, 20), date(2026, 9, 25), date(2026, 9, 28), date(2026, 10, 10), date(2026, 10, 25), "某日开奖号", "名单", "调查队",
        questions_drawn=10, groups=[("60岁以上", 20_000), ("30至59岁", 50_000), ("18至29岁", 30_000)],
    )  # fmt: skip
    season = open_season(organ=root, title="基准", accounts=accounts, plan=plan, by=None, at=AT)
    paper = Paper.objects.create(season=season, drawn_at=AT)
    for n in range(10):
        question = Question.objects.create(season=season, words=f"第{n}题", stage="admitted", proposed_at=AT, track=str(n))
        PaperQuestion.objects.create(paper=paper, order=n + 1, question=question, words=f"第{n}题")
    season.candidates.update(frame=20_000, invited=ballots // 20)
    Season.objects.filter(pk=season.pk).update(stage=Season.Stage.DRAWN)
    lot, candidates = Random(7), list(season.candidates.values_list("pk", flat=True))
    for start in range(0, ballots, 5000):
        Ballot.objects.bulk_create(
            Ballot(
                candidate_id=candidates[n % 20],
                panel="open" if n % 3 == 0 else "invited",
                grade=lot.randint(1, 5),
                group=lot.randint(0, 3),
                marks="".join(f"{lot.randint(0, 5)}{lot.randint(0, 3)}" for _ in range(10)),
                settled=True,
                doubt="source" if n % 50 == 0 else "",
            )
            for n in range(start, min(start + 5000, ballots))
        )
    return season.pk


def naive(season_id: int) -> dict[tuple[int, str, int], tuple[float, float]]:
    """Count as one would first: an object a ballot, floats; intervals of 不满意 for each candidate, panel and question."""
    from qiguan.examination.ballots import Ballot

    seen: dict[tuple[int, str, int], list[int]] = {}
    for ballot in Ballot.objects.filter(candidate__season=season_id).select_related("candidate").iterator():
        for n, grade in enumerate([ballot.grade, *map(int, ballot.marks[::2])]):
            if grade:
                seen.setdefault((ballot.candidate.pk, ballot.panel, n), []).append(grade)
    out = {}
    for key, grades in seen.items():
        n, p, z = len(grades), sum(g > 3 for g in grades) / len(grades), 1.96
        reach = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        out[key] = ((p + z * z / (2 * n) - reach) / (1 + z * z / n), (p + z * z / (2 * n) + reach) / (1 + z * z / n))
    return out


def timed(word: str, work) -> float:
    start, cpu = time.perf_counter(), time.process_time()
    work()
    took = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{word}: {took:.1f} s, CPU {time.process_time() - cpu:.1f} s, at most {memory} MB so far")
    return took


def main(ballots: int) -> int:
    os.environ.setdefault("QIGUAN_DATA", tempfile.mkdtemp(prefix="qiguan-bench-"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "qiguan.config.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from qiguan.examination.actions.counting import count_season
    from qiguan.examination.actions.mixing import mix_season
    from qiguan.examination.models import Season
    from qiguan.examination.queries.counting import count_box

    season = Season.objects.get(pk=fill(ballots))
    print(f"{ballots} ballots, 20 candidates, 10 questions, two panels")
    ours = timed("counted and evaluated", lambda: count_box(season))
    theirs = timed("the same through objects and floats", lambda: naive(season.pk))
    print(f"ratio {theirs / ours:.1f}x")
    timed("written anew, in random order", lambda: mix_season(season=season))
    whole = timed("written anew, counted, stored", lambda: count_season(season=season, by=None, at=CLOSING))
    counted = sum(c["invited"]["n"] + c["open"]["n"] for c in season.result.data["candidates"])
    print(f"every ballot counted once: {counted == ballots}; the whole within the goal of 10 s: {whole < 10}")
    return 0 if counted == ballots else 1


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
