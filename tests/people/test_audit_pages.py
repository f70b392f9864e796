"""The auditor's page: what it shows, to whom, page by page; samples that anyone can redo; sections; the command line."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest
from axes.models import AccessAttempt
from django.urls import reverse
from tests.factories import AT, make_account

from qiguan.config.cli import main
from qiguan.config.schedule import SCHEDULE
from qiguan.people.actions import record_audit
from qiguan.people.audit import log
from qiguan.people.audit.erasing import erase_from_audit
from qiguan.people.audit.log import LogFilter, entries_matching, log_page
from qiguan.people.audit.sealing import seal_entries
from qiguan.people.audit.words import ACTION_WORDS, action_word
from qiguan.people.models import AuditEntry, AuditSeal

pytestmark = pytest.mark.django_db
SRC = Path(__file__).parents[2] / "src" / "qiguan"


def enter(town, n=1, **more):
    for _ in range(n):
        record_audit(**{"action": "open_contacts", "by": town.users["unit"], "at": AT, "organ": town.commerce, **more})


def page(client, town, user="auditor", query=""):
    client.force_login(town.users[user])
    return client.get(reverse("audit") + query)


@pytest.mark.parametrize("user", ["supervisor", "east", "unit", "operator", "checker", "contractor"])
@pytest.mark.parametrize("name", ["audit", "audit_sample"])
def test_only_an_auditor_gets_in(client, town, user, name):
    client.force_login(town.users[user])
    assert client.get(reverse(name)).status_code == 403


def test_nothing_can_be_sent_to_it(client, town):
    client.force_login(town.users["auditor"])
    assert client.post(reverse("audit")).status_code == 405
    assert client.post(reverse("audit_sample")).status_code == 405


def test_the_page_tells_the_chain_and_who_did_what(client, town):
    enter(town)
    html = page(client, town).content.decode()
    assert "还没有封存的条目" in html
    assert "查看联系方式" in html
    seal_entries(at=AT)
    html = page(client, town).content.decode()
    assert "还没有核验过" in html
    assert AuditSeal.objects.get().digest in html
    SCHEDULE["verify_audit"].work()
    assert "操作记录完整" in page(client, town).content.decode()
    AuditEntry.objects.filter(action="open_contacts").update(count=9)
    SCHEDULE["verify_audit"].work()
    assert f"链断在第1号封条、第{AuditEntry.objects.get(action='open_contacts').pk}号条目" in page(client, town).content.decode()


def test_the_schedule_seals(town):
    SCHEDULE["seal_audit"].work()
    assert not AuditEntry.objects.filter(seal=None).exists()
    assert SCHEDULE["seal_audit"].every <= 5


def test_an_auditor_of_one_place_sees_that_place_alone(client, town):
    from qiguan.people.actions import add_user
    from qiguan.people.models import Role

    town.users["east_auditor"] = add_user(
        username="ea", shown_name="ea", password="a-long-test-password", roles=[(town.east, Role.AUDITOR)], by=None, at=AT
    )
    enter(town)
    record_audit(action="set_working_day", by=town.users["supervisor"], at=AT)
    record_audit(action="rename_organ", by=None, at=AT, organ=town.audit)
    seen = entries_matching(user=town.users["east_auditor"], wanted=LogFilter())
    assert {e.organ_path for e in seen} == {town.east.path, town.audit.path}
    assert "查看联系方式" not in page(client, town, "east_auditor").content.decode().split("谁在什么时候")[1].split("<table")[1]
    everything = entries_matching(user=town.users["auditor"], wanted=LogFilter())
    assert everything.filter(action="set_working_day").exists()
    assert everything.count() == AuditEntry.objects.count()


def test_another_role_beside_it_widens_nothing(town):
    from qiguan.people.models import Membership, Role

    user = town.users["unit"]
    Membership.objects.create(user=user, organ=town.audit, role=Role.AUDITOR)
    enter(town)
    assert not entries_matching(user=user, wanted=LogFilter()).filter(organ_path=town.commerce.path).exists()


@pytest.mark.parametrize(
    ("query", "n"),
    [
        ({"who": "unit"}, 3), ({"who": "nobody"}, 0), ({"action": "open_contacts"}, 3), ({"action": "open_"}, 3), ({"action": "open"}, 0),
        ({"on": "none"}, 0), ({"since": "2026-09-16"}, 3), ({"since": "2026-09-17"}, 0), ({"until": "2026-09-15"}, 0), ({"until": "2026-09-16"}, 3),
        ({"place": "zzz"}, 0), ({"since": "什么", "who": "\x00"}, 3),
    ],
)  # fmt: skip
def test_the_log_is_filtered_by_who_what_when_where(town, query, n):
    enter(town, 3)
    found = entries_matching(user=town.users["auditor"], wanted=LogFilter.of(query))
    assert found.filter(action="open_contacts").count() == n


def test_the_log_is_filtered_by_place_and_object(town):
    account = make_account(town.commerce)
    enter(town, on=account)
    seen = entries_matching(user=town.users["auditor"], wanted=LogFilter(place=town.south.public_id, object_id=account.public_id))
    assert seen.count() == 1


def test_every_row_stands_on_one_page_and_new_ones_shift_none(client, town, monkeypatch):
    monkeypatch.setattr(log, "PAGE", 7)
    enter(town, 20)
    everything = list(AuditEntry.objects.order_by("-pk").values_list("pk", flat=True))
    read, before = [], 0
    while True:
        one = log_page(user=town.users["auditor"], wanted=LogFilter(), before=before)
        read += [row.pk for row in one.rows]
        enter(town)
        if not one.older:
            break
        before = one.older
    assert read == everything
    html = page(client, town, query="?action=open_contacts").content.decode()
    assert re.search(r'href="\?action=open_contacts&amp;before=\d+" rel="next"', html)


@pytest.mark.parametrize(
    "query", ["?before=x", "?before=9999999999999999999999", "?since=2026-99-99&until=x&who=%00", "?place=%F0%9F%98%80"]
)
def test_a_hostile_query_is_a_page(client, town, query):
    assert page(client, town, query=query).status_code == 200
    client.force_login(town.users["auditor"])
    assert client.get(reverse("audit_sample") + query + "&seed=1&count=-1&seal=x").status_code == 200


def test_what_was_erased_is_shown_as_erased(client, town):
    enter(town)
    erase_from_audit(user=town.users["unit"], basis="pipl_47", by=town.users["second"], at=AT)
    html = page(client, town, query="?action=open_contacts").content.decode()
    assert "已依法抹除" in html
    assert "抹除操作记录中的个人信息" in page(client, town).content.decode()


# ── samples ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_sample_is_redone_by_hand_from_its_list_and_seed(client, town):
    enter(town, 40)
    seal_entries(at=AT)
    client.force_login(town.users["auditor"])
    address = reverse("audit_sample") + "?action=open_contacts&seed=第2026123期&count=5"
    html = client.get(address).content.decode()
    numbers = client.get(address + "&numbers=1").content.decode().split()
    assert len(numbers) == 40
    by_hand = sorted(numbers, key=lambda n: sha256(f"第2026123期|{n}".encode()).hexdigest())[:5]
    assert re.findall(r'data-l="编号" class="r"><span class="id">(\d+)', html) == by_hand
    again = re.search(r'href="(\?[^"]*seal=1)">这次抽样的固定地址', html)[1].replace("&amp;", "&")
    enter(town, 5)
    seal_entries(at=AT)
    assert client.get(reverse("audit_sample") + again + "&numbers=1").content.decode().split() == numbers


def test_a_sample_without_seed_or_from_too_many_is_refused_in_words(client, town, monkeypatch):
    enter(town, 3)
    seal_entries(at=AT)
    client.force_login(town.users["auditor"])
    assert "没有写种子" in client.get(reverse("audit_sample") + "?seed=").content.decode()
    monkeypatch.setattr(log, "MOST_DRAWN_FROM", 2)
    assert "请缩小时间" in client.get(reverse("audit_sample") + "?seed=1").content.decode()


def test_nothing_sealed_is_told(client, town):
    client.force_login(town.users["auditor"])
    assert "还没有封存" in client.get(reverse("audit_sample") + "?seed=1").content.decode()


# ── sections ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_exports_leave_a_trace_that_the_auditor_reads(client, town):
    make_account(town.commerce)
    client.force_login(town.users["unit"])
    assert client.get(reverse("register_export", args=["csv"])).status_code == 200
    assert client.get(reverse("register_export", args=["exe"])).status_code == 404
    entry = AuditEntry.objects.get(action="export_register")
    assert (entry.fields, entry.count, entry.organ_path) == (["csv"], 1, town.commerce.path)
    assert "导出登记表，1条" in page(client, town).content.decode()


def test_failed_log_ins_are_told_of_known_accounts_only(client, town):
    for name, n in (("unit", 3), ("a-password-in-the-wrong-box", 9)):
        AccessAttempt.objects.create(username=name, ip_address="192.0.2.1", failures_since_start=n)
    html = page(client, town).content.decode()
    assert "3次没有登录成功" in html
    assert "wrong-box" not in html
    assert "192.0.2.1" not in html


def test_no_contact_is_on_any_page_of_the_auditor(client, town):
    from qiguan.register.actions.custody import hand_over, open_contacts

    account = make_account(town.commerce)
    hand_over(account=account, what="phone", person="某人", phone="13800000000", by=town.users["unit"], at=AT)
    open_contacts(account=account, by=town.users["unit"], at=AT)
    html = page(client, town).content.decode()
    assert "移交账号保管" in html
    assert "13800000000" not in html
    assert "某人" not in html


# ── words, command line ──────────────────────────────────────────────────────────────────────────────────────────────


def recorded_actions():
    found = set()
    for path in SRC.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'record_audit\(\s*action="(\w+)"', text))
    return found


def test_every_recorded_action_has_a_word():
    assert len(recorded_actions()) > 25
    assert sorted(recorded_actions() - set(ACTION_WORDS)) == [], "say it in people/audit/words.py"
    assert action_word("finding_confirmed") == "处理问题"
    assert action_word("not_yet_named") == "not_yet_named"


def test_the_command_verifies_exports_and_checks_an_anchor(town, capsys, tmp_path):
    assert main(["audit", "verify", "--no-record"]) == 0
    assert "还没有封条" in capsys.readouterr().out
    assert main(["audit", "seal"]) == 0
    capsys.readouterr()
    out = tmp_path / "chain.jsonl"
    assert main(["audit", "verify", "--export", str(out)]) == 0
    said = capsys.readouterr().out
    anchor = re.search(r"1:sha256:[0-9a-f]{64}", said)[0]
    assert "用时" in said
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert lines[0]["digest"] == anchor[2:]
    assert len(lines) == 1 + lines[0]["count"]
    assert set(AuditEntry.objects.filter(seal=None).values_list("action", flat=True)) == {"verify_audit", "export_audit"}
    assert main(["audit", "verify", "--anchor", anchor]) == 0
    assert main(["audit", "verify", "--anchor", "1:sha256:" + "0" * 64]) == 1
    assert main(["audit", "verify", "--anchor", "nonsense"]) == 2
    assert main(["audit", "verify", "--export", str(tmp_path / "no" / "where")]) == 2
    gone = AuditEntry.objects.filter(seal=1).first().pk
    AuditEntry.objects.filter(pk=gone).delete()
    capsys.readouterr()
    assert main(["audit", "verify", "--no-record"]) == 1
    assert f"链断在第1号封条、第{gone}号条目：封存过的条目不见了" in capsys.readouterr().out
