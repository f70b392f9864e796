"""The frames and pages of the look."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory

from qiguan.core.errors import QiguanError
from qiguan.ui import gallery
from qiguan.ui.nav import NavItem, Place, Shell
from tests.ui.markup import Page


def show(name: str, context=None, path: str = "/") -> Page:
    request = RequestFactory().get(path)
    request.user = AnonymousUser()
    return Page(render_to_string(name, context or {}, request))


def child(base: str, body: str, **context) -> str:
    source = (
        f'{{% extends "{base}" %}}{{% load ui %}}{{% block title %}}题{{% endblock %}}{{% block content %}}{body}{{% endblock %}}'
    )
    return engines["django"].from_string(source).render(context, RequestFactory().get("/?a=1&b=2"))


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_an_error_page_needs_nothing_and_says_what_to_do(name):
    page = Page(render_to_string(name))  # no request: what Django has when all is lost
    assert len(page.all("h1")) == 1
    assert page.all("a", class_="go")
    assert page.all("script") == []


def test_an_error_in_words_has_place_and_remedy_and_stays_words():
    page = show(
        "ui/error.html", {"error": QiguanError("九月没有31日<b>", place="第12行E列", remedy="改成实际日期"), "status": 400}
    )
    assert "九月没有31日<b>" in page.text
    assert "位置：第12行E列" in page.text
    assert "改成实际日期。" in page.text


def test_log_in_keeps_the_name_and_says_what_went_wrong():
    class Refused(AuthenticationForm):
        def clean(self):
            raise forms.ValidationError("x")

    form = Refused(data={"username": '"><b>', "password": "geheim"})
    page = show("ui/login.html", {"form": form, "next": "/office/"})
    (name,) = page.all("input", name="username")
    assert name["value"] == '"><b>'
    assert "value" not in page.all("input", name="password")[0]
    assert page.all("input", name="next", value="/office/")
    assert page.all("div", role="alert")
    assert not show("ui/login.html", {"form": AuthenticationForm()}).all("div", role="alert")


def test_the_officials_frame_has_row_places_search_and_messages():
    page = Page(
        child(
            "ui/base.html",
            "<h1>x</h1>",
            nav=[NavItem("总览", "/o/"), NavItem("整改", "/r/", current=True, count=4)],
            places=[Place("<市>", "/p/", 186, current=True)],
            messages=[Message(constants.SUCCESS, "已记下"), Message(constants.INFO, "<i>")],
            shell=Shell(packs="全国2019", as_of="2026年9月15日24:00"),
        )
    )
    assert page.all("a", href="/r/", aria_current="page")
    assert page.all("form", role="search")
    assert page.all("div", class_="note", data_s="active")
    assert "<i>" in page.text
    assert "数据截至2026年9月15日24:00，北京时间" in page.text
    assert "规则包：全国2019" in page.text
    assert page.all("input", name="next")[0]["value"] == "/?a=1&b=2"
    assert page.all("a", class_="skip", href="#main")
    assert page.all("main", id="main")


def test_the_citizens_frame_has_no_script_and_can_be_enlarged():
    page = Page(child("ui/public_base.html", "<h1>x</h1>", public_nav=[NavItem("查账号", "/")], size="large"))
    assert page.all("script") == []
    assert page.all("html", data_size="large")
    assert page.all("button", name="size")[0]["value"] == ""
    assert page.all("form", method="post", action="/look/")


def test_a_document_stands_alone():
    text = child(
        "ui/document_base.html", "{% year_strip strip %}{% chip 'zombie' %}{% places rows %}", strip=gallery.strip(), rows=[]
    )
    page = Page(text)
    assert page.all("link") == []
    assert page.all("script") == []
    assert len(page.all("style")) == 1
    outside = [v for _, a in page.elements for k, v in a.items() if k in {"href", "src", "action"} and not v.startswith("#")]
    assert outside == []
    assert not re.search(r"https?://", text)
    assert "default-src 'none'" in page.all("meta", http_equiv="Content-Security-Policy")[0]["content"]


def test_pages_turn_and_keep_the_query():
    page = show("ui/pagination.html", {"page_obj": Paginator(range(186), 50).page(2)}, "/?state=due&page=2")
    assert page.text.startswith("第51–100个，共186个")
    assert page.all("a", rel="next")[0]["href"] == "?state=due&page=3"
    assert page.all("a", rel="prev")[0]["href"] == "?state=due&page=1"
    assert show("ui/pagination.html", {"page_obj": Paginator([], 50).page(1)}).elements == []
    assert show("ui/pagination.html", {"page_obj": Paginator([1], 50).page(1), "unit": "条"}).text == "第1–1条，共1条"


def test_an_empty_state_says_cause_and_next_step():
    page = show("ui/empty.html", {"cause": "没有叫“<x>”的账号", "what_next": "少一个字再试", "url": "/a/", "label": "登记账号"})
    assert "没有叫“<x>”的账号" in page.text
    assert page.all("a", href="/a/")


@pytest.mark.parametrize(("state", "refreshes"), [("waiting", True), ("running", True), ("done", False), ("failed", False)])
def test_progress_moves_without_scripts_and_stops_at_its_end(state, refreshes):
    progress = {"title": "导入", "percent": 42, "message": "<m>", "state": state}
    page = show("ui/progress_page.html", {"progress": progress, "poll_url": "/p/1/", "done_url": "/d/"})
    assert bool(page.all("meta", http_equiv="refresh")) == refreshes
    assert bool(page.all("div", data_progress="/p/1/")) == refreshes
    assert bool(page.all("a", href="/d/")) == (state == "done")
    assert page.all("progress", value="42", max="100")
    assert "<m>" in page.text
    assert "42%" in page.text


def test_a_confirmation_says_consequences_and_sends_once_with_a_token():
    page = show(
        "ui/confirm.html",
        {
            "question": "确认发出？",
            "consequences": ["马上收到<b>"],
            "undo": "可以撤回",
            "fields": [("id", "7")],
            "action_url": "/do/",
        },
    )
    assert page.all("form", method="post", action="/do/")
    assert page.all("input", name="id", value="7")
    assert page.all("input", name="csrfmiddlewaretoken")
    assert "马上收到<b>" in page.text
    assert page.all("button", name="confirmed", value="1")


def test_a_filter_keeps_the_order_and_waits_for_its_button():
    class Filter(forms.Form):
        q = forms.CharField(label="名称", required=False)

    page = show("ui/filter.html", {"filter_form": Filter({"q": "医保"})}, "/?sort=-updated")
    assert page.all("form", method="get")
    assert page.all("input", name="q", value="医保")
    assert page.all("input", name="sort", value="-updated")
    assert page.all("label", for_="id_q")
