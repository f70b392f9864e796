"""Organs have a life: founded in bulk, renamed, merged, ended; found by every name they bore."""

from __future__ import annotations

from datetime import date

import pytest
from tests.factories import AT

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.platforms import name_key
from qiguan.people.actions import end_organ, found_organ, found_organs, rename_organ
from qiguan.people.models import AuditEntry, Organ, OrganEvent
from qiguan.people.queries import organs_named, organs_seen_by

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def test_organs_founded_in_bulk_have_their_paths_and_one_audit_row(town):
    wanted = [("南例县水务局", town.south, "county"), ("南例县林业局", town.south, "county"), ("示例市水务局", town.city, "city")]
    made = found_organs(wanted=wanted, by=None, at=AT)
    for organ in made:
        stored = Organ.objects.get(pk=organ.pk)
        assert stored.path == organ.path == f"{organ.parent.path}{organ.pk}/"
        assert stored.sort_key
    assert AuditEntry.objects.get(action="found_organs").count == 3
    assert found_organs(wanted=[], by=None, at=AT) == []


def test_a_renamed_organ_is_found_by_both_names(town):
    rename_organ(
        organ=town.commerce, name="南例县商务和投资局", on=date(2026, 1, 1), document="一号", by=town.users["supervisor"], at=AT
    )
    for name in ("南例县商务局", "南例县商务和投资局"):
        assert organs_named(name_key(name)).get() == town.commerce
    assert OrganEvent.objects.get(organ=town.commerce).note == "原名南例县商务局"


def test_only_supervisors_above_change_organs(town):
    for name in ("unit", "operator", "east", "auditor"):
        with pytest.raises(NotPermitted):
            rename_organ(organ=town.commerce, name="x", on=date(2026, 1, 1), by=town.users[name], at=AT)
        with pytest.raises(NotPermitted):
            end_organ(organ=town.commerce, on=date(2026, 1, 1), successor=None, by=town.users[name], at=AT)
        with pytest.raises(NotPermitted):
            found_organ(name="x", parent=town.south, level="county", by=town.users[name], at=AT)
    assert not OrganEvent.objects.exists()


def test_an_organ_is_not_its_own_successor(town):
    with pytest.raises(QiguanError, match="不能是它自己"):
        end_organ(organ=town.commerce, on=date(2026, 1, 1), successor=town.commerce, by=None, at=AT)


def test_each_user_sees_the_organs_below(town):
    assert set(organs_seen_by(town.users["supervisor"])) == set(Organ.objects.all())
    assert set(organs_seen_by(town.users["east"])) == {town.east, town.audit}
    assert set(organs_seen_by(town.users["unit"])) == {town.commerce}
    assert not organs_seen_by(town.users["operator"]).exists()
