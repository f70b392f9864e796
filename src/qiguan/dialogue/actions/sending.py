"""A citizen writes: to the right door, once however often the form arrives, with a code that is the only key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from qiguan.core.days import end_of
from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.core.holding import rules_met
from qiguan.core.plain_text import clean_text, one_line
from qiguan.core.reply_clock import Kind
from qiguan.dialogue.actions.telling import tell_officials
from qiguan.dialogue.models import Contact, Desk, Message, Transfer
from qiguan.dialogue.queries.clock import due_from
from qiguan.dialogue.queries.codes import codes_for, stored
from qiguan.dialogue.queries.placing import Placement, place_message
from qiguan.intake.actions.allow import Rate, demand_room
from qiguan.intake.actions.attachments import Fit, keep_attachments
from qiguan.intake.actions.form_keys import use_form_key
from qiguan.intake.actions.holds import hold_text
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, User
from qiguan.people.secrets import encrypt
from qiguan.register.models import Account

FORM = "message"
MOST = 5000  # characters of a message
OF_VISITOR = Rate(60, timedelta(hours=1))  # a mobile network puts many people behind one address
OF_STAFF = Rate(200, timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Draft:
    """What was written, to whom. `up` None: the words decide whether it is a complaint."""

    kind: str
    text: str
    organ: Organ
    account: Account | None = None
    up: bool | None = None
    contact: str = ""
    mail: str = ""
    consent: bool = False


@dataclass(frozen=True, slots=True)
class Entered:
    """How it came where it did not come by the page: who wrote it down, where."""

    way: str = Message.Way.WEB
    by: User | None = None
    where: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The message and its two codes: shown now, stored nowhere. `fresh` False: this very form had come before."""

    message: Message
    code: str
    spoken: str
    fresh: bool


def look_over(draft: Draft) -> tuple[str, Placement]:
    """Return the text as it would be kept and where it would go. Raises QiguanError for what is not taken in here."""
    if draft.kind not in set(Kind):
        raise UnusableInput("没有选是哪一类", place="哪一类", remedy="请从列表里选一项")
    text = clean_text(draft.text, place="您想说什么", most=MOST, least=4)
    placed = place_message(text=text, organ=draft.organ, up=True if draft.kind == Kind.COMPLAINT else draft.up)
    if placed.desk.mode == Desk.Mode.REFER:
        raise QiguanError(
            f"{placed.office.name}不在这里收留言",
            place="留言",
            remedy="请打12345，或用本页给出的渠道；这里没有保存您写的内容",
            code="refer",
        )
    return text, placed


def send_message(
    *,
    draft: Draft,
    files: Sequence[Fit] = (),
    form_key: str,
    visitor: str,
    entered: Entered | None = None,
    at: datetime,
    now: datetime,
) -> Sent:
    """Take a message. The same form again gets the same codes and stores nothing.

    1. A form that came before is answered from its key. 2. The limit. 3. Where it goes and by when, read before anything is
    written. 4. In one transaction: the key is spent, message, contact, files, hold, audit row and notices stand or fall.
    """
    entered = entered or Entered()
    code, spoken = codes_for(form_key)
    known = Message.objects.filter(tracking=stored(code)).first()
    if known is not None:
        return Sent(known, code, spoken, fresh=False)
    who, rate = (visitor, OF_VISITOR) if entered.by is None else (str(entered.by.pk), OF_STAFF)
    demand_room(what=f"{FORM} {entered.way}", who=who, rate=rate, now=now)
    text, placed = look_over(draft)
    contact, mail = _contact(draft)
    kind = Kind.COMPLAINT.value if placed.complaint else draft.kind
    due = due_from(kind=kind, pack=placed.desk.pack, at=at)
    met = rules_met(text)
    with transaction.atomic():
        if not use_form_key(what=FORM, key=form_key, now=now):
            return Sent(Message.objects.get(tracking=stored(code)), code, spoken, fresh=False)
        hold = hold_text(what=FORM, rule=met[0].code, by=None, at=at) if met else None
        handler = None if hold is not None else placed.handler
        message = Message.objects.create(
            tracking=stored(code), spoken=stored(spoken), kind=kind, text=text, organ=draft.organ, account=draft.account,
            office=placed.office, office_path=placed.office.path, handler=handler, handler_path=handler.path if handler else "",
            against=placed.against, against_path=placed.against.path if placed.against else "",
            state=Message.State.OPEN if handler else Message.State.ROUTING, suggested=placed.suggested, received_at=at,
            pack=placed.desk.pack, due_on=due.day, due_because=due.because[:600], late_at=end_of(due.day) if due.day else None,
            way=entered.way, entered_by=entered.by, entered_where=one_line(entered.where, most=120), hold=hold,
            consented_at=at if draft.consent and not placed.complaint else None, linked=placed.desk.mode == Desk.Mode.LINKED,
        )  # fmt: skip
        if handler is not None:
            Transfer.objects.create(message=message, sort=placed.sort, start=None, to=handler, at=at, by=None)
        if contact or mail:
            Contact.objects.create(
                message=message, said=encrypt(contact) if contact else b"", mail=encrypt(mail) if mail else b"", given_at=at
            )
        if files:
            message.files.set(keep_attachments(files=files, at=at))
        record_audit(action="receive_message", by=entered.by, at=at, on=message, organ=placed.office, fields=[entered.way])
        tell_officials(message=message, at=at)
    return Sent(message, code, spoken, fresh=True)


def _contact(draft: Draft) -> tuple[str, str]:
    contact, mail = one_line(draft.contact, most=120), draft.mail.strip()
    if mail:
        try:
            validate_email(mail)
        except ValidationError as error:
            raise UnusableInput("邮箱地址写得不对", place="邮箱", remedy="核对一下，或者不填") from error
    return contact, mail
