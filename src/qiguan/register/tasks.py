"""Long imports as background jobs: thin, one action each."""

from __future__ import annotations

import logging

from django_tasks import task

from qiguan.core.errors import QiguanError
from qiguan.jobs import clock
from qiguan.jobs.actions import finish_progress, move_progress
from qiguan.people.models import User
from qiguan.register.actions.imports import apply_file
from qiguan.register.models import SheetFile

log = logging.getLogger(__name__)


@task()
def import_in_background(file_id: int, user_id: int | None, progress_id: str) -> None:
    """Apply a file; its progress row says how far it has come, or why it did not."""
    file = SheetFile.objects.select_related("organ").get(pk=file_id)
    by = User.objects.filter(pk=user_id or 0).first()
    try:
        apply_file(file=file, by=by, at=clock.now(), moved=lambda done, total: move_progress(progress_id, done=done, total=total))
        finish_progress(progress_id, message="全部行都处理完了")
    except QiguanError as error:
        finish_progress(progress_id, failed=str(error))
    except Exception:
        log.exception("import %s failed", file.public_id)
        finish_progress(progress_id, failed="没有导入完，已导入的行都在；请再按一次“导入”接着办")
        raise
