"""A post is itself, whatever link it was shared by."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from qiguan.core import post_key as module
from qiguan.core.post_key import canonical_link, post_key

AT = datetime(2026, 9, 16, 2, 0, 30, tzinfo=UTC)


def test_tracking_parameters_make_no_other_post():
    a = post_key(url="https://mp.weixin.qq.com/s?__biz=MzA==&mid=1&idx=1&sn=ab&chksm=zz&scene=27#wechat_redirect")
    b = post_key(url="http://mp.weixin.qq.com/s?mid=1&__biz=MzA==&idx=1&sn=ab")
    assert a == b
    assert post_key(url="https://mp.weixin.qq.com/s?__biz=MzA==&mid=1&idx=2&sn=ab") != a
    assert canonical_link("https://Example.gov.cn:443/a/?utm_source=x&id=2") == canonical_link("http://example.gov.cn/a?id=2")


def test_short_links_are_kept_as_they_are():
    assert post_key(url="https://mp.weixin.qq.com/s/AbC") == "mp.weixin.qq.com/s/AbC"
    assert post_key(url="https://mp.weixin.qq.com/s/abc") != post_key(url="https://mp.weixin.qq.com/s/AbC")


def test_links_that_name_the_post_otherwise_stay_apart():
    old = "https://mp.weixin.qq.com/mp/appmsg/show?__biz=MzA==&appmsgid={}&itemidx=1&sign=ab&scene=3"
    assert canonical_link(old.format(1)) != canonical_link(old.format(2))
    found = "https://mp.weixin.qq.com/s?src=11&timestamp=1&ver=1&signature={}&new=1"
    assert canonical_link(found.format("a")) != canonical_link(found.format("b"))
    assert canonical_link("https://x.cn/a?key=1") != canonical_link("https://x.cn/a?key=2")
    assert canonical_link("https://x.cn/a?lang=zh") != canonical_link("https://x.cn/a?lang=bo")
    assert canonical_link("https://mp.weixin.qq.com/s/AbC?scene=1&key=9&uin=3") == "mp.weixin.qq.com/s/AbC"


def test_an_ampersand_escaped_once_too_often_is_the_same_link():
    assert canonical_link("http://mp.weixin.qq.com/s?__biz=A&amp;mid=1&amp;idx=1&amp;sn=b") == canonical_link(
        "https://mp.weixin.qq.com/s?__biz=A&mid=1&idx=1&sn=b"
    )


def test_without_a_link_the_id_and_then_title_and_minute_decide():
    assert post_key(official_id="2247_1") == "id:2247_1"
    assert post_key(title="通知！", at=AT) == post_key(title="通知", at=AT.replace(second=1))
    assert post_key(title="通知", at=AT) != post_key(title="通知", at=AT.replace(minute=5))
    assert post_key() == ""
    assert post_key(url="javascript:alert(1)", title="x").startswith("t:")


def test_what_is_no_link_gives_none():
    assert canonical_link("http://[::1") == ""
    assert canonical_link("https://a.cn:99999/") == ""
    assert canonical_link("https://a.cn/?" + "&".join(f"a{n}=1" for n in range(500))) == ""


@given(st.text(max_size=300))
def test_hostile_links_never_raise_and_never_grow(text):
    assert len(post_key(url=text, title="x")) <= 200
    assert len(post_key(url="https://a.cn/" + text, title="x")) <= 200


NAMES = st.sampled_from(["__biz", "mid", "idx", "sn", "chksm", "scene", "key", "amp;mid", ""])
VALUES = st.text("ab01=&;_.~-", max_size=6)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=6), st.sampled_from(["", "#rd", "#wechat_redirect"]))
def test_the_quick_way_says_what_the_slow_one_says(pairs, fragment):
    url = "https://mp.weixin.qq.com/s?" + "&".join(f"{k}={v}" for k, v in pairs) + fragment
    assert canonical_link(url) == module._canonical(url)
