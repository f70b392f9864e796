"""Long publishing as a background job."""

from __future__ import annotations

import logging

from django_tasks import task

from qiguan.core.errors import QiguanError
from qiguan.jobs import clock
from qiguan.jobs.actions import finish_progress, move_progress
from qiguan.people.models import User
from qiguan.publication.actions.publishing import publish_bulletin
from qiguan.publication.models import Bulletin

log = logging.getLogger(__name__)


@task()
def publish_in_background(bulletin_id: int, user_id: int | None, progress_id: str) -> None:
    """Publish a bulletin; killed, it goes on where it stopped when somebody presses again."""
    bulletin = Bulletin.objects.select_related("organ", "round").get(pk=bulletin_id)
    by = User.objects.filter(pk=user_id or 0).first()
    try:
        publish_bulletin(
            bulletin=bulletin, by=by, at=clock.now(), moved=lambda done, total: move_progress(progress_id, done=done, total=total)
        )
        finish_progress(progress_id, message="已印发")
    except QiguanError as error:
        finish_progress(progress_id, failed=str(error))
    except Exception:
        log.exception("bulletin %s failed", bulletin.public_id)
        finish_progress(progress_id, failed="没有印发完；请再按一次“印发”接着办")
        raise
