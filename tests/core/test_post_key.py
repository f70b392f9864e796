"""A post is itself, whatever link it was shared by."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

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


def test_without_a_link_the_id_and_then_title_and_minute_decide():
    assert post_key(official_id="2247_1") == "id:2247_1"
    assert post_key(title="通知！", at=AT) == post_key(title="通知", at=AT.replace(second=1))
    assert post_key(title="通知", at=AT) != post_key(title="通知", at=AT.replace(minute=5))
    assert post_key() == ""
    assert post_key(url="javascript:alert(1)", title="x").startswith("t:")


@given(st.text(max_size=300))
def test_hostile_links_never_raise_and_never_grow(text):
    assert len(post_key(url=text, title="x")) <= 200
    assert len(post_key(url="https://a.cn/" + text, title="x")) <= 200
