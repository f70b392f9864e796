"""Many ids in one parameter."""

from __future__ import annotations

import pytest
from tests.factories import make_account

from qiguan.jobs.many import among
from qiguan.register.models import Account

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_among_finds_the_rows_of_the_ids_and_none_of_none(town):
    first, second, third = (make_account(town.commerce, f"账号{n}", platform_id=f"gh_{n}") for n in range(3))
    found = Account.objects.filter(pk__in=among([first.pk, third.pk, 10**12])).order_by("pk")
    assert list(found) == [first, third]
    assert second not in found
    assert not Account.objects.filter(pk__in=among([])).exists()
