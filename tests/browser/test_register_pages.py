"""The register's pages in a real browser: nothing runs off the side at 390 and 1280 px, axe finds nothing serious."""

from __future__ import annotations

import os
from datetime import date, timedelta

import pytest

from qiguan.jobs import clock
from qiguan.people.actions import end_organ
from qiguan.register.actions.filings import OPENING, decide_filing, submit_filing
from qiguan.register.actions.imports import apply_file, receive_file
from qiguan.register.actions.returns import open_return, send_share
from tests.browser.test_pages import serious
from tests.factories import AT, make_account, make_town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
HEADER = "账号名称,平台,账号ID,主办单位,开设时间,功能定位,联系人,联系电话\n"


@pytest.fixture
def addresses(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    town = make_town()
    account = make_account(town.commerce, "南例商务", platform_id="gh_bbbbbbbbbbbb")
    make_account(town.audit, "东例审计", platform="weibo", platform_id="55")
    rows = (
        "南例商务,公众号,,南例县商务局,2019.5.6,发布商务信息和惠企政策，提供办事指南,张某,13800000000\n"
        "新号,抖音,dy1,南例县水务局,20190506,,,\n甲,微博,1,南例县商务局,2026年9月31日,,,\n,微博,2,南例县商务局,,,,\n"
    )
    preview = receive_file(organ=town.city, name="南例县政务新媒体登记表.csv", data=(HEADER + rows).encode(), by=None, at=AT)
    applied = apply_file(
        file=receive_file(organ=town.city, name="已导入.csv", data=(HEADER + rows).encode(), by=None, at=AT), by=None, at=AT
    )
    organs = [town.south, town.east]
    task = open_return(
        organ=town.city, title="第四季度核对", due_on=date(2026, 9, 30), organs=organs, by=town.users["supervisor"], at=AT
    )
    claim = (HEADER + "东例审计,微博,55,南例县商务局,,,,\n").encode()
    sent = send_share(share=task.shares.get(organ=town.south), name="报送.csv", data=claim, by=None, at=AT)
    said = dict.fromkeys(OPENING, "说明") | {"name": "南例文旅", "platform": "weibo"}
    filing = submit_filing(
        what="open", organ=town.commerce, account=None, said=said, by=town.users["unit"], at=AT - timedelta(days=91)
    )
    decide_filing(filing=filing, approve=True, reason="", by=town.users["second"], at=AT - timedelta(days=91))
    submit_filing(what="open", organ=town.commerce, account=None, said=said, by=town.users["unit"], at=AT)
    end_organ(organ=town.audit, on=date(2026, 1, 1), successor=town.commerce, document="示机改〔2026〕1号", by=None, at=AT)
    return {
        "preview": f"register/files/{preview.public_id}/",
        "result": f"register/files/{applied.public_id}/",
        "claim": f"register/files/{sent.public_id}/",
        "filings": "register/filings/",
        "stop": f"register/filings/new/stop/?account={account.public_id}",
        "organs": "register/organs/",
        "organ": f"register/organs/{town.audit.public_id}/",
        "ended": "register/ended/",
        "custody": f"register/accounts/{account.public_id}/",
        "returns": "returns/",
        "return": f"returns/{task.public_id}/",
        "register": "register/",
    }


@pytest.mark.parametrize(("width", "user"), [(390, "supervisor"), (1280, "supervisor")])
def test_pages_of_the_register_are_sound(page_at, live_server, addresses, width, user):
    page = page_at(width, user)
    shots = os.environ.get("QIGUAN_SHOTS", "")
    for name, path in addresses.items():
        answer = page.goto(f"{live_server.url}/office/{path}")
        assert answer.status == 200, name
        if shots:
            page.screenshot(path=f"{shots}/{name}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} runs off the side"
        assert serious(page) == [], name
    assert page.complaints == []
