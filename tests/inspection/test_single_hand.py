"""States of silence that one person's word alone stands for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories import AT, make_account
from tests.inspection.test_standings import give_posts

from qiguan.collection.models import HumanCheck
from qiguan.inspection.actions.standing import judge_all
from qiguan.inspection.queries.single_hand import single_hand_section

pytestmark = pytest.mark.django_db


def check(account, hand, days_ago, newest=None):
    HumanCheck.objects.create(
        account=account, client_key=f"{account.pk}{hand}{days_ago}", at=AT - timedelta(days=days_ago), hand=hand, stored_at=AT,
        said="newest" if newest else "nothing", newest_at=AT - timedelta(days=newest) if newest else None,
    )  # fmt: skip


def test_only_silence_that_one_hand_alone_vouches_for_is_listed(town):
    one = make_account(town.commerce, "一人看过", platform_id="gh_1")
    check(one, "甲", 1, newest=60)
    twice = make_account(town.commerce, "同一人看过两次", platform_id="gh_2")
    check(twice, "甲", 3, newest=60)
    check(twice, "甲", 1, newest=60)
    two = make_account(town.commerce, "两人看过", platform_id="gh_3")
    check(two, "甲", 2, newest=60)
    check(two, "乙", 1, newest=60)
    live = make_account(town.commerce, "一人看过，在更新", platform_id="gh_4")
    check(live, "甲", 1, newest=2)
    watched = make_account(town.commerce, "有完整来源", platform_id="gh_5")
    give_posts(watched, 60)
    judge_all(at=AT)
    section = single_hand_section(town.users["auditor"], AT)
    assert {row.what.split("：")[0] for row in section.rows} == {"一人看过", "同一人看过两次"}
    assert section.total == 2
    assert single_hand_section(town.users["east"], AT).total == 0


def test_a_second_hand_before_the_last_post_does_not_count(town):
    account = make_account(town.commerce, "早先另有人看过", platform_id="gh_1")
    check(account, "乙", 100, newest=120)
    check(account, "甲", 1, newest=60)
    judge_all(at=AT)
    assert single_hand_section(town.users["auditor"], AT).total == 1
