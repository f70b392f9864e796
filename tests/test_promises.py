"""Promises of the architecture that cross the apps: scope, names of changes, one door, no contact anywhere."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import get_resolver

from qiguan.collection.actions.checks import Seen, open_round, record_check
from qiguan.collection.actions.sources import add_source
from qiguan.core.facts import Said
from qiguan.core.rule import all_rules
from qiguan.dialogue.actions.desks import set_desk
from qiguan.dialogue.actions.sending import FORM, Draft, send_message
from qiguan.examination.actions.seasons import Plan, open_season
from qiguan.inspection.actions.findings import confirm_findings
from qiguan.inspection.actions.rounds import Choice, draw_round, judge_round
from qiguan.inspection.actions.rounds import open_round as open_inspection
from qiguan.inspection.actions.settling import settle_round
from qiguan.inspection.actions.standing import judge_all
from qiguan.inspection.models import Round, Verdict
from qiguan.intake.actions.form_keys import make_form_key
from qiguan.jobs import clock
from qiguan.people.models import AuditEntry
from qiguan.publication.actions.documents import replace_template
from qiguan.publication.render.documents.library import DOCUMENTS
from qiguan.publication.render.documents.writing import blank_template
from qiguan.rectification.actions.tickets import open_tickets, report_ticket
from qiguan.rectification.models import Ticket
from qiguan.register.actions.filings import submit_filing
from qiguan.register.actions.imports import receive_file
from qiguan.register.actions.returns import open_return
from qiguan.topics.actions.asking import ASK, ask_topic
from qiguan.topics.queries.public import topic_of_code
from tests.factories import AT, PASSWORD, make_account

SRC = Path(__file__).parents[1] / "src" / "qiguan"
SECRET = "南例县商务局独有的名字"


@pytest.fixture
def place(town):
    """Everything that can be asked for by an address, all of it of 南例县."""
    account = make_account(town.commerce, SECRET, platform_id="gh_1")
    add_source(account=account, connector_code="rss", url="https://x.invalid/f", complete=True, by=None, at=AT)
    round_ = open_round(organ=town.south, title=SECRET, accounts=[account], seed="1", by=None, at=AT)
    file = receive_file(organ=town.south, name=SECRET + ".csv", data="账号名称,平台\n甲,微博\n".encode(), by=None, at=AT)
    task = open_return(organ=town.south, title=SECRET, due_on=AT.date(), organs=[town.commerce], by=None, at=AT)
    filing = submit_filing(
        what="cancel", organ=town.commerce, account=account, said={"note": SECRET}, by=town.users["unit"], at=AT
    )
    checked = _settled_round(town, account)
    judge_all(at=AT)
    ticket = ticket_of(town, account, checked)
    now = clock.machine_now()
    code = ask_topic(account=account, words=SECRET, form_key=make_form_key(what=ASK, now=now), visitor="", at=AT, now=now)
    notice, boss = DOCUMENTS["rectification_notice"], town.users["supervisor"]
    blank = blank_template(notice, day=AT.date())
    template = replace_template(kind=notice, organ=town.south, name=SECRET + ".docx", data=blank, by=boss, at=AT)
    message = message_to(town.commerce)
    town.ids = {
        "message": message.public_id, "message_file": message.public_id, "file_id": message.files.get().public_id,
        "ticket": ticket.public_id, "ticket_file": ticket.steps.get(what="report").files.get().public_id,
        "account": account.public_id, "account_evidence": account.public_id, "document_template_file": template.public_id, "source": account.sources.get().public_id, "check_round": round_.public_id, "check_work": round_.public_id, "check_batch": round_.public_id,
        "check_sync": round_.public_id, "check_leave": round_.public_id, "check_sheet": round_.public_id, "register_file": file.public_id, "register_apply": file.public_id,
        "register_undo": file.public_id, "register_answer": file.public_id, "filing_decide": filing.public_id, "return_task": task.public_id,
        "share_download": task.shares.get().pk, "share_send": task.shares.get().pk, "organ_change": town.commerce.public_id, "wechat_request": account.public_id,
        "organ_split": town.commerce.public_id, **_season(town, account),
        "topic_request": topic_of_code(code).public_id, "topic_solicit": account.public_id,
        "round_finding": checked.findings.first().public_id, "round_finding_proof": checked.findings.first().public_id,
        "round_verdict": Verdict.objects.get().public_id, "round_verdict_proof": Verdict.objects.get().public_id,
    }  # fmt: skip
    rounds = (
        "round",
        "round_draw",
        "round_judge",
        "round_settle",
        "round_lot",
        "round_lot_csv",
        "round_findings",
        "round_finding_new",
    )
    town.ids |= dict.fromkeys((*rounds, "round_decide", "round_scope", "round_compare", "round_verdicts"), checked.public_id)
    return town


def ticket_of(town, account, round_):
    """A ticket of the account, with a report and its file."""
    boss = town.users["supervisor"]
    open_tickets(round_=round_, by=boss, at=AT)
    ticket = Ticket.objects.get(account=account)
    report_ticket(
        ticket=ticket, words=SECRET, files=[(SECRET + ".pdf", "application/pdf", SECRET.encode())], by=town.users["unit"], at=AT
    )
    return ticket


def message_to(organ):
    """A citizen's message with a file."""
    set_desk(organ=organ, mode="own", by=None, at=AT)
    draft = Draft(kind="enquiry", text=SECRET, organ=organ)
    file = (SECRET + ".pdf", "application/pdf", SECRET.encode())
    key = make_form_key(what=FORM, now=AT)
    return send_message(draft=draft, files=[file], form_key=key, visitor="1", at=AT, now=AT).message


