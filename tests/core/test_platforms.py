"""Platforms by every spelling that real bulletins use, and ids out of links."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.platforms import PLATFORM_NAMES, canonical, id_from_link, id_sort, is_on_platform, name_key


def test_every_real_spelling_is_known_or_asked_about(real_data):
    spellings = json.loads((real_data / "platforms.json").read_text(encoding="utf-8"))["platforms"]
    asked = {s for s in spellings if not canonical(s).sure}
    assert asked == {"视频类", "未写明(微博/微信/今日头条/抖音之一)", "未写明", "云社聘"}


@pytest.mark.parametrize(
    ("text", "code", "sure"),
    [
        ("政务微信公众号", "wechat_mp", True),
        ("ＡＰＰ", "app", True),
        ("微信 视频号", "wechat_channels", True),
        ("县委宣传部抖音", "douyin", False),
        ("", "other", False),
        ("论坛", "other", False),
        ("企业微信", "other", True),
        ("趣头条", "other", True),
        ("县里的企业微信", "other", False),
        ("微信公众号、微博", "other", False),
        ("微信视频号（新）", "wechat_channels", False),
        ("微信公众号 公众号", "wechat_mp", False),
    ],
)
def test_a_spelling_names_its_platform(text, code, sure):
    guess = canonical(text)
    assert (guess.code, guess.sure) == (code, sure)
    assert guess.code in PLATFORM_NAMES
    assert sure or guess.note


@pytest.mark.parametrize(
    ("value", "sort"),
    [
        ("gh_1234567890ab", "gh"),
        ("gh_nanli", "wxid"),
        ("MzA4MDM1Njg3NQ==", "biz"),
        ("MzAwMDAwMDAwMDAw", "biz"),
        ("bmFubGlzaGFuZ3d1ISE=", "wxid"),  # base64, but of letters
        ("Mabcdefghij=====", "wxid"),
        ("abcdefghi=", "wxid"),
        ("nanli-shangwu", "wxid"),
    ],
)
def test_the_three_ids_of_wechat_are_told_apart(value, sort):
    assert id_sort("wechat_mp", value) == sort
    assert id_sort("weibo", value) == "id"


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ("https://mp.weixin.qq.com/s?__biz=MzA4MDM1Njg3NQ==&mid=1", ("wechat_mp", "MzA4MDM1Njg3NQ==")),
        ("https://mp.weixin.qq.com/s/abc", None),
        ("https://weibo.com/u/123456", ("weibo", "123456")),
        ("https://weibo.com/123456", ("weibo", "123456")),
        ("https://www.douyin.com/user/MS4wLjAB", ("douyin", "MS4wLjAB")),
        ("https://www.toutiao.com/c/user/token/MS4w", ("toutiao", "MS4w")),
        ("https://notweibo.com/u/1", None),
        ("weibo.com/u/123456?from=x", ("weibo", "123456")),
        ("https://m.weibo.cn/u/123456", ("weibo", "123456")),
        ("https://weibo.com/p/1002061234567890/home", ("weibo", "1234567890")),
        ("https://weibo.com/n/示例发布", None),  # a nickname is no id
        ("https://m.weibo.cn/status/4567890123456789", None),
        ("https://www.toutiao.com/6812345678901234567/", None),  # an article
        ("https://space.bilibili.com/42?x=1", ("bilibili", "42")),
        ("https://www.bilibili.com/42", None),
        ("https://author.baidu.com/home/1600000000", ("baijiahao", "1600000000")),
        ("https://evil.example/@mp.weixin.qq.com/?__biz=MzA4MDM1Njg3NQ==", None),
        ("https://mp.weixin.qq.com@evil.example/s?__biz=MzA4MDM1Njg3NQ==", None),
        ("http://mp.weixin.qq.com/mp/profile_ext?action=home&__biz=MzA4MDM1Njg3NQ%3D%3D#x", ("wechat_mp", "MzA4MDM1Njg3NQ==")),
        ("https://mp.weixin.qq.com/s?__biz=../../etc", None),
        ("http://[bad", None),
        ("", None),
    ],
)
def test_a_link_gives_its_id(link, found):
    assert id_from_link(link) == found


@given(st.text(max_size=80))
def test_no_text_makes_it_raise(text):
    canonical(text)
    id_from_link(text)
    assert name_key(name_key(text)) == name_key(text)


def test_names_differ_by_vowels_and_emoji_but_not_by_spacing_and_width():
    assert name_key("示例 发布（官方）") == name_key("示例发布(官方)")
    assert name_key("ＡＢＣ·发布") == name_key("abc发布")
    assert name_key("བོད") != name_key("བད")  # Tibetan: the vowel is a mark
    assert name_key("🐼") != name_key("🐯") != ""
    assert name_key("甲\ufe0f") == name_key("甲")


def test_a_post_stands_at_its_platforms_hosts_and_nowhere_that_only_looks_like_it():
    assert is_on_platform("wechat_mp", "mp.weixin.qq.com")
    assert is_on_platform("weibo", "M.Weibo.CN.")
    assert not is_on_platform("weibo", "notweibo.com")
    assert not is_on_platform("weibo", "weibo.com.example.invalid")
    assert is_on_platform("other", "anywhere.example.invalid")
