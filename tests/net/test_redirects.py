"""What a redirect may lead to and take along."""

from __future__ import annotations

import pytest

from qiguan.core.source import Outcome
from qiguan.net.failure import Failure
from qiguan.net.redirects import Hop, next_hop

SECRET = {"Authorization": "Bearer x", "X-Api-Key": "y", "Cookie": "z", "Accept": "text/html", "If-None-Match": '"1"'}


def hop(url="https://a.cn/x", method="GET", json=None):
    return Hop(url, method, SECRET, json)


@pytest.mark.parametrize(
    ("start", "location", "kept"),
    [
        ("https://a.cn/x", "/y", True),
        ("https://a.cn/x", "https://a.cn:443/y", True),
        ("http://a.cn/x", "https://a.cn/y", True),
        ("https://a.cn/x", "http://a.cn/y", False),
        ("https://a.cn:8443/x", "http://a.cn:8443/y", False),
        ("https://a.cn/x", "https://b.cn/y", False),
        ("https://a.cn/x", "//b.cn/y", False),
        ("https://a.cn/x", "https://a.cn:8443/y", False),
        ("https://a.cn/x", "https://a.cn.evil.example/y", False),
    ],
)
def test_headers_of_ours_stay_with_their_origin(start, location, kept):
    following = next_hop(hop(start), 302, location)
    assert following.headers == (SECRET if kept else {"Accept": "text/html", "If-None-Match": '"1"'})


def test_a_way_down_from_https_is_remembered():
    down = next_hop(hop(), 302, "http://a.cn/y")
    assert down.downgraded
    assert next_hop(down, 302, "https://a.cn/z").downgraded
    assert not next_hop(hop(), 302, "/y").downgraded


def test_a_body_never_goes_to_another_origin():
    posted = hop(method="POST", json={"secret": "x"})
    assert next_hop(posted, 307, "https://b.cn/") == Failure(Outcome.UNREACHABLE, "redirected elsewhere with a body")
    assert next_hop(posted, 308, "/y").json == {"secret": "x"}
    after_303 = next_hop(posted, 303, "https://b.cn/")
    assert (after_303.method, after_303.json) == ("GET", None)


def test_one_temporary_redirect_makes_the_way_temporary():
    assert next_hop(next_hop(hop(), 301, "/y"), 308, "/z").permanent
    assert not next_hop(next_hop(hop(), 301, "/y"), 302, "/z").permanent
    assert not next_hop(next_hop(hop(), 307, "/y"), 301, "/z").permanent


@pytest.mark.parametrize("location", ["file:///etc/passwd", "javascript:x", "http://u:p@b.cn/", "http://[x", "http://b.cn:0/"])
def test_only_plain_addresses_are_followed(location):
    assert next_hop(hop(), 302, location).outcome is Outcome.UNREACHABLE
