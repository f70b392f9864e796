"""The evidence bundle of an account: everything that was seen and decided, each member by its hash, and nobody's name."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.files.storage import storages
from PIL import Image
from tests.factories import AT, make_account

from qiguan.archive.actions import _path, store_blob
from qiguan.collection.actions.checks import Seen, record_check
from qiguan.collection.actions.sources import add_source
from qiguan.collection.models import HumanCheck, Poll
from qiguan.core.errors import NotPermitted
from qiguan.core.facts import Said
from qiguan.inspection.actions import rounds
from qiguan.inspection.actions.findings import confirm_findings
from qiguan.inspection.actions.settling import settle_round
from qiguan.people.models import AuditEntry, User
from qiguan.publication.actions.bundling import export_evidence
from qiguan.publication.queries.bundle import contents as module
from qiguan.publication.queries.bundle.plain import Plain
from qiguan.rectification.actions.tickets import open_tickets, report_ticket
from qiguan.rectification.models import Ticket
from qiguan.register.actions.filings import submit_filing
from qiguan.register.models import AccountStaff, Custody

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PEOPLE = {"checker": "核查员甲某", "supervisor": "监管员乙某", "unit": "管理员丙某", "operator": "运营员丁某"}
BODY = b"<html><script>alert(1)</script>\x00</html>"


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def case(town):
    """An account of 南例县商务局 that failed a round and reported; every hand has a name that must not be found again."""
    for key, name in PEOPLE.items():
        User.objects.filter(username=key).update(shown_name=name)
        town.users[key] = User.objects.get(username=key)
    account = make_account(town.commerce, "停更的", platform_id="13800138000", certified_subject="南例县商务局")
    Custody.objects.create(account=account, what="admin", holder="保管人戊某")
    AccountStaff.objects.create(account=account, user=town.users["operator"])
    boss, unit = town.users["supervisor"], town.users["unit"]
    add_source(account=account, connector_code="rss", url="https://x.invalid/f?key=密钥", complete=True, by=boss, at=AT)
    blob = store_blob(data=BODY, media_type="text/html", at=AT).digest
    Poll.objects.create(source=account.sources.get(), outcome="ok", first_at=AT, last_at=AT, blob=blob)
    record_check(
        account=account, seen=Seen(said=Said.NEWEST, newest_at=AT - timedelta(days=41), note="管理员丙某说号丢了"), client_key="k1",
        looked_at=AT - timedelta(hours=1), screenshot=picture(), by=town.users["checker"], at=AT,
    )  # fmt: skip
    said = {"note": "请打13912345678或写信到a.b@example.gov.cn找运营员丁某"}
    submit_filing(what="cancel", organ=town.commerce, account=account, said=said, by=unit, at=AT)
    round_ = rounds.open_round(
        organ=town.city, title="第三季度检查", at=AT - timedelta(days=1), choice=rounds.Choice(), by=boss, now=AT
    )
    rounds.judge_round(round_=round_, at=AT)
    confirm_findings(findings=list(round_.findings.all()), by=boss, at=AT)
    settle_round(round_=round_, by=boss, at=AT)
    open_tickets(round_=round_, by=boss, at=AT)
    report_ticket(
        ticket=Ticket.objects.get(account=account), words="由管理员丙某恢复更新",
        files=[("管理员丙某的报告.pdf", "application/pdf", b"%PDF-")], by=unit, at=AT,
    )  # fmt: skip
    town.account, town.blob = account, blob
    return town


def taken(case, who: str = "supervisor") -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(export_evidence(account=case.account, by=case.users[who], at=AT))))


def test_every_member_is_what_the_manifest_says(case):
    bundle = taken(case)
    assert bundle.testzip() is None
    manifest = json.loads(bundle.read("manifest.json"))
    listed = {m["文件名"]: m for m in manifest["文件"]}
    assert set(listed) == set(bundle.namelist()) - {"manifest.json"}
    for name, member in listed.items():
        assert sha256(bundle.read(name)).hexdigest() == member["sha256"]
        assert len(bundle.read(name)) == member["大小"]
    assert manifest["没有放进来的存件"] == []


def test_it_holds_what_was_seen_and_what_was_decided(case):
    bundle = taken(case)
    read = {name: json.loads(bundle.read(name)) for name in bundle.namelist() if name.endswith(".json")}
    assert read["register.json"]["主办单位"] == "南例县商务局"
    assert read["register.json"]["账号ID"] == "13800138000"  # an id is no telephone
    assert read["state.json"]["状态"] in {"超期未更新", "睡眠"}
    assert any("人工核查" in words for words in read["state.json"]["各方证据"])
    assert read["polls.json"]["采集"][0]["存件"] == case.blob
    assert read["findings.json"][0]["研判"] == "已确认"
    assert read["verdicts.json"][0]["结论"] == "不合格"
    assert [s["步骤"] for s in read["tickets.json"][0]["经过"]] == ["发出整改通知", "报送整改"]
    shot = read["looks.json"]["人工核查"][0]["截图"].removeprefix("sha256:")
    assert bundle.read(f"screenshots/{shot}.jpg").startswith(b"\xff\xd8")
    assert bundle.read(f"copies/{case.blob.removeprefix('sha256:')}.bin") == BODY
    readme = bundle.read("README.txt").decode()
    assert "certutil" in readme
    assert "南例县商务局" in readme


def test_no_person_no_contact_no_key_stands_in_it(case):
    bundle = taken(case)
    everything = "".join(bundle.read(n).decode() for n in bundle.namelist() if n.endswith((".json", ".txt")))
    for secret in (*PEOPLE.values(), "保管人戊某", "13912345678", "example.gov.cn", "密钥", "checker"):
        assert secret not in everything, secret
    assert "［已略去］" in everything


def test_the_check_for_names_can_fail(case, monkeypatch):
    monkeypatch.setattr(module, "_names_about", lambda account: set())
    assert PEOPLE["unit"] in taken(case).read("tickets.json").decode()


def test_names_are_harmless_and_nothing_opens_by_itself(case):
    case.account.name = "../../etc/passwd\u202etxt.exe"
    case.account.save()
    for name in taken(case).namelist():
        assert name.isascii()
        assert ".." not in name
        assert not name.startswith("/")
        assert name.rsplit(".", 1)[-1] in {"txt", "json", "jpg", "bin"}


def test_taking_it_out_is_an_export_in_the_log(case):
    taken(case)
    entry = AuditEntry.objects.get(action="export_evidence")
    assert (entry.by, entry.object_id, entry.organ_path) == (case.users["supervisor"], case.account.public_id, case.commerce.path)
    assert entry.count == len(taken(case).namelist())


@pytest.mark.parametrize("who", ["operator", "contractor", "checker", "east"])
def test_narrow_and_foreign_roles_take_nothing(case, who):
    with pytest.raises(NotPermitted):
        export_evidence(account=case.account, by=case.users[who], at=AT)
    assert not AuditEntry.objects.filter(action="export_evidence").exists()


def test_a_unit_takes_its_own_without_what_the_office_still_weighs(case):
    from qiguan.inspection.models import Finding

    Finding.objects.update(state=Finding.State.DISMISSED)
    assert json.loads(taken(case, "unit").read("findings.json")) == []
    assert json.loads(taken(case, "supervisor").read("findings.json")) != []


def test_a_copy_that_is_gone_or_changed_is_named_and_the_rest_comes(case):
    storage = storages["archive"]
    shot = HumanCheck.objects.get().screenshot
    storage.delete(_path(shot))
    with storage.open(_path(case.blob), "wb") as file:
        file.write(b"not what it was")
    bundle = taken(case)
    manifest = json.loads(bundle.read("manifest.json"))
    assert {row["sha256"] for row in manifest["没有放进来的存件"]} == {d.removeprefix("sha256:") for d in (shot, case.blob)}
    assert "verdicts.json" in bundle.namelist()


def test_it_stays_within_its_bounds(case, monkeypatch):
    monkeypatch.setattr(module, "MOST_ONE", 10)
    manifest = json.loads(taken(case).read("manifest.json"))
    assert len(manifest["没有放进来的存件"]) == 2
    monkeypatch.setattr(module, "MOST_ONE", 10**9)
    monkeypatch.setattr(module, "MOST_COPIES", 1)
    names = taken(case).namelist()
    assert sum(n.startswith("screenshots/") for n in names) == 1  # screenshots come first
    assert not any(n.startswith("copies/") for n in names)


def test_an_expired_copy_is_said_by_its_hash(case):
    Poll.objects.update(blob="sha256:" + "0" * 64)
    left = json.loads(taken(case).read("manifest.json"))["没有放进来的存件"]
    assert left == [{"sha256": "0" * 64, "为什么": "存件已过保存期，只有它的指纹"}]


def test_it_comes_in_pieces(case, monkeypatch):
    import os

    big = store_blob(data=os.urandom(3_000_000), media_type="application/octet-stream", at=AT).digest
    Poll.objects.update(blob=big)
    pieces = list(export_evidence(account=case.account, by=case.users["supervisor"], at=AT))
    assert len(pieces) > 1


def test_the_account_page_offers_it(case, client):
    client.force_login(case.users["supervisor"])
    address = f"/office/accounts/{case.account.public_id}/evidence.zip"
    assert address in client.get(f"/office/accounts/{case.account.public_id}/").content.decode()
    answer = client.get(address)
    assert answer.streaming
    assert answer["Content-Type"] == "application/zip"
    assert "attachment" in answer["Content-Disposition"]
    assert zipfile.is_zipfile(io.BytesIO(b"".join(answer.streaming_content)))
    assert client.post(address).status_code == 404
    client.force_login(case.users["operator"])  # sees the account, takes nothing
    assert address not in client.get(f"/office/accounts/{case.account.public_id}/").content.decode()
    assert client.get(address).status_code == 403


def test_plain_texts_keep_what_is_no_person():
    plain = Plain(["甲某", "乙"])
    assert plain.text("甲某把乙类号13800138000交给0917-1234567") == "［已略去］把乙类号［已略去］交给［已略去］"
    assert plain.text("sha256:" + "13800138000" + "a" * 53) == "sha256:" + "13800138000" + "a" * 53
    assert plain.text("2026-09-16 至 12345678901") == "2026-09-16 至 12345678901"
