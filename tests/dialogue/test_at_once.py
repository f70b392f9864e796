"""The same form from several hands at once is stored once, on both databases; a code cannot be guessed from what is stored."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from qiguan.dialogue.actions.desks import set_desk
from qiguan.dialogue.actions.sending import FORM
from qiguan.dialogue.models import Message
from qiguan.intake.actions.form_keys import make_form_key
from qiguan.people.models import AuditEntry, Notice
from tests.dialogue.conftest import write
from tests.factories import AT, make_town

HANDS = 6


@pytest.mark.django_db(transaction=True)
def test_one_form_from_six_hands_is_one_message():
    town = make_town()
    set_desk(organ=town.city, mode="own", by=None, at=AT)
    key = make_form_key(what=FORM, now=AT)
    together = Barrier(HANDS)

    def send(_):
        try:
            together.wait()
            return write(town.commerce, key=key, visitor="7.7.7.7")
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as pool:
        sent = list(pool.map(send, range(HANDS)))
    assert Message.objects.count() == 1
    assert sum(s.fresh for s in sent) == 1
    assert len({(s.code, s.spoken, s.message.pk) for s in sent}) == 1
    assert AuditEntry.objects.filter(action="receive_message").count() == 1
    assert Notice.objects.filter(kind="messages").count() == 2  # unit and operator, once each
    stored = [str(v) for row in Message.objects.values_list() for v in row]
    assert not any(s.code in v or s.spoken in v for s in sent for v in stored)
