"""示例市 answers messages itself; 南例县商务局 has an account; a county supervisor, a counter clerk, a unit's auditor."""

from __future__ import annotations

import pytest

from qiguan.core.calendar import seed
from qiguan.dialogue.actions.desks import set_desk
from qiguan.dialogue.actions.sending import FORM, Draft, send_message
from qiguan.intake.actions.form_keys import make_form_key
from qiguan.jobs.models import WorkingDay
from qiguan.people.actions import add_user
from qiguan.people.models import Role
from tests.factories import AT, PASSWORD, make_account


@pytest.fixture
def desk_town(town):
    WorkingDay.objects.bulk_create(
        [WorkingDay(day=r.day, is_working=r.is_working, note=r.note) for r in seed([2026])], ignore_conflicts=True
    )
    set_desk(organ=town.city, mode="own", by=None, at=AT)
    town.account = make_account(town.commerce, "南例商务", platform_id="gh_1")
    for name, organ, role in (
        ("county", town.south, Role.SUPERVISOR),
        ("clerk", town.city, Role.COUNTER),
        ("unit2", town.commerce, Role.UNIT_ADMIN),
        ("unit_auditor", town.commerce, Role.AUDITOR),
        ("unit_clerk", town.commerce, Role.COUNTER),
        ("leader", town.commerce, Role.LEADER),
    ):
        town.users[name] = add_user(username=name, shown_name=name, password=PASSWORD, roles=[(organ, role)], by=None, at=AT)
    return town


_NEXT = iter(range(10**6))


def write(organ, text="消费券过期了还能补领吗，九月一日领的", *, kind="enquiry", at=AT, files=(), key=None, visitor=None, **more):
    """Send a message as a citizen."""
    draft = Draft(kind=kind, text=text, organ=organ, **more)
    key = key or make_form_key(what=FORM, now=at)
    visitor = visitor or f"10.0.{next(_NEXT) % 65000}"
    return send_message(draft=draft, files=files, form_key=key, visitor=visitor, at=at, now=at)
