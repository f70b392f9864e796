"""群发次数: one a day for a 订阅号, four a month for a 服务号, by Shanghai's days; eight articles of one push are one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from qiguan.core.quota import Quota, blocked_until, period_start
from qiguan.core.written_dates import SHANGHAI

NOON = datetime(2026, 9, 16, 12, tzinfo=SHANGHAI)


def test_nothing_is_forbidden_where_no_quota_is_written():
    assert blocked_until(Quota.NONE, [NOON] * 9, NOON) is None


def test_a_subscription_account_may_push_again_the_next_day():
    assert blocked_until(Quota.DAILY, [NOON - timedelta(hours=13)], NOON) is None
    assert blocked_until(Quota.DAILY, [NOON - timedelta(hours=3)], NOON) == datetime(2026, 9, 17, tzinfo=SHANGHAI)


@pytest.mark.parametrize(("days", "blocked"), [((1, 3, 8), False), ((1, 3, 8, 8, 8), False), ((1, 3, 8, 10), True)])
def test_a_service_account_may_push_four_times_a_month(days, blocked):
    pushes = [datetime(2026, 9, day, 9, 0, second, tzinfo=SHANGHAI) for second, day in enumerate(days)]
    pushes.append(datetime(2026, 8, 31, 9, tzinfo=SHANGHAI))
    assert blocked_until(Quota.MONTHLY, pushes, NOON) == (datetime(2026, 10, 1, tzinfo=SHANGHAI) if blocked else None)


def test_a_push_of_the_future_is_not_counted_and_each_limit_has_its_word():
    assert blocked_until(Quota.DAILY, [NOON + timedelta(hours=1)], NOON) is None
    assert period_start(Quota.MONTHLY, NOON) == datetime(2026, 9, 1, tzinfo=SHANGHAI)
    assert [q.word for q in Quota] == ["没写", "订阅号：每天群发1次", "服务号：每月群发4次"]