def _season(town, account) -> dict[str, str]:
    """A season of 南例县 in which letters are out."""
    days = {name: AT.date() + timedelta(days=n) for n, name in enumerate(PLAN_DAYS, 1)}
    words = {"number_source": SECRET, "frame_words": SECRET, "drawn_by": SECRET}
    season = open_season(organ=town.south, title=SECRET, accounts=[account], plan=Plan(**days, **words), by=None, at=AT)
    names = ("season", "season_questions", "season_codes", "season_typing")
    return dict.fromkeys(names, season.public_id) | {"season_answer": season.candidates.get().public_id}


PLAN_DAYS = ("propose_until", "weigh_until", "draw_on", "answer_until", "mark_until")


def _settled_round(town, account) -> Round:
    """A settled round of 南例县, drawn by lot, with one finding confirmed."""
    note = Seen(said=Said.NEWEST, newest_at=AT - timedelta(days=90))
    record_check(account=account, seen=note, client_key="k1", looked_at=AT - timedelta(hours=1), by=town.users["checker"], at=AT)
    choice = Choice(sort=Round.Sort.DRAWN, percent=50, number_source="某日开奖号")
    round_ = open_inspection(organ=town.south, title=SECRET, at=AT - timedelta(hours=10), choice=choice, by=None, now=AT)
    draw_round(round_=round_, seed="1", by=None, at=AT)
    judge_round(round_=round_, at=AT)
    confirm_findings(findings=list(round_.findings.select_related("round")), by=town.users["supervisor"], at=AT)
    settle_round(round_=round_, by=None, at=AT)
    return round_


def office_addresses(place):
    """Every address under /office/, filled in with what belongs to 南例县."""
    from django.urls import reverse

    found = []
    for name, patterns in get_resolver().reverse_dict.lists():
        if not isinstance(name, str):
            continue
        for possibility, *_ in patterns:
            for path, params in possibility:
                if not path.startswith("office/"):
                    continue
                values = {
                    "public_id": place.ids.get(name, "zzz"),
                    "share_id": place.ids.get(name, 1),
                    "number": 2,
                    "file_id": place.ids.get("file_id", "zzz"),
                    "kind": "csv",
                    "what": "open",
                    "code": "rectification_notice",
                    "case": place.ids.get("ticket", "zzz"),
                }
                found.append((name, reverse(name, kwargs={p: values[p] for p in params})))
    return sorted(set(found))


