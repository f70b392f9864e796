"""Rate limits: so many in a time, over any number of workers, and nobody's address kept."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import close_old_connections

from qiguan.core.errors import TooMany
from qiguan.intake.actions.allow import Rate, allow, demand_room
from qiguan.intake.actions.cleaning import drop_spent
from qiguan.intake.models import RateLimit

NOW = datetime(2026, 9, 16, 2, tzinfo=UTC)
RATE = Rate(3, timedelta(minutes=1))


def one(seconds: float = 0, *, who: str = "a", what: str = "push", rate: Rate = RATE) -> timedelta | None:
    return allow(what=what, who=who, rate=rate, now=NOW + timedelta(seconds=seconds))


@pytest.mark.django_db
def test_so_many_may_come_at_once_and_the_next_is_told_how_long_to_wait():
    assert [one(), one(), one()] == [None] * 3
    assert one() == timedelta(seconds=20)
    assert one(5) == timedelta(seconds=15), "a refused act costs nothing"
    assert one(20) is None
    assert one(20) == timedelta(seconds=20)
    assert [one(600), one(600), one(600)] == [None] * 3
    assert one(600) is not None, "long silence saves up no more than one allowance"


@pytest.mark.django_db
def test_others_and_other_acts_have_their_own_allowance():
    for _ in range(3):
        one()
    assert one(who="b") is None
    assert one(what="sighting") is None
    assert one() is not None


@pytest.mark.django_db
def test_a_rate_that_does_not_divide_evenly_still_lets_its_number_through():
    seven = Rate(7, timedelta(seconds=1))
    assert [one(rate=seven) for _ in range(7)] == [None] * 7
    assert one(rate=seven) is not None


@pytest.mark.django_db
def test_the_refusal_has_words_and_whole_seconds():
    for _ in range(3):
        demand_room(what="push", who="a", rate=RATE, now=NOW)
    with pytest.raises(TooMany) as refused:
        demand_room(what="push", who="a", rate=RATE, now=NOW + timedelta(seconds=0.5))
    assert refused.value.wait == 20
    assert "20秒后再试" in str(refused.value)
    assert "3分钟后再试" in str(TooMany(121))


@pytest.mark.django_db
def test_no_address_stands_in_the_table_and_spent_rows_go():
    one(who="192.0.2.77")
    assert "192.0.2.77" not in str(list(RateLimit.objects.values()))
    assert drop_spent(now=NOW) == 0
    assert drop_spent(now=NOW + timedelta(minutes=2)) == 1
    assert not RateLimit.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_count_as_one():
    got: list[timedelta | None] = []

    def knock() -> None:
        try:
            for _ in range(4):
                got.append(one(rate=Rate(10, timedelta(hours=1))))
        finally:
            close_old_connections()
            from django.db import connection

            connection.close()

    threads = [threading.Thread(target=knock) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 20
    assert got.count(None) == 10
