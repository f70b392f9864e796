"""文书库: filled from cases within one's scope, replaced by the office's own template, hostile uploads, back to ours in one click."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import timedelta

import docx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from tests.factories import AT, make_account
from tests.inspection.test_rounds import look
from tests.publication.render.test_documents import repacked, template_of, text_of

from qiguan.collection.actions.checks import open_round as open_checks
from qiguan.collection.models import CheckRound
from qiguan.core.calendar import seed
from qiguan.core.errors import NotPermitted, QiguanError, UnusableInput
from qiguan.inspection.actions import rounds
from qiguan.inspection.actions.findings import confirm_findings
from qiguan.inspection.actions.settling import settle_round
from qiguan.jobs import clock
from qiguan.jobs.models import WorkingDay
from qiguan.people.models import AuditEntry, Membership
from qiguan.publication.actions.documents import give_up_template, replace_template
from qiguan.publication.models import DocumentTemplate
from qiguan.publication.queries.cases import CASES
from qiguan.publication.queries.templates import template_in_force
from qiguan.publication.render.documents.library import DOCUMENTS
from qiguan.publication.render.documents.purposes import PURPOSES
from qiguan.publication.render.documents.template import UnknownPlaceholder, fill_template
from qiguan.publication.render.documents.writing import blank_template
from qiguan.rectification.actions.tickets import open_tickets, report_ticket
from qiguan.rectification.models import Appeal, Ticket
from qiguan.register.actions.filings import submit_filing
from qiguan.register.actions.returns import open_return

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOTICE = DOCUMENTS["rectification_notice"]
OURS = "示例市自己的整改通知，限{{整改期限}}前改好{{账号名称}}"
CASED = sorted(CASES)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def case(town):
    """One case of every source, all of 南例县."""
    days = [WorkingDay(day=r.day, is_working=r.is_working, note=r.note) for r in seed([2026])]
    WorkingDay.objects.bulk_create(days, ignore_conflicts=True)
    boss, unit = town.users["supervisor"], town.users["unit"]
    account = make_account(town.commerce, "停更的", platform_id="gh_1")
    look(account, 40, by=town.users["checker"])
    round_ = rounds.open_round(
        organ=town.south, title="南例县抽查", at=AT - timedelta(days=1), choice=rounds.Choice(sort="drawn", percent=99, number_source="某日的号码"), by=boss, now=AT
    )  # fmt: skip
    rounds.draw_round(round_=round_, seed="12345", by=boss, at=AT)
    rounds.judge_round(round_=round_, at=AT)
    confirm_findings(findings=list(round_.findings.all()), by=boss, at=AT)
    settle_round(round_=round_, by=boss, at=AT)
    open_tickets(round_=round_, by=boss, at=AT)
    ticket = Ticket.objects.get(account=account)
    report_ticket(ticket=ticket, words="已恢复更新。", files=[], by=unit, at=AT)
    open_checks(organ=town.south, title="南例县核查", accounts=[account], seed="1", by=None, at=AT)
    task = open_return(organ=town.south, title="南例县核对", due_on=AT.date(), organs=[town.commerce], by=None, at=AT)
    said = {"notice_on": "2026-09-20", "closes_on": "2026-12-20", "instead": "无"}
    filing = submit_filing(what="stop", organ=town.commerce, account=account, said=said, by=unit, at=AT)
    town.cases = {
        "rectification_notice": ticket.public_id, "rectification_report": ticket.public_id, "return_notice": task.public_id, "draw_record": round_.public_id,
        "check_record": CheckRound.objects.get(organ=town.south).public_id, "closing_notice": filing.public_id, "appeal": ticket.public_id, "extension_request": ticket.public_id,
    }  # fmt: skip
    return town


def posted(client, code, case_id, **more):
    """Take the form as the page shows it, with what the office adds, and send it."""
    page = client.get(f"/office/documents/{code}/?case={case_id}")
    assert page.status_code == 200
    fields = {name: value for _, name, _, value, _, _ in page.context["fields"]}
    return client.post(f"/office/documents/{code}/", {**fields, "case": case_id, **more})


@pytest.mark.parametrize("code", CASED)
def test_a_document_is_filled_from_its_case(client, case, code):
    client.force_login(case.users["supervisor"])
    more = {
        "return_notice": {"联系方式": "办公室电话"}, "rectification_report": {"原因类别": "无人", "证明材料": "截图"},
        "closing_notice": {"依据": "示例政办〔2026〕1号", "咨询电话": "办公室电话"},
        "appeal": {"申诉理由": "当天已更新", "申诉日期": "2026年9月17日"}, "extension_request": {"原期限": "2026年10月9日", "申请延至": "2026年10月16日", "理由": "人手调整"},
    }.get(code, {})  # fmt: skip
    answer = posted(client, code, case.cases[code], **more)
    assert answer["Content-Disposition"].startswith("attachment"), answer.content.decode()[:3000]
    text = text_of(answer.content)
    assert "{{" not in text
    expected = {
        "rectification_notice": ("停更的", "南例县商务局", "南例县人民政府", "2026年"), "rectification_report": ("停更的", "已恢复更新", "无人"),
        "return_notice": ("南例县商务局", "2026年9月16日", "办公室电话"), "draw_record": ("停更的", "12345", "sha256:"),
        "check_record": ("停更的", "gh_1"), "closing_notice": ("停更的", "2026年9月20日", "2026年12月20日", "本单位网站"),
        "appeal": ("停更的", "不合格", "当天已更新"), "extension_request": ("停更的", "南例县人民政府", "人手调整"),
    }[code]  # fmt: skip
    for words in expected:
        assert words in text, words
    assert "checker" not in text


@pytest.mark.parametrize("code", CASED)
def test_nobody_fills_from_a_foreign_case(client, case, code):
    client.force_login(case.users["east"])
    page = client.get(f"/office/documents/{code}/").content.decode()
    assert "停更的" not in page
    assert "南例县" not in page
    assert client.get(f"/office/documents/{code}/?case={case.cases[code]}").status_code == 404
    assert client.post(f"/office/documents/{code}/", {"case": case.cases[code]}).status_code == 404
    assert client.get(f"/office/documents/{code}/?case=%00'").status_code == 404
    client.force_login(case.users["supervisor"])
    assert case.cases[code] in client.get(f"/office/documents/{code}/").content.decode()


def test_what_is_missing_is_named_and_what_was_typed_stays(client, case):
    client.force_login(case.users["supervisor"])
    answer = client.post("/office/documents/extension_request/", {"账号名称": "甲<b>", "理由": "人员刚到岗"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "缺少" in page
    assert "人员刚到岗" in page
    assert "甲&lt;b&gt;" in page


def test_every_document_comes_blank(client, town):
    client.force_login(town.users["checker"])
    page = client.get("/office/documents/").content.decode()
    assert set(PURPOSES) == set(DOCUMENTS)
    for kind in DOCUMENTS.values():
        assert kind.title in page
        assert PURPOSES[kind.code] in page
        assert zipfile.is_zipfile(io.BytesIO(client.get(f"/office/documents/{kind.code}/blank.docx").content))
    assert client.get("/office/documents/nothing/").status_code == 404
    assert client.get("/office/documents/nothing/blank.docx").status_code == 404


def replaced(town, organ, words=OURS, *, by="supervisor", at=AT, name="通知.docx"):
    return replace_template(kind=NOTICE, organ=organ, name=name, data=template_of(words), by=town.users[by], at=at)


def test_the_newest_of_the_nearest_organ_above_wins(town):
    assert template_in_force(NOTICE.code, town.commerce) is None
    city = replaced(town, town.city)
    assert template_in_force(NOTICE.code, town.commerce) == city
    south = replaced(town, town.south)
    newer = replaced(town, town.south, at=AT + timedelta(minutes=1))
    assert template_in_force(NOTICE.code, town.commerce) == newer != south
    assert template_in_force(NOTICE.code, town.audit) == city  # 东例区 is not below 南例县
    assert template_in_force("appeal", town.commerce) is None
    assert template_in_force(NOTICE.code, None) is None


def test_back_to_ours_or_to_the_one_above_in_one_click_and_nothing_is_lost(client, town):
    city = replaced(town, town.city)
    replaced(town, town.south)
    client.force_login(town.users["supervisor"])
    Membership.objects.create(user=town.users["supervisor"], organ=town.south, role="supervisor")
    address = f"/office/documents/{NOTICE.code}/template/"
    client.post(address, {"organ": town.south.public_id, "do": "ours"})
    assert template_in_force(NOTICE.code, town.commerce) is None
    client.post(address, {"organ": town.south.public_id, "do": "above"})
    assert template_in_force(NOTICE.code, town.commerce) == city
    assert DocumentTemplate.objects.count() == 4
    assert set(AuditEntry.objects.filter(action__contains="document").values_list("action", flat=True)) == {
        "replace_document_template", "give_up_document_template",
    }  # fmt: skip


def test_a_filled_document_is_printed_on_the_offices_template(client, case):
    replaced(case, case.city)
    client.force_login(case.users["supervisor"])
    text = text_of(posted(client, NOTICE.code, case.cases[NOTICE.code]).content)
    assert text.startswith("示例市自己的整改通知，限")
    assert "停更的" in text


def test_our_own_blank_is_taken_back_as_a_template(client, town):
    client.force_login(town.users["supervisor"])
    for kind in DOCUMENTS.values():
        file = SimpleUploadedFile("模板.docx", blank_template(kind, day=AT.date()))
        client.post(f"/office/documents/{kind.code}/template/", {"organ": town.city.public_id, "do": "own", "file": file})
        assert template_in_force(kind.code, town.city) is not None, kind.code


@pytest.mark.parametrize("who", ["operator", "checker", "contractor", "auditor", "east", "unit"])
def test_only_who_manages_the_organ_replaces_its_templates(client, town, who):
    with pytest.raises(NotPermitted):
        replaced(town, town.city, by=who)
    with pytest.raises(NotPermitted):
        give_up_template(kind=NOTICE, organ=town.city, use="ours", by=town.users[who], at=AT)
    client.force_login(town.users[who])
    file = SimpleUploadedFile("模板.docx", template_of(OURS))
    sent = {"organ": town.city.public_id, "do": "own", "file": file}
    assert client.post(f"/office/documents/{NOTICE.code}/template/", sent).status_code == 404
    assert not DocumentTemplate.objects.exists()


def test_a_unit_replaces_its_own_and_others_do_not_open_it(client, town):
    row = replaced(town, town.commerce, by="unit")
    address = f"/office/documents/templates/{row.public_id}/"
    for who, status in (("unit", 200), ("operator", 200), ("supervisor", 200), ("auditor", 200), ("east", 404)):
        client.force_login(town.users[who])
        assert client.get(address).status_code == status, who


def with_macro():
    return repacked(template_of(OURS), {"word/vbaProject.bin": b"x"})


def bomb():
    return repacked(template_of(OURS), {"word/media/a.bin": b"\0" * (61 * 1024 * 1024)})


def outward():
    rels = b"<Relationships><Relationship Id='r' Type='http://x/attachedTemplate' Target='http://x.invalid/t.dotm' TargetMode='External'/></Relationships>"
    return repacked(template_of(OURS), {"word/_rels/settings.xml.rels": rels})


def entities():
    return repacked(template_of(OURS), {"word/extra.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"})


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (with_macro, "宏"), (bomb, "太大"), (outward, "从别处"), (entities, "实体"), (lambda: b"PK\x03\x04 broken", "损坏"), (lambda: b"", "docx"),
        (lambda: template_of("{{整改期限}}{{__class__}}"), "不是"), (lambda: template_of("{{整改期限.denominator}}"), "不是"),
        (lambda: template_of("没有占位"), "没有占位"), (lambda: template_of("{{日期}}" * 501), "太多"),
    ],
)  # fmt: skip
def test_a_hostile_template_is_refused_in_words_and_nothing_is_kept(town, make, words):
    with pytest.raises((UnusableInput, UnknownPlaceholder), match=words):
        replace_template(kind=NOTICE, organ=town.city, name="a.docx", data=make(), by=town.users["supervisor"], at=AT)
    assert not DocumentTemplate.objects.exists()


@pytest.mark.parametrize("name", ["a.docm", "a.doc", "a.docx.exe", "a", "docx", "..\\..\\a.dotm"])
def test_only_docx_is_taken(town, name):
    with pytest.raises(QiguanError):
        replaced(town, town.city, name=name)


def test_a_name_from_outside_is_made_harmless(client, town):
    row = replaced(town, town.city, name="../../etc/\u202ecod.通知\r\nX: y.docx")
    assert "/" not in row.name
    client.force_login(town.users["supervisor"])
    answer = client.get(f"/office/documents/templates/{row.public_id}/")
    assert "\n" not in answer["Content-Disposition"]
    assert "X: y" not in answer.headers


def test_a_file_over_the_limit_is_told(client, town, settings):
    settings.UPLOAD_LIMIT = 1000
    client.force_login(town.users["supervisor"])
    file = SimpleUploadedFile("模板.docx", template_of(OURS))
    sent = {"organ": town.city.public_id, "do": "own", "file": file}
    page = client.post(f"/office/documents/{NOTICE.code}/template/", sent, follow=True).content.decode()
    assert "超过" in page
    assert not DocumentTemplate.objects.exists()


def test_a_long_row_of_spaces_costs_nothing():
    began = time.monotonic()
    with pytest.raises(UnusableInput, match="没有占位"):
        fill_template(template_of("{{" + " " * 200_000), {"日期": "x"}, title="甲")
    assert time.monotonic() - began < 10


def test_a_placeholder_in_thousands_of_pieces_is_refused():
    document = docx.Document()
    p = document.add_paragraph("{{日期}}")
    for _ in range(5001):
        p.add_run("一")
    out = io.BytesIO()
    document.save(out)
    with pytest.raises(UnusableInput, match="太碎"):
        fill_template(out.getvalue(), {"日期": "x"}, title="甲")


def test_own_stands_with_a_file_and_only_own(town):
    row = replaced(town, town.city)
    for change in ({"blob": None}, {"use": "ours"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DocumentTemplate.objects.filter(pk=row.pk).update(**change)


def test_a_draw_too_long_for_word_says_where_else(client, case, monkeypatch):
    from qiguan.publication.queries import cases

    monkeypatch.setattr(cases, "MOST_ROWS", 0)
    client.force_login(case.users["supervisor"])
    answer = client.get(f"/office/documents/draw_record/?case={case.cases['draw_record']}")
    assert answer.status_code == 400
    assert "CSV" in answer.content.decode()


def test_a_deadline_that_no_calendar_gives_is_left_to_the_office_not_guessed(client, case):
    Ticket.objects.update(due_on=None, due_because="2027年的放假通知还没有公布")
    client.force_login(case.users["supervisor"])
    answer = posted(client, NOTICE.code, case.cases[NOTICE.code])
    assert answer.status_code == 400
    assert "缺少整改期限、申诉期限" in answer.content.decode()


def test_a_tickets_page_links_its_papers_and_each_comes_filled_at_once(client, case):
    ticket = Ticket.objects.get(public_id=case.cases["rectification_notice"])
    client.force_login(case.users["supervisor"])
    page = client.get(reverse("ticket", args=[ticket.public_id])).content.decode()
    assert f"/office/documents/rectification_notice/cases/{ticket.public_id}/" in page
    assert "/office/documents/appeal/cases/" not in page  # nobody appealed
    Appeal.objects.create(ticket=ticket, words="9月14日已更新。", asked_at=AT)
    page = client.get(reverse("ticket", args=[ticket.public_id])).content.decode()
    for code in ("rectification_notice", "appeal"):
        answer = client.get(f"/office/documents/{code}/cases/{ticket.public_id}/")
        assert answer["Content-Disposition"].startswith("attachment"), code
        assert f"/office/documents/{code}/cases/" in page
    assert client.get(f"/office/documents/appeal/cases/{'x' * 12}/").status_code == 404


def test_a_paper_with_something_missing_opens_its_form(client, case):
    ticket = Ticket.objects.get(public_id=case.cases["rectification_notice"])
    client.force_login(case.users["supervisor"])
    answer = client.get(f"/office/documents/rectification_report/cases/{ticket.public_id}/", follow=True)
    assert answer.redirect_chain[0][0].endswith(f"/office/documents/rectification_report/?case={ticket.public_id}")
    assert "缺少" in answer.content.decode()
