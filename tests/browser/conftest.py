"""A real Chromium; asked for by name where it is missing."""

from __future__ import annotations

import pytest


@pytest.fixture
def page_at(chromium, live_server):
    """Return a function: a page of that width, logged in as that user ("" for a citizen)."""
    from tests.factories import PASSWORD

    contexts = []

    def open_page(width: int, user: str = "", **more):
        context = chromium.new_context(viewport={"width": width, "height": 844}, locale="zh-CN", **more)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda m: m.type == "error" and page.complaints.append(m.text))
        page.on("pageerror", lambda e: page.complaints.append(str(e)))
        if user:
            page.goto(live_server.url + "/login/")
            page.fill("[name=username]", user)
            page.fill("[name=password]", PASSWORD)
            page.click("main button")
            page.wait_for_load_state()
        return page

    yield open_page
    for context in contexts:
        context.close()
