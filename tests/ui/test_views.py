"""The choice of theme and size, kept in cookies without scripts."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from qiguan.ui.context import look
from qiguan.ui.views import set_look


def post(**fields):
    return set_look(RequestFactory(enforce_csrf_checks=True).post("/look/", fields))


def test_a_choice_is_kept_and_the_visitor_goes_back():
    answer = post(theme="dark", next="/office/accounts/?state=due")
    assert answer.status_code == 302
    assert answer["Location"] == "/office/accounts/?state=due"
    assert answer.cookies["theme"].value == "dark"
    assert answer.cookies["theme"]["max-age"] > 300 * 86400
    assert "size" not in answer.cookies


@pytest.mark.parametrize("value", ["", "purple", "dark\r\nSet-Cookie: a=b"])
def test_an_unknown_choice_forgets_the_old_one(value):
    cookie = post(theme=value).cookies["theme"]
    assert cookie.value == ""
    assert cookie["max-age"] == 0


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example", ""])
def test_nobody_is_sent_to_another_host(away):
    assert post(size="large", next=away)["Location"] == "/"


def test_reading_changes_nothing():
    assert set_look(RequestFactory().get("/look/")).status_code == 405


def test_the_look_reads_known_cookies_only():
    request = RequestFactory().get("/")
    request.COOKIES = {"theme": "dark", "size": "large"}
    assert (look(request)["theme"], look(request)["size"]) == ("dark", "large")
    request.COOKIES = {"theme": '"><script>', "size": "huge"}
    assert (look(request)["theme"], look(request)["size"]) == ("", "")
