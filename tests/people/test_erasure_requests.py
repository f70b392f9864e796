"""抹除申请: a document, one who asks, another who decides; the chain verifies, the page shows the tombstone, the shell does the same."""

from __future__ import annotations

import pytest
from tests.factories import AT

from qiguan.config.cli import main
from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.people.audit.asking import ask_erasure, decide_erasure
from qiguan.people.audit.sealing import seal_entries
from qiguan.people.audit.verifying import verify_chain
from qiguan.people.leaving import deactivate_user
from qiguan.people.models import AuditEntry, ErasureRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def gone(town):
    """The operator has left; the log is sealed."""
    deactivate_user(user=town.users["operator"], by=town.users["unit"], at=AT)
    seal_entries(at=AT)
    return town


def ask(town, who="operator", by="auditor", **more):
    return ask_erasure(user=town.users[who], by=town.users[by], at=AT, **{"basis": "pipl_47", "document": "本人申请书", **more})


def test_one_asks_another_decides_and_the_chain_verifies(gone):
    asked = ask(gone)
    done = decide_erasure(request=asked, approve=True, by=gone.users["second"], at=AT)
    assert done.state == "done"
    assert done.user is None
    seal_entries(at=AT)
    result = verify_chain()
    assert result.broken is None
    assert result.erased == done.erasure.count > 0
    assert not AuditEntry.objects.filter(object_id=gone.users["operator"].public_id).exists()
    with pytest.raises(QiguanError, match="已经审批过"):
        decide_erasure(request=asked, approve=True, by=gone.users["second"], at=AT)


@pytest.mark.parametrize(("change", "words"), [({"document": " "}, "依据文件"), ({"basis": "because"}, "依据")])
def test_without_ground_or_document_nothing_is_asked(gone, change, words):
    with pytest.raises(QiguanError, match=words):
        ask(gone, **change)
    assert not ErasureRequest.objects.exists()


def test_who_still_works_who_asks_and_who_has_no_role_is_refused(gone):
    with pytest.raises(QiguanError, match="先办离岗"):
        ask(gone, who="unit")
    for by in ("unit", "east", "operator"):
        with pytest.raises(NotPermitted):
            ask(gone, by=by)
    asked = ask(gone, by="supervisor")
    with pytest.raises(NotPermitted, match="申请人不能审批"):
        decide_erasure(request=asked, approve=True, by=gone.users["supervisor"], at=AT)
    for by, approve in (("auditor", True), ("auditor", False), ("east", True)):
        with pytest.raises(NotPermitted):
            decide_erasure(request=asked, approve=approve, reason="x", by=gone.users[by], at=AT)
    with pytest.raises(QiguanError, match="等审批"):
        ask(gone)
    assert AuditEntry.objects.filter(object_id=gone.users["operator"].public_id).exists()


def test_the_page_asks_decides_and_shows_what_stays(client, gone):
    client.force_login(gone.users["auditor"])
    form = {"do": "ask", "username": "operator", "basis": "court", "document": "示例法〔2026〕1号"}
    assert "等另一位监管员审批" in client.post("/office/audit/erasures/", form, follow=True).content.decode()
    asked = ErasureRequest.objects.get()
    assert "立即抹除" not in client.get("/office/audit/erasures/").content.decode()
    client.force_login(gone.users["east"])
    assert "示例法" not in client.get("/office/audit/erasures/").content.decode()
    client.force_login(gone.users["second"])
    assert "立即抹除" in client.get("/office/audit/erasures/").content.decode()
    refused = client.post("/office/audit/erasures/", {"do": "refuse", "request": asked.public_id}).content.decode()
    assert "不同意要写理由" in refused
    client.post("/office/audit/erasures/", {"do": "approve", "request": asked.public_id})
    page = client.get("/office/audit/erasures/").content.decode()
    assert "已依法抹除" in page
    assert "处，每处留有摘要" in page
    client.force_login(gone.users["unit"])
    assert client.get("/office/audit/erasures/").status_code == 403


def test_the_shell_needs_two_names_and_verifies(gone, capsys):
    words = ["audit", "erase", "operator", "--basis", "pipl_47", "--document", "本人申请书", "--asked-by", "supervisor"]
    assert main(words) == 2
    assert "没有写登录名" in capsys.readouterr().err
    assert main([*words, "--approved-by", "supervisor"]) == 2
    assert not ErasureRequest.objects.exists()
    assert main([*words, "--approved-by", "second"]) == 0
    said = capsys.readouterr().out
    assert "已抹除" in said
    assert "完整" in said
