"""Long imports as background jobs: thin, one action each."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django_tasks import task

from qiguan.core.errors import QiguanError
from qiguan.jobs import clock
from qiguan.jobs.actions import finish_progress, move_progress
from qiguan.people.models import User
from qiguan.register.actions.books import apply_book, undo_book
from qiguan.register.actions.imports import read_file
from qiguan.register.models import SheetFile

log = logging.getLogger(__name__)


def _moved(progress_id: str) -> Callable[[int, int], None]:
    return lambda done, total: move_progress(progress_id, done=done, total=total)


def _work(
    progress_id: str, user_id: int | None, file_id: int, *, do: Callable[[SheetFile, User | None], SheetFile], failed: str
) -> None:
    file = SheetFile.objects.select_related("organ", "share").get(pk=file_id)
    by = User.objects.filter(pk=user_id or 0).first()
    try:
        done = do(file, by)
        finish_progress(
            progress_id, message="全部行都处理完了", failed=done.notes[0] if done.state == SheetFile.State.FAILED else ""
        )
    except QiguanError as error:
        finish_progress(progress_id, failed=str(error))
    except Exception:
        log.exception("file %s failed", file.public_id)
        finish_progress(progress_id, failed=failed)
        raise


@task()
def import_in_background(file_id: int, user_id: int | None, progress_id: str) -> None:
    """Import a workbook; its progress row says how far it has come, or why it did not."""
    failed = "没有导入完，已导入的行都在；请再按一次“导入”接着办"
    _work(
        progress_id,
        user_id,
        file_id,
        do=lambda f, by: apply_book(head=f, by=by, at=clock.now(), moved=_moved(progress_id)),
        failed=failed,
    )


@task()
def undo_in_background(file_id: int, user_id: int | None, progress_id: str) -> None:
    """Undo a workbook."""
    failed = "没有撤销完；请再按一次“撤销”接着办"
    _work(
        progress_id,
        user_id,
        file_id,
        do=lambda f, by: undo_book(head=f, by=by, at=clock.now(), moved=_moved(progress_id)),
        failed=failed,
    )


@task()
def read_in_background(file_id: int, user_id: int | None, progress_id: str) -> None:
    """Read a large file for its preview."""
    _work(progress_id, user_id, file_id, do=lambda f, by: read_file(file=f, by=by, at=clock.now()), failed="没有读完；请重新上传")
