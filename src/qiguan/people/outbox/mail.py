"""Mail by SMTP, the named second door: one connection a batch, each mail's fate told as soon as it is known.

Runs in a thread of its own, speaks to no table. What the server said decides; where the connection broke in the middle of a
mail nobody knows, and it goes again under the same Message-ID, by which mail programs know it.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from qiguan.core.robots import Answer, Letter
from qiguan.jobs import clock

log = logging.getLogger(__name__)
LONGEST = 100.0  # seconds for a batch: well under the lease of its claim
Settle = Callable[[int, Answer, str], None]


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail: the id of its Delivery, where it goes, what it says."""

    delivery: int
    address: str
    letter: Letter


def send_mails(mails: Sequence[Mail], settle: Settle) -> None:
    """Send a batch; `settle(delivery, answer, word)` is called once for each mail, from this thread.

    1. Without a server, or where it cannot be reached, all wait. 2. Each mail is settled by the server's own word. 3. After a
    broken connection, or when the batch takes too long, the rest waits: it was surely not sent.
    """
    rest = list(mails)
    if not settings.EMAIL_HOST or not settings.DEFAULT_FROM_EMAIL:
        return _all(rest, settle, "no_server")
    connection = get_connection()
    try:
        connection.open()
    except smtplib.SMTPAuthenticationError:
        return _all(rest, settle, "login")
    except (smtplib.SMTPException, OSError) as error:
        log.warning("mail server: %s", type(error).__name__)
        return _all(rest, settle, "unreachable")
    start = clock.monotonic()
    try:
        while rest and clock.monotonic() - start < LONGEST:
            mail = rest.pop(0)
            answer, word = _send(connection, mail)
            settle(mail.delivery, answer, word)
            if answer is Answer.UNCLEAR:
                break
    finally:
        _close(connection)
    return _all(rest, settle, "busy")


def _all(mails: Sequence[Mail], settle: Settle, word: str) -> None:
    for mail in mails:
        settle(mail.delivery, Answer.LATER, word)


def _send(connection: BaseEmailBackend, mail: Mail) -> tuple[Answer, str]:
    try:
        _message(mail, connection).send()
    except smtplib.SMTPRecipientsRefused as error:
        code = next((reply[0] for reply in error.recipients.values()), 500)
        return (Answer.REFUSED, "no_such_box") if code >= 500 else (Answer.LATER, "busy")
    except smtplib.SMTPResponseException as error:
        return (Answer.REFUSED, "refused") if error.smtp_code >= 500 else (Answer.LATER, "busy")
    except (smtplib.SMTPServerDisconnected, OSError):
        return Answer.UNCLEAR, "timeout"
    except (smtplib.SMTPException, ValueError) as error:  # an address or a server that cannot be spoken to like this
        log.warning("a mail was not accepted: %s", type(error).__name__)
        return Answer.REFUSED, "refused"
    return Answer.RECEIVED, ""


def _message(mail: Mail, connection: BaseEmailBackend) -> EmailMessage:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "qiguan.invalid"
    headers = {"Message-ID": f"<{mail.letter.key}@{domain}>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(mail.letter.title, mail.letter.text(), None, [mail.address], headers=headers, connection=connection)


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (smtplib.SMTPException, OSError):
        log.info("the mail server did not say goodbye")
