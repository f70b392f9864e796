"""Judging and settling a round as background jobs: thin, one action each; whatever a killed worker left is taken up again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from django_tasks import task

from qiguan.core.errors import QiguanError
from qiguan.inspection.actions.rounds import judge_round
from qiguan.inspection.actions.settling import settle_round
from qiguan.inspection.models import Round
from qiguan.jobs import clock
from qiguan.jobs.actions import finish_progress, move_progress, start_progress
from qiguan.jobs.models import Progress
from qiguan.people.models import User

log = logging.getLogger(__name__)
SMALL = 500  # accounts that are judged or settled at once, without a job
STUCK = timedelta(minutes=3)  # a job that has not moved for so long is given to another worker
JUDGE, SETTLE = "judge_round", "settle_round"
_BUSY = ("waiting", "running")


def begin_judging(*, round_: Round, by: User | None) -> None:
    """Judge a small round at once, a large one in the background."""
    _begin(round_, JUDGE, f"机器检查“{round_.title}”", by)


def begin_settling(*, round_: Round, by: User | None) -> None:
    """Settle a small round at once, a large one in the background. Raises QiguanError where it cannot be settled at all."""
    _begin(round_, SETTLE, f"定案“{round_.title}”", by)


def _begin(round_: Round, kind: str, title: str, by: User | None) -> None:
    if is_at_work(round_):
        return
    n = round_.accounts.exclude(why="frame").count()
    progress = start_progress(kind=kind, title=title, total=n, by=str(by.pk) if by else "")
    Round.objects.filter(pk=round_.pk).update(progress=progress.public_id)
    if n <= SMALL:
        _work(kind, round_.pk, by.pk if by else None, progress.public_id, tell=True)
    else:
        _JOBS[kind].enqueue(round_.pk, by.pk if by else None, progress.public_id)


def progress_of(round_: Round) -> Progress | None:
    """Return the progress row of the round's judging or settling."""
    return Progress.objects.filter(public_id=round_.progress).first() if round_.progress else None


def is_at_work(round_: Round) -> bool:
    """Say whether a job is at work on the round right now."""
    since = clock.machine_now() - STUCK
    return Progress.objects.filter(public_id=round_.progress or "-", state__in=_BUSY, moved_at__gt=since).exists()


def resume_rounds() -> int:
    """Take up the rounds whose worker was killed: their progress has not moved for STUCK. Both jobs may run twice. Return how many."""
    since, now = clock.machine_now() - STUCK, clock.machine_now()
    stuck = Progress.objects.filter(kind__in=[JUDGE, SETTLE], state__in=_BUSY, moved_at__lte=since)
    resumed = 0
    for progress in stuck:
        round_ = Round.objects.filter(progress=progress.public_id).first()
        if round_ is None:  # a later job has taken its place
            finish_progress(progress.public_id, failed="已由另一次接着办")
            continue
        if Progress.objects.filter(pk=progress.pk, moved_at=progress.moved_at).update(moved_at=now):  # one resumer, not two
            _JOBS[progress.kind].enqueue(round_.pk, int(progress.by) if progress.by.isdecimal() else None, progress.public_id)
            resumed += 1
    return resumed


def _moved(progress_id: str) -> Callable[[int, int], None]:
    return lambda done, total: move_progress(progress_id, done=done, total=total)


def _work(kind: str, round_id: int, user_id: int | None, progress_id: str, *, tell: bool = False) -> None:
    """Do the work; `tell` raises a QiguanError to the person who waits, else it stands in the progress row alone."""
    round_ = Round.objects.select_related("organ", "before").get(pk=round_id)
    by = User.objects.filter(pk=user_id or 0).first()
    try:
        if kind == JUDGE:
            judge_round(round_=round_, at=clock.now(), moved=_moved(progress_id))
        else:
            settle_round(round_=round_, by=by, at=clock.now(), moved=_moved(progress_id))
        finish_progress(progress_id, message="全部账号都办完了")
    except QiguanError as error:
        finish_progress(progress_id, failed=str(error))
        if tell:
            raise
    except Exception:
        log.exception("round %s failed", round_.public_id)
        finish_progress(progress_id, failed="没有办完，已办的都在；请再按一次接着办")
        raise


@task()
def judge_in_background(round_id: int, user_id: int | None, progress_id: str) -> None:
    """Judge a round; its progress row says how far it has come."""
    _work(JUDGE, round_id, user_id, progress_id)


@task()
def settle_in_background(round_id: int, user_id: int | None, progress_id: str) -> None:
    """Settle a round."""
    _work(SETTLE, round_id, user_id, progress_id)


_JOBS = {JUDGE: judge_in_background, SETTLE: settle_in_background}
