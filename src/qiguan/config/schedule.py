"""What runs by itself, and how often. Each line runs once over any number of workers (`jobs.Tick`)."""

from __future__ import annotations

from qiguan.jobs import clock
from qiguan.jobs.actions import Cadence


def _poll() -> None:
    from qiguan.collection.actions.polls import poll_due

    poll_due(at=clock.now())


def _connect() -> None:
    from qiguan.collection.actions.sources import connect_registered

    connect_registered(at=clock.now())


def _check_windows() -> None:
    from qiguan.collection.actions.windows import check_windows

    check_windows(at=clock.now())


def _authorise() -> None:
    from qiguan.collection.actions.wechat_authorising import finish_waiting

    finish_waiting(at=clock.now())


def _judge_touched() -> None:
    from qiguan.inspection.actions.standing import judge_touched

    judge_touched(at=clock.now())


def _judge_due() -> None:
    from qiguan.inspection.actions.standing import judge_due

    judge_due(at=clock.now())


def _resume_rounds() -> None:
    from qiguan.inspection.tasks import resume_rounds

    resume_rounds()


def _drop_expired() -> None:
    from qiguan.archive.actions import drop_expired

    drop_expired(at=clock.now())


def _drop_polls() -> None:
    from qiguan.collection.actions.cleaning import drop_old_polls

    drop_old_polls(at=clock.now())


def _drop_spent() -> None:
    from qiguan.intake.actions.cleaning import drop_spent

    drop_spent(now=clock.machine_now())


def _warn() -> None:
    from qiguan.config.morning import queue_mornings

    queue_mornings(at=clock.now())


def _send() -> None:
    from qiguan.people.outbox.sending import send_due_notices

    send_due_notices(at=clock.now())


def _mail_citizens() -> None:
    from qiguan.dialogue.actions.mail import send_mail_notices

    send_mail_notices(now=clock.machine_now())


def _find_receipts() -> None:
    from qiguan.dialogue.actions.must_tell import find_receipts

    find_receipts(at=clock.now())


def _learn_routings() -> None:
    from qiguan.dialogue.actions.learning import learn_routings

    learn_routings(at=clock.now())


def _forget_links() -> None:
    from qiguan.people.outbox.queueing import forget_private_links

    forget_private_links(at=clock.now())


def _tend_tickets() -> None:
    from qiguan.rectification.actions.tending import tend_tickets

    tend_tickets(at=clock.now())


def _reap() -> None:
    from qiguan.config.reaper import reap_stalled

    reap_stalled()


def _seal_audit() -> None:
    from qiguan.people.audit.sealing import seal_entries

    seal_entries(at=clock.machine_now())


def _verify_audit() -> None:
    from qiguan.people.audit.acts import verify_and_record

    verify_and_record(at=clock.now())


SCHEDULE = {
    "connect": Cadence(30, _connect),
    "poll": Cadence(20, _poll),
    "check_windows": Cadence(300, _check_windows),
    "authorise": Cadence(60, _authorise),
    "judge_touched": Cadence(5, _judge_touched),
    "judge_due": Cadence(300, _judge_due),
    "warn": Cadence(240, _warn),
    "send": Cadence(10, _send),
    "mail_citizens": Cadence(30, _mail_citizens),
    "find_receipts": Cadence(3600, _find_receipts),
    "learn_routings": Cadence(300, _learn_routings),
    "forget_links": Cadence(3600, _forget_links),
    "tend_tickets": Cadence(600, _tend_tickets),
    "resume_rounds": Cadence(60, _resume_rounds),
    "drop_polls": Cadence(3600, _drop_polls),
    "drop_spent": Cadence(3600, _drop_spent),
    "reap": Cadence(600, _reap),
    "drop_expired": Cadence(3600, _drop_expired),
    "seal_audit": Cadence(3, _seal_audit),
    "verify_audit": Cadence(86400, _verify_audit),
}
