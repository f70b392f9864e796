"""Which addresses may be dialled."""

from __future__ import annotations

import pytest

from qiguan.net.guard import PrivateAddress, demand_public, usable_url, without_secrets


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "0.0.0.0",
        "::1",
        "::ffff:127.0.0.1",
        "fe80::1%eth0",
        "fc00::1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "224.0.0.1",
        "100.64.0.1",
        "ff02::1",
    ],
)
def test_addresses_that_are_not_public_are_refused(host):
    with pytest.raises(PrivateAddress):
        demand_public(host, allow_loopback=False)


@pytest.mark.parametrize("host", ["1.1.1.1", "2606:4700::1", "::ffff:1.1.1.1"])
def test_public_addresses_pass(host):
    demand_public(host, allow_loopback=False)


def test_loopback_passes_only_where_it_is_allowed_and_nothing_else_with_it():
    demand_public("127.0.0.1", allow_loopback=True)
    demand_public("::ffff:127.0.0.1", allow_loopback=True)
    with pytest.raises(PrivateAddress):
        demand_public("10.0.0.1", allow_loopback=True)


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://a.cn/x", True),
        ("http://a.cn:8080", True),
        ("file:///etc/passwd", False),
        ("ftp://a", False),
        ("http://u:p@a.cn/", False),
        ("http:///x", False),
        ("http://a:99999/", False),
        ("http://[x", False),
    ],
)
def test_only_plain_http_addresses_are_usable(url, fine):
    assert usable_url(url) is fine


def test_secrets_are_hidden_in_words():
    assert without_secrets("https://a/?access_token=AbC&x=1&secret=zz") == "https://a/?access_token=…&x=1&secret=…"
