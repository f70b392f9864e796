"""Whose allowance a request spends."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from qiguan.intake.visitors import visitor_of


@pytest.mark.parametrize(
    ("peer", "forwarded", "who"),
    [
        ("198.51.100.7", "", "198.51.100.7"),
        ("198.51.100.7", "203.0.113.1", "198.51.100.7"),  # the visitor's own word
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("127.0.0.1", "10.9.9.9, 203.0.113.1", "203.0.113.1"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("", "203.0.113.1", "203.0.113.1"),
        ("", "", "None"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "", "198.51.100.7"),
    ],
)
def test_the_peer_counts_and_a_proxy_on_this_machine_names_the_visitor(peer, forwarded, who):
    assert visitor_of(RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)) == who
