"""Waiting before a cancellation, the notice's elements, help for a lost password."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from qiguan.core.closing import Ending, earliest_end, missing_elements, notice_text, password_help, wait_of
from qiguan.core.platforms import PLATFORM_NAMES

ENDING = Ending(
    "南例县商务局", "南例商务", "wechat_mp", "gh_1", "示办发〔2026〕3号", date(2026, 9, 16), date(2026, 10, 1), "南例发布"
)


@pytest.mark.parametrize(
    ("platform", "followers", "notice", "days", "word"),
    [
        ("wechat_mp", 10_000, 15, 15, "粉丝10000"),
        ("wechat_mp", 10_001, 15, 30, "冻结30天"),
        ("wechat_mp", 100_001, 15, 60, "冻结60天"),
        ("wechat_mp", None, 15, 60, "没有填粉丝数"),
        ("wechat_mp", 5, 20, 20, "公告至少20天"),
        ("weibo", 5_000_000, 15, 15, "没有查到"),
    ],
)
def test_the_longer_of_freeze_and_notice_is_waited_for(platform, followers, notice, days, word):
    wait = wait_of(platform, followers, notice_days=notice)
    assert wait.days == days
    assert word in wait.because


def test_the_earliest_day_follows_the_notice():
    assert earliest_end(date(2026, 9, 16), wait_of("wechat_mp", 1, notice_days=0)) == date(2026, 10, 1)


def test_a_notice_says_basis_account_dates_and_where_to_follow():
    text = notice_text(ENDING)
    for word in (
        "示办发〔2026〕3号",
        "微信公众号“南例商务”（gh_1）",
        "2026年9月16日",
        "2026年10月1日注销",
        "今后请关注：南例发布",
    ):
        assert word in text
    assert "没有替代账号" in notice_text(replace(ENDING, instead="无", platform_id=""))


def test_what_a_notice_lacks_is_named():
    assert missing_elements(ENDING) == []
    assert missing_elements(replace(ENDING, basis=" ", instead="")) == ["依据文件", "今后关注哪个账号"]


@pytest.mark.parametrize("platform", PLATFORM_NAMES)
def test_a_lost_password_has_a_way_on_every_platform(platform):
    assert len(password_help(platform)) >= 3
