"""Gathering of the row on top."""

from __future__ import annotations

from qiguan.ui.nav import NavItem, Shell, frame, gather


def test_offers_are_gathered_in_their_order():
    offers = [lambda r: [NavItem("总览", "/a")], lambda r: [], lambda r: [NavItem("账号", r), NavItem("登记", "/c")]]
    assert [i.label for i in gather("/b", offers)] == ["总览", "账号", "登记"]
    assert gather("/b", offers)[1].url == "/b"


def test_a_frame_has_all_that_the_base_reads():
    assert frame(nav=[NavItem("总览", "/a")]) == {
        "nav": [NavItem("总览", "/a")],
        "public_nav": [],
        "places": [],
        "shell": Shell(),
    }
