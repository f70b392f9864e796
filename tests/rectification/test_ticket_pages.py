"""Tickets in pages: what each role is offered, every step by its form, hostile files, what was typed stays, the shell's word."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.factories import AT
from tests.inspection.test_rounds import look

from qiguan.config.cli import main
from qiguan.jobs import clock
from qiguan.rectification.actions.rechecking import recheck_reported
from qiguan.rectification.models import StepFile, Ticket
from qiguan.register.models import Filing

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LATER = AT + timedelta(days=6)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)


def at_page(client, town, who: str) -> str:
    client.force_login(town.users[who])
    return client.get(f"/office/rectification/{town.ticket.public_id}/").content.decode()


def send(client, town, who: str, **form):
    client.force_login(town.users[who])
    return client.post(f"/office/rectification/{town.ticket.public_id}/", form, follow=True).content.decode()


def state(town) -> str:
    return Ticket.objects.get(pk=town.ticket.pk).state


def macro_docx() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("word/vbaProject.bin", "x")
    return out.getvalue()


def test_notices_of_a_settled_round_are_sent_from_the_list(client, settled):
    client.force_login(settled.users["supervisor"])
    assert "2个账号还没有发整改通知" in client.get("/office/rectification/").content.decode()
    answer = client.post("/office/rectification/", {"do": "open", "round": settled.round.public_id, "days": "10"}, follow=True)
    page = answer.content.decode()
    assert "发出2件整改通知" in page
    assert "停更的" in page
    assert "9月30日" in page
    client.force_login(settled.users["county"])
    assert "还没有发整改通知" not in client.get("/office/rectification/").content.decode()


def test_a_ticket_says_what_why_who_and_why_this_day(client, open_town):
    page = at_page(client, open_town, "unit")
    for word in (
        "什么问题",
        "凭什么",
        "下一步谁做",
        "主办单位签收并整改",
        "到2026年9月30日24:00为止",
        "没有全国标准",
        "人工核查",
        "密码丢了怎么办",
    ):
        assert word in page, word


def test_each_role_is_offered_its_own_steps(client, open_town):
    offers = {
        who: {
            word
            for word in ("签收", "报送", "催办", "申诉", "申请", "提交审批")
            if f">{word}</button>" in at_page(client, open_town, who)
        }
        for who in ("unit", "operator", "supervisor", "county", "auditor")
    }
    assert offers["unit"] == {"签收", "报送", "申诉", "申请", "提交审批"}
    assert offers["operator"] == {"签收", "报送"}
    assert offers["supervisor"] == {"催办", "提交审批"}
    assert offers["county"] == set()
    assert offers["auditor"] == set()


def test_the_list_is_cut_to_the_user_and_filtered(client, open_town):
    client.force_login(open_town.users["unit"])
    page = client.get("/office/rectification/").content.decode()
    assert "1件整改" in page
    assert "又停更的" not in page
    client.force_login(open_town.users["supervisor"])
    assert "没有整改单" in client.get("/office/rectification/?state=closed").content.decode()
    assert "没有整改单" in client.get("/office/rectification/?late=1").content.decode()
    assert "又停更的" in client.get("/office/rectification/?q=审计&state=nonsense").content.decode()


def test_the_whole_way_by_forms(client, open_town, monkeypatch):
    assert "已签收" in send(client, open_town, "unit", do="acknowledge")
    assert "已申请延期" in send(client, open_town, "unit", do="ask_extension", days="2", words="换人")
    assert "申请延期2个工作日" in at_page(client, open_town, "supervisor")
    assert "已同意延期" in send(client, open_town, "supervisor", do="grant", days="2", words="")
    report = SimpleUploadedFile("../../整改报告.pdf", b"%PDF-1.7", "application/pdf")
    assert "已报送" in send(client, open_town, "unit", do="report", words="已恢复", files=[report])
    file = StepFile.objects.get()
    assert file.name == "整改报告.pdf"
    answer = client.get(f"/office/rectification/files/{file.public_id}/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert b"".join(answer) == b"%PDF-1.7"
    client.force_login(open_town.users["east"])
    assert client.get(f"/office/rectification/files/{file.public_id}/").status_code == 404
    recheck_reported(at=AT)
    assert "机器看不清" in at_page(client, open_town, "supervisor")
    monkeypatch.setattr(clock, "now", lambda: LATER)
    look(open_town.dead, 2, by=open_town.users["checker"], at=LATER)
    recheck_reported(at=LATER)
    assert "已销号" in send(client, open_town, "supervisor", do="close", cause="无内容", words="")
    page = at_page(client, open_town, "unit")
    assert "已办结" in page
    assert "您可以做的" not in page
    client.force_login(open_town.users["supervisor"])
    assert "无内容" in client.get("/office/rectification/outcomes/").content.decode()


def test_a_bad_file_is_told_and_what_was_typed_stays(client, open_town):
    for name, data in (("报告.docm", b"PK"), ("报告.docx", macro_docx())):
        page = send(client, open_town, "unit", do="report", words="写了很多字", files=[SimpleUploadedFile(name, data)])
        assert "宏" in page
        assert "写了很多字" in page
    assert state(open_town) == "waiting"
    assert not StepFile.objects.exists()


def test_a_file_over_the_limit_is_told(client, open_town, settings):
    settings.UPLOAD_LIMIT = 1000
    page = send(
        client, open_town, "unit", do="report", words="写了很多字", files=[SimpleUploadedFile("大.pdf", b"%PDF-" + b"0" * 4000)]
    )
    assert "没有收" in page
    assert "写了很多字" in page
    assert state(open_town) == "waiting"


def test_an_appeal_and_its_answer_by_forms(client, open_town):
    assert "已申诉" in send(client, open_town, "unit", do="appeal", words="<script>那天有更新</script>")
    assert "<script>那天" not in at_page(client, open_town, "second")
    assert "所选成立" in at_page(client, open_town, "second")
    assert "所选成立" not in at_page(client, open_town, "supervisor")  # who confirmed does not answer
    assert "没有选哪几项" in send(client, open_town, "second", do="uphold", words="属实")
    item = open_town.ticket.items.get()
    assert "已答复申诉" in send(client, open_town, "second", do="uphold", words="属实", item=[item.pk])
    assert state(open_town) == "closed"


def test_closing_in_one_sitting_by_one_form(client, open_town):
    said = {
        "basis": "示办发〔2026〕3号",
        "notice_on": "2026-09-16",
        "closes_on": "2026-09-20",
        "instead": "活着的",
        "followers": "800",
    }
    page = send(client, open_town, "unit", do="end", how="cancel", cause="不需要此号", **said)
    assert "最早2026年10月1日才能注销" in page
    assert "示办发〔2026〕3号" in page
    page = send(client, open_town, "unit", do="end", how="cancel", cause="不需要此号", **(said | {"closes_on": "2026-10-01"}))
    assert "等另一位审批" in page
    assert "关于注销政务新媒体账号的公告" in page
    assert Filing.objects.get().what == "stop"


def test_chosen_tickets_are_chased_in_bulk(client, open_town):
    client.force_login(open_town.users["supervisor"])
    ids = [open_town.ticket.public_id, open_town.other.public_id]
    assert "催办2件" in client.post("/office/rectification/", {"do": "chase", "ticket": ids}, follow=True).content.decode()
    assert "已经催过一次" in client.post("/office/rectification/", {"do": "chase", "ticket": ids}, follow=True).content.decode()
    client.force_login(open_town.users["county"])
    assert "这一步由" in client.post("/office/rectification/", {"do": "chase", "ticket": ids}, follow=True).content.decode()


def test_nonsense_in_forms_is_told(client, open_town):
    assert "没有这个操作" in send(client, open_town, "unit", do="escalate")
    assert "1到30" in send(client, open_town, "unit", do="ask_extension", days="九", words="x")
    assert "没有申诉" in send(client, open_town, "second", do="uphold", words="x", item=["1"])
    client.force_login(open_town.users["supervisor"])
    assert client.get("/office/rectification/outcomes/?year=99999").status_code == 200
    assert client.get("/office/rectification/outcomes/?year=２０２６").status_code == 200


def test_the_account_page_leads_to_its_ticket(client, open_town):
    client.force_login(open_town.users["unit"])
    page = client.get(f"/office/accounts/{open_town.dead.public_id}/").content.decode()
    assert f"/office/rectification/{open_town.ticket.public_id}/" in page
    assert "整改单（待签收）" in page
    assert "整改单" not in client.get(f"/office/accounts/{open_town.alive.public_id}/").content.decode()


def test_the_shell_chases_what_is_due_soon_once(open_town, capsys, monkeypatch):
    assert main(["chase", "--within", "60", "--dry-run"]) == 0
    assert "停更的" in capsys.readouterr().out
    assert main(["chase", "--within", "1"]) == 0
    assert "催办0件" in capsys.readouterr().out
    assert main(["chase", "--within", "20"]) == 0
    assert "催办2件" in capsys.readouterr().out
    assert main(["chase", "--within", "20"]) == 0
    assert "催办0件" in capsys.readouterr().out
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(days=60))
    assert main(["chase"]) == 0
    assert "转上一级2件" in capsys.readouterr().out
    assert main(["chase", "--within", "-1"]) == 2
    assert main(["chase", "--open", "zzz"]) == 2


def test_the_shell_sends_a_rounds_notices(settled, capsys):
    assert main(["chase", "--open", settled.round.public_id]) == 0
    assert "发出2件整改通知" in capsys.readouterr().out


def test_a_nul_in_any_field_is_refused_and_breaks_nothing(client, open_town):
    nul = "甲\x00乙"
    for do in ("report", "ask_extension", "appeal", "end", "close", "pass", "uphold", "grant", "cancelled"):
        form = {
            "do": do,
            "words": nul,
            "days": nul,
            "basis": nul,
            "instead": nul,
            "owner": nul,
            "cause": nul,
            "how": "hand",
            "item": nul,
        }
        client.force_login(open_town.users["unit"])
        assert client.post(f"/office/rectification/{open_town.ticket.public_id}/", form, follow=True).status_code == 400, do
    client.force_login(open_town.users["supervisor"])
    for form in ({"do": "chase", "ticket": nul}, {"do": "open", "round": nul, "days": nul}):
        assert client.post("/office/rectification/", form, follow=True).status_code == 400
    assert client.get("/office/rectification/", {"q": nul, "state": nul, "page": nul}).status_code == 200
