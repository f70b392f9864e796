"""The leader's link: no password, nothing pressed by fetching, each question answered once, applications on their way."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from tests.inspection.test_morning import MORNING, cast, stand

from qiguan.config.morning import queue_mornings
from qiguan.inspection.actions.leading import decide_as_leader, leader_mornings
from qiguan.inspection.actions.warnings import LINK_LIFE, queue_warnings
from qiguan.inspection.warned import LeaderDecision, LeaderLink
from qiguan.jobs import clock
from qiguan.people.models import AuditEntry, Membership
from qiguan.people.outbox.models import Notice
from qiguan.people.secrets import decrypt
from qiguan.register.actions.filings import decide_filing
from qiguan.register.models import Filing

CLOSING = {"notice_on": "2026-09-16", "closes_on": "2026-10-16", "instead": "无"}


@pytest.fixture
def asked(town, monkeypatch):
    """A leader who was asked; `asked.path` is the address in the message."""
    town.account = cast(town)
    stand(town.account)
    monkeypatch.setattr(clock, "now", lambda: MORNING + timedelta(minutes=30))
    queue_warnings(at=MORNING)
    town.notice = Notice.objects.get(to=town.users["leader"])
    town.path = decrypt(bytes(town.notice.private))
    town.decision = LeaderDecision.objects.get()
    return town


def press(client, asked, choice, **more):
    return client.post(asked.path, {"decision": asked.decision.public_id, "choice": choice, **more})


def told_by_leader() -> dict[str, str]:
    return dict(Notice.objects.filter(kind="leader").values_list("to__username", "title"))


def test_fetching_shows_three_buttons_and_does_nothing(client, asked):
    for _ in range(3):
        answer = client.get(asked.path)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert [w for w in ("安排更新", "申请移交", "申请关停") if f">{w}</button>" in page] == ["安排更新", "申请移交", "申请关停"]
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]
    assert "<script" not in page
    client.get(asked.path + "?choice=close&step=confirm&decision=" + asked.decision.public_id)
    assert LeaderDecision.objects.get().choice == ""
    assert client.head(asked.path).status_code == 200


def test_the_first_press_only_asks_once_more(client, asked):
    page = press(client, asked, "update").content.decode()
    assert "确认安排更新" in page
    assert LeaderDecision.objects.get().choice == ""


def test_arranging_an_update_tells_the_operator_and_alarms_nobody_else(asked):
    client = Client(enforce_csrf_checks=True)  # an in-app browser without cookies
    page = press(client, asked, "update", step="confirm", note="今天下班前发").content.decode()
    assert "已记下" in page
    decision = LeaderDecision.objects.get()
    assert (decision.choice, decision.note) == ("update", "今天下班前发")
    assert told_by_leader() == {"operator": "南例商务：负责人决定安排更新"}
    assert leader_mornings(MORNING) == {}
    assert AuditEntry.objects.filter(action="decide_as_leader", by=asked.users["leader"]).count() == 1


def test_closing_becomes_a_filing_that_another_person_decides(client, asked):
    press(client, asked, "close", step="confirm", **CLOSING)
    filing = Filing.objects.get()
    assert (filing.what, filing.state, filing.submitted_by) == ("stop", "submitted", asked.users["leader"])
    assert LeaderDecision.objects.get().filing == filing
    assert "申请待审批" in client.get(asked.path).content.decode()
    decide_filing(filing=filing, approve=True, reason="", by=asked.users["supervisor"], at=MORNING)
    asked.account.refresh_from_db()
    assert asked.account.status == "closing"


def test_an_application_joins_the_next_morning_of_those_who_decide_and_is_told_once(client, asked):
    press(client, asked, "close", step="confirm", **CLOSING)
    assert "supervisor" not in told_by_leader()
    tomorrow = MORNING + timedelta(days=1)
    news = leader_mornings(tomorrow)
    assert set(news) == {asked.users["supervisor"].pk, asked.users["second"].pk}
    told = news[asked.users["supervisor"].pk]
    assert (told.title, list(told.lines)) == ("1件申请等您审批", ["南例县商务局：南例商务申请关停，等您审批"])
    queue_mornings(at=tomorrow)
    assert Notice.objects.filter(to=asked.users["supervisor"], kind="warning", at=tomorrow).exists()
    assert leader_mornings(tomorrow + timedelta(days=1)) == {}


def test_handing_over_names_the_new_owner(client, asked):
    answer = press(client, asked, "hand_over", step="confirm", owner=" ")
    assert answer.status_code == 400
    assert "没有写移交给哪个单位" in answer.content.decode()
    press(client, asked, "hand_over", step="confirm", owner="东例区审计局", why="职能已划转")
    assert Filing.objects.get().said == {"owner": "东例区审计局", "why": "职能已划转"}


def test_a_mistake_in_the_form_keeps_what_was_typed_and_decides_nothing(client, asked):
    answer = press(client, asked, "close", step="confirm", notice_on="2026-10-16", closes_on="2026-09-16", instead="没有这个号")
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "注销日期在公告日期之前" in page
    assert 'value="没有这个号"' in page
    assert LeaderDecision.objects.get().choice == ""
    assert told_by_leader() == {}


def test_a_question_is_answered_once(client, asked):
    press(client, asked, "update", step="confirm")
    answer = press(client, asked, "close", step="confirm", **CLOSING)
    assert "这件事已经办过了" in answer.content.decode()
    assert LeaderDecision.objects.get().choice == "update"
    assert not Filing.objects.exists()


def test_an_application_that_waits_already_is_taken_up(client, asked):
    from qiguan.register.actions.filings import submit_filing

    waiting = submit_filing(
        what="stop", organ=asked.commerce, account=asked.account, said=CLOSING, by=asked.users["unit"], at=MORNING
    )
    press(client, asked, "close", step="confirm", **CLOSING)
    assert LeaderDecision.objects.get().filing == waiting


def test_the_decision_quiets_the_next_mornings(client, asked):
    press(client, asked, "hand_over", step="confirm", owner="东例区审计局")
    assert queue_warnings(at=MORNING + timedelta(days=1)) == 0


def test_a_forged_an_unknown_and_an_expired_link_say_so(client, asked, monkeypatch):
    assert client.get("/leader/abc/").status_code == 404
    forged = asked.path[:-4] + ("aaa/" if not asked.path.endswith("aaa/") else "bbb/")
    assert client.get(forged).status_code == 404
    monkeypatch.setattr(clock, "now", lambda: MORNING + LINK_LIFE)
    answer = client.get(asked.path)
    assert answer.status_code == 410
    assert "已过期" in answer.content.decode()
    assert press(client, asked, "update", step="confirm").status_code == 410
    assert LeaderDecision.objects.get().choice == ""


def test_an_account_that_moved_meanwhile_needs_no_decision(client, asked):
    stand(asked.account, state="active", line=timedelta(days=14))
    page = client.get(asked.path).content.decode()
    assert "已经更新了" in page
    assert "申请关停</button>" not in page


def test_a_leader_who_left_decides_nothing(client, asked):
    Membership.objects.filter(user=asked.users["leader"]).delete()
    answer = press(client, asked, "update", step="confirm")
    assert "不归您分管" in answer.content.decode()
    assert LeaderDecision.objects.get().choice == ""


def test_the_link_opens_its_own_questions_only(client, asked):
    other = LeaderLink.objects.create(leader=asked.users["leader"], key_hash="x", made_at=MORNING, expires_at=MORNING + LINK_LIFE)
    foreign = LeaderDecision.objects.create(link=other, account=asked.account, line_at=MORNING)
    client.post(asked.path, {"decision": foreign.public_id, "choice": "update", "step": "confirm"})
    foreign.refresh_from_db()
    assert foreign.choice == ""


def test_another_person_cannot_decide_by_the_action(asked):
    from qiguan.core.errors import NotPermitted, QiguanError

    for name in ("unit", "supervisor"):
        with pytest.raises(NotPermitted):
            decide_as_leader(decision=asked.decision, choice="update", said={}, by=asked.users[name], at=MORNING)
    with pytest.raises(QiguanError, match="没有这个选项"):
        decide_as_leader(decision=asked.decision, choice="x", said={}, by=asked.users["leader"], at=MORNING)
    with pytest.raises(QiguanError, match="已过期"):
        decide_as_leader(decision=asked.decision, choice="update", said={}, by=asked.users["leader"], at=MORNING + LINK_LIFE)


def test_the_inbox_leads_to_the_same_page_for_its_owner_alone(client, asked):
    client.force_login(asked.users["leader"])
    assert client.get(asked.notice.link).status_code == 200
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(asked.users["leader"])
    refused = strict.post(asked.notice.link, {"decision": asked.decision.public_id, "choice": "update", "step": "confirm"})
    assert refused.status_code == 403, "inside, the session is the authority: it is guarded"
    client.force_login(asked.users["unit"])
    assert client.get(asked.notice.link).status_code == 404


def test_the_secret_path_is_on_no_page_of_the_product(client, asked):
    client.force_login(asked.users["leader"])
    secret = re.escape(asked.path.strip("/").split("/")[1][:20])
    for page in ("/office/inbox/", asked.notice.link, "/office/warnings/"):
        assert not re.search(secret, client.get(page).content.decode())
