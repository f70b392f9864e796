"""Judging and settling in the background: progress as JSON and without scripts, a killed worker's job taken up by the schedule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django_tasks_db.models import DBTaskResult
from tests.factories import AT
from tests.inspection.test_rounds import opened, place  # noqa: F401

from qiguan.inspection import tasks
from qiguan.inspection.actions import rounds as judging
from qiguan.inspection.actions.findings import confirm_findings
from qiguan.inspection.actions.rounds import judge_round
from qiguan.inspection.models import Round, Verdict
from qiguan.jobs import clock
from qiguan.jobs.models import Progress

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def _large(monkeypatch):
    monkeypatch.setattr(tasks, "SMALL", 0)
    monkeypatch.setattr(clock, "now", lambda: AT)


def waiting_jobs() -> list[tuple[str, list]]:
    return [(job.task_path.rsplit(".", 1)[-1], job.args_kwargs["args"]) for job in DBTaskResult.objects.order_by("enqueued_at")]


def run_jobs() -> None:
    for name, args in waiting_jobs():
        getattr(tasks, name).func(*args)
    DBTaskResult.objects.all().delete()


def age(round_: Round) -> None:
    Progress.objects.filter(public_id=round_.progress).update(moved_at=datetime.now(UTC) - timedelta(minutes=10))


def test_a_large_round_is_judged_by_a_job_with_a_bar_for_everyone(client, place):  # noqa: F811
    round_ = opened(place)
    client.force_login(place.users["supervisor"])
    page = reverse("round", args=[round_.public_id])
    client.post(reverse("round_judge", args=[round_.public_id]))
    client.post(reverse("round_judge", args=[round_.public_id]))  # pressed twice: one job
    assert len(waiting_jobs()) == 1
    shown = client.get(page).content.decode()
    assert f'data-progress="{page}"' in shown
    assert '<noscript><meta http-equiv="refresh"' in shown
    assert client.get(page, headers={"Accept": "application/json"}).json()["state"] == "running"
    run_jobs()
    assert client.get(page, headers={"Accept": "application/json"}).json() == {
        "state": "done",
        "percent": 100,
        "message": "全部账号都办完了",
    }
    round_.refresh_from_db()
    assert round_.stage == Round.Stage.REVIEWING


def test_a_killed_workers_round_is_taken_up_once_and_gives_the_same(place, monkeypatch):  # noqa: F811
    whole = opened(place)
    judge_round(round_=whole, at=AT)
    killed = opened(place)
    tasks.begin_judging(round_=killed, by=place.users["supervisor"])
    killed.refresh_from_db()
    monkeypatch.setattr(judging, "CHUNK", 1)

    def die(*_: object, **__: object) -> None:
        raise SystemExit  # as a worker that is told to go: nothing is tidied up

    with monkeypatch.context() as kill:
        kill.setattr(tasks, "move_progress", die)
        with pytest.raises(SystemExit):
            run_jobs()
    DBTaskResult.objects.all().delete()
    assert killed.accounts.exclude(judged_at=None).count() == 1
    assert tasks.resume_rounds() == 0  # it moved just now: perhaps it lives
    age(killed)
    assert tasks.resume_rounds() == 1
    assert tasks.resume_rounds() == 0
    run_jobs()
    killed.refresh_from_db()
    assert killed.stage == Round.Stage.REVIEWING
    lines = [sorted(r.accounts.values_list("name", "word", "state")) for r in (whole, killed)]
    assert lines[0] == lines[1]


def test_settling_goes_on_with_the_same_hand(place):  # noqa: F811
    round_, boss = opened(place), place.users["supervisor"]
    judge_round(round_=round_, at=AT)
    confirm_findings(findings=list(round_.findings.all()), by=boss, at=AT)
    tasks.begin_settling(round_=round_, by=boss)
    DBTaskResult.objects.all().delete()  # the worker took it and died
    round_.refresh_from_db()
    age(round_)
    assert tasks.resume_rounds() == 1
    run_jobs()
    round_.refresh_from_db()
    assert (round_.stage, round_.settled_by) == (Round.Stage.SETTLED, boss)
    assert Verdict.objects.count() == 3


def test_a_job_that_cannot_be_done_says_why_and_is_not_tried_for_ever(client, place):  # noqa: F811
    round_, boss = opened(place), place.users["supervisor"]
    judge_round(round_=round_, at=AT)
    tasks.begin_settling(round_=round_, by=boss)
    run_jobs()
    round_.refresh_from_db()
    age(round_)
    assert tasks.resume_rounds() == 0
    client.force_login(boss)
    assert "没有研判" in client.get(reverse("round", args=[round_.public_id])).content.decode()


def test_a_job_whose_place_another_took_is_closed(place):  # noqa: F811
    round_ = opened(place)
    tasks.begin_judging(round_=round_, by=None)
    round_.refresh_from_db()
    age(round_)
    Round.objects.filter(pk=round_.pk).update(progress="")
    assert tasks.resume_rounds() == 0
    assert Progress.objects.get().state == "failed"