@pytest.mark.one_database
@pytest.mark.django_db
def test_a_foreign_organ_sees_nothing_at_any_address(client, place):
    addresses = office_addresses(place)
    assert len(addresses) > 20
    client.force_login(place.users["east"])
    for name, address in addresses:
        for query in ("", "?account=" + place.ids["account"], "?case=" + place.ids["ticket"]):
            answer = client.get(address + query)
            assert SECRET not in answer.content.decode(errors="replace"), f"{name} shows a foreign organ's data"
        if name in place.ids:
            assert client.get(address).status_code in {403, 404, 405}, name
            assert client.post(
                address, {"do": "off", "what": "rename", "name": "x", "on": "2026-01-01", "decide": "approve", "task": "1"}
            ).status_code in {403, 404}, name
    assert not AuditEntry.objects.filter(by=place.users["east"]).exclude(action="export_register").exists()


@pytest.mark.django_db
def test_the_check_of_foreign_eyes_can_fail(client, place):
    client.force_login(place.users["supervisor"])
    assert SECRET in client.get("/office/accounts/").content.decode()


@pytest.mark.one_database
@pytest.mark.django_db
@pytest.mark.parametrize("name", ["operator", "checker", "contractor", "auditor"])
def test_narrow_roles_write_nothing(client, place, name):
    client.force_login(place.users[name])
    before = AuditEntry.objects.count()
    for url_name, address in office_addresses(place):
        if url_name not in {"check_work", "check_sync", "check_leave", "check_sheet", "home"}:
            client.post(
                address,
                {
                    "do": "off",
                    "what": "rename",
                    "name": "x",
                    "on": "2026-01-01",
                    "decide": "approve",
                    "title": "x",
                    "organ": place.city.public_id,
                },
            )
    assert AuditEntry.objects.count() == before


@pytest.mark.one_database
@pytest.mark.django_db
def test_nobody_gets_in_without_a_log_in(client, place):
    for name, address in office_addresses(place):
        answer = client.get(address)
        assert answer.status_code == 302, name
        assert "/login/" in answer["Location"]


@pytest.mark.django_db
def test_a_contractor_and_an_operator_see_their_own_accounts_only(client, place):
    from qiguan.register.models import Account, AccountStaff

    for name in ("operator", "contractor"):
        client.force_login(place.users[name])
        assert SECRET not in client.get("/office/accounts/").content.decode()
    AccountStaff.objects.create(account=Account.objects.get(name=SECRET), user=place.users["operator"])
    client.force_login(place.users["operator"])
    assert SECRET in client.get("/office/accounts/").content.decode()


@pytest.mark.django_db
def test_log_in_rests_after_eight_failures(client, town):
    for _ in range(8):
        answer = client.post("/login/", {"username": "supervisor", "password": "wrong"})
    assert answer.status_code == 429
    assert "15分钟" in answer.content.decode()
    assert client.post("/login/", {"username": "supervisor", "password": PASSWORD}).status_code == 429


@pytest.mark.django_db
def test_each_role_starts_where_its_work_is(client, town):
    for name, target in (("supervisor", "/office/overview/"), ("checker", "/office/check/"), ("operator", "/office/accounts/")):
        client.force_login(town.users[name])
        assert client.get("/office/")["Location"] == target


def test_every_rule_cites_its_clause_and_shows_three_outcomes():
    assert {"GB19-M-V2a", "GB19-M-V2b", "GB19-M-V3a"} <= set(all_rules())


def test_no_clock_is_read_outside_jobs():
    offenders = [
        str(p.relative_to(SRC))
        for p in SRC.rglob("*.py")
        if "migrations" not in p.parts and p.relative_to(SRC).parts[0] not in {"jobs", "net", "config"}
        for word in ("datetime.now(", "timezone.now(", "date.today(", "time.time(", "utcnow(")
        if word in p.read_text(encoding="utf-8")
    ]
    assert offenders == []


def test_check_starts_without_django_and_without_a_data_folder(tmp_path):
    program = "import sys; from qiguan.config.cli import main; main(['check', 'x.csv', '--at', '2026-09-16', '-o', 'o']); print('django' in sys.modules)"
    import os

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SRC.parent), "QIGUAN_DATA": str(tmp_path / "no")},
        check=False,
    )
    assert done.stdout.strip().splitlines()[-1] == "False"
    assert not (tmp_path / "no").exists()
