"""Which addresses may be dialled."""

from __future__ import annotations

import ipaddress

import pytest

from qiguan.core.errors import UnusableInput
from qiguan.net.guard import PrivateAddress, demand_public, read_networks, sendable, usable_url, without_secrets


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
        "100.100.100.200",
        "192.0.0.10",
        "192.88.99.1",
        "255.255.255.255",
        "::7f00:1",
        "::ffff:0:7f00:1",
        "fec0::1",
        "64:ff9b:1::1",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "3fff::1",
        "3fff:fff:ffff::1",
        "168.63.129.16",
        "fd00:ec2::254",
        "2002:a00:1::",
        "ff02::1",
    ],
)
def test_addresses_that_are_not_public_are_refused(host):
    with pytest.raises(PrivateAddress):
        demand_public(host, allow_loopback=False)


@pytest.mark.parametrize("host", ["1.1.1.1", "2606:4700::1", "3ffe::1", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_public_addresses_pass(host):
    demand_public(host, allow_loopback=False)


def test_loopback_passes_only_where_it_is_allowed_and_nothing_else_with_it():
    demand_public("127.0.0.1", allow_loopback=True)
    demand_public("::ffff:127.0.0.1", allow_loopback=True)
    for host in ("10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::7f00:1"):
        with pytest.raises(PrivateAddress):
            demand_public(host, allow_loopback=True)


def test_networks_of_an_office_pass_where_they_are_named_and_nothing_else_with_them():
    office = [ipaddress.ip_network("10.20.0.0/16"), ipaddress.ip_network("fd00:20::/32")]
    for host in ("10.20.1.1", "::ffff:10.20.1.1", "fd00:20::1"):
        demand_public(host, allow_loopback=False, allow=office)
    for host in ("10.21.1.1", "fd00:21::1", "127.0.0.1", "2002:a14:101::"):
        with pytest.raises(PrivateAddress):
            demand_public(host, allow_loopback=False, allow=office)


def test_networks_are_read_from_a_setting():
    assert read_networks("", place="x") == read_networks("  ", place="x") == ()
    found = read_networks("10.0.0.0/8，172.16.0.0/12, fd00:20::/32", place="x")
    assert [str(n) for n in found] == ["10.0.0.0/8", "172.16.0.0/12", "fd00:20::/32"]
    for host in ("10.1.2.3", "172.31.0.1", "fd00:20::1"):
        demand_public(host, allow_loopback=False, allow=found)


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.0/8", "127.0.0.1", "0.0.0.0/0", "128.0.0.0/1", "169.254.169.254", "169.254.0.0/16", "fe80::/10", "::1", "::/0", "fc00::/7,::/64",
        "::ffff:127.0.0.1", "100.100.100.200", "fd00:ec2::254/128", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/8,内网", "10", "224.0.0.0/4", "www.example.invalid",
    ],
)  # fmt: skip
def test_a_network_that_is_none_or_never_allowed_is_refused_by_name(text):
    with pytest.raises(UnusableInput) as told:
        read_networks(text, place="QIGUAN_ALLOW_NETWORKS")
    assert told.value.place == "QIGUAN_ALLOW_NETWORKS"
    assert "10.0.0.0/8" in told.value.remedy


def test_what_is_never_allowed_is_refused_even_inside_a_network_that_is():
    everything = [
        ipaddress.ip_network("0.0.0.0/0"),
        ipaddress.ip_network("::/0"),
        *read_networks("100.64.0.0/10,fd00::/8", place="x"),
    ]
    for host in (
        "127.0.0.1", "169.254.169.254", "100.100.100.200", "::1", "fe80::1", "fd00:ec2::254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "0.0.0.0",
    ):  # fmt: skip
        with pytest.raises(PrivateAddress):
            demand_public(host, allow_loopback=False, allow=everything)
    demand_public("100.64.0.1", allow_loopback=False, allow=everything)
    demand_public("127.0.0.1", allow_loopback=True, allow=everything)


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


@pytest.mark.parametrize(
    "text",
    [
        "https://a/?appid=wxABC",
        "https://a/?next=https%3A%2F%2Fb%2F%3Faccess_token%3DABC",
        '{"appsecret": "ABC"}',
        "https://ABC:ABC@a.cn/",
        "refresh_token=ABC",
    ],
)
def test_secrets_are_hidden_however_they_are_written(text):
    assert "ABC" not in without_secrets(text)


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://a.cn/x?y=%e4%B8&z=a/b", "https://a.cn/x?y=%e4%B8&z=a/b"),
        ("https://a.cn:8443/x#part", "https://a.cn:8443/x"),
        (" http://A.cn/x ", "http://A.cn/x"),
        ("http://a.cn/中 文?a=值", "http://a.cn/%E4%B8%AD%20%E6%96%87?a=%E5%80%BC"),
        ("http://a.cn/\udcd6\udcd0", "http://a.cn/%D6%D0"),
        ("http://示例.政务/x", "http://xn--fsq092h.xn--zfr164b/x"),
        ("http://a.cn/x\r\nHost: b", "http://a.cn/xHost:%20b"),
        ("http://a.cn/<x>", "http://a.cn/%3Cx%3E"),
        ("http://a b.cn/", ""),
        ("http://u:p@a.cn/", ""),
        ("http://a.cn:99999/", ""),
        ("http://a.cn:0/", ""),
        ("http://" + "中" * 80 + "/", ""),
        ("ftp://a.cn/", ""),
        ("", ""),
    ],
)
def test_an_address_is_made_fit_for_a_request_line_or_refused(url, sent):
    assert sendable(url) == sent


def test_a_chinese_host_name_keeps_its_port():
    from qiguan.net.guard import sendable

    assert sendable("http://例子.中国:8080/甲") == "http://xn--fsqu00a.xn--fiqs8s:8080/%E7%94%B2"
    assert sendable("http://例子.中国/") == "http://xn--fsqu00a.xn--fiqs8s/"
