"""The auditor's pages in a real browser: nothing runs off the side, axe finds nothing serious, nothing is blocked by the policy."""

from __future__ import annotations

import os

import pytest

from qiguan.inspection.actions.standing import judge_all
from qiguan.jobs import clock
from qiguan.people.actions import record_audit
from qiguan.people.audit.acts import verify_and_record
from qiguan.people.audit.sealing import seal_entries
from tests.browser.test_pages import serious
from tests.factories import AT, make_account, make_town
from tests.inspection.test_single_hand import check

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("width", [390, 1280])
def test_the_auditors_pages_are_sound(page_at, live_server, monkeypatch, width):
    monkeypatch.setattr(clock, "now", lambda: AT)
    town = make_town()
    for n in range(10):
        check(make_account(town.commerce, f"南例第{n}号", platform_id=f"gh_{n}"), "人工核查（甲）", 1, newest=60 + n)
    judge_all(at=AT)
    for n in range(60):
        record_audit(
            action="open_contacts", by=town.users["unit"], at=AT, organ=town.commerce, on=town.commerce, fields=["phone"]
        )
    record_audit(action="export_register", by=town.users["unit"], at=AT, organ=town.commerce, fields=["csv"], count=135)
    seal_entries(at=AT)
    verify_and_record(at=AT)
    page = page_at(width, "auditor")
    for name, path in (
        ("audit", "audit/"), ("older", "audit/?action=open_contacts"), ("sample", "audit/sample/?seed=第2026123期&count=5"), ("empty", "audit/sample/"),
    ):  # fmt: skip
        answer = page.goto(f"{live_server.url}/office/{path}")
        assert answer.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} runs off the side"
        assert serious(page) == [], path
        if os.environ.get("QIGUAN_PICTURES"):
            page.screenshot(path=f"{os.environ['QIGUAN_PICTURES']}/{name}-{width}.png", full_page=True)
    assert page.complaints == []
