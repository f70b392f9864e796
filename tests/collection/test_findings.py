"""Recording what only a person can find: by whom, with what proof, and what the account's page then says."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from qiguan.archive.actions import read_blob
from qiguan.collection.actions.findings import Found, record_finding
from qiguan.collection.models import HumanFinding, Touched
from qiguan.core.errors import NotPermitted, UnusableInput
from qiguan.inspection.actions.standing import judge_touched
from qiguan.inspection.models import Standing
from qiguan.jobs import clock
from qiguan.people.models import AuditEntry
from qiguan.register.models import Account
from tests.factories import AT, Town, make_account

pytestmark = [pytest.mark.django_db, pytest.mark.database]
FOUND = Found("GB19-M-V1", "9月12日一篇有严重表述错误", AT)


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 80), "white").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def account(town: Town) -> Account:
    return make_account(town.commerce, platform_id="gh_1")


@pytest.fixture(autouse=True)
def _at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(hours=1))


def record(account: Account, found: Found = FOUND, *, key: str = "k1", shot: bytes | None = None, by: Any = None) -> HumanFinding:
    return record_finding(
        account=account, found=found, client_key=key, screenshot=picture() if shot is None else shot, by=by, at=AT
    )


def as_(town: Town, name: str) -> Client:
    client = Client()
    client.force_login(town.users[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_finding_is_kept_with_its_proof_and_fails_the_account(town, account):
    kept = record(account, by=town.users["supervisor"])
    assert read_blob(kept.proof)[:2] == b"\xff\xd8", "drawn anew as a JPEG"
    assert Touched.objects.filter(account=account).exists()
    assert AuditEntry.objects.filter(action="record_finding").count() == 1
    judge_touched(at=AT)
    assert Standing.objects.get(pk=account.pk).verdict == "不合格"


def test_sent_twice_it_is_stored_once_and_a_key_serves_one_account(town, account):
    assert record(account).pk == record(account).pk
    with pytest.raises(UnusableInput):
        record(make_account(town.audit, "别的", platform_id="gh_2"))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"rule": "GB19-M-V2a"}, "问题"),
        ({"rule": ""}, "问题"),
        ({"words": "  "}, "看到了什么"),
        ({"words": "长" * 301}, "看到了什么"),
        ({"words": "坏\x07字"}, "看到了什么"),
        ({"seen_at": AT + timedelta(days=2)}, "哪天看到的"),
        ({"link": "javascript:alert(1)"}, "链接"),
    ],
)
def test_wrong_input_is_told_by_field(account, change, place):
    values = {"rule": FOUND.rule, "words": FOUND.words, "seen_at": AT} | change
    with pytest.raises(UnusableInput) as caught:
        record(account, Found(**values))
    assert caught.value.place == place
    assert not HumanFinding.objects.exists()


def test_a_problem_needs_proof_and_a_look_that_found_none_does_not(account):
    with pytest.raises(UnusableInput) as caught:
        record(account, shot=b"")
    assert caught.value.place == "截图"
    assert record(account, Found(FOUND.rule, "抽查20篇未见", AT, is_there=False), shot=b"").proof == ""


@pytest.mark.parametrize("name", ["unit", "operator", "contractor", "checker", "auditor", "east"])
def test_nobody_but_a_supervisor_of_the_account_records(town, account, name):
    with pytest.raises(NotPermitted):
        record(account, by=town.users[name])
    answer = as_(town, name).post(reverse("finding_new", args=[account.public_id]), {"key": "x"})
    assert answer.status_code in {403, 404}
    assert not HumanFinding.objects.exists()


def test_the_form_records_tells_mistakes_and_shows_the_proof_to_those_who_may(town, account):
    client = as_(town, "supervisor")
    address = reverse("finding_new", args=[account.public_id])
    assert address in client.get(reverse("account", args=[account.public_id])).content.decode()
    said = {"key": "k9", "rule": "GB19-M-V3b", "found": "yes", "words": "发文要求群众点赞", "seen_on": "2026-09-10"}
    missing = client.post(address, said)
    assert missing.status_code == 400
    assert "没有附截图" in missing.content.decode()
    assert "发文要求群众点赞" in missing.content.decode(), "nothing typed is lost"
    done = client.post(address, said | {"shot": SimpleUploadedFile("a.png", picture(), "image/png")})
    assert done.status_code == 302
    kept = HumanFinding.objects.get()
    assert (kept.rule, kept.at.isoformat()) == ("GB19-M-V3b", "2026-09-10T16:00:00+00:00")
    page = client.get(reverse("account", args=[account.public_id])).content.decode()
    assert "人工发现：购买“粉丝”" in page
    proof = reverse("finding_proof", args=[kept.public_id])
    assert client.get(proof)["Content-Disposition"].startswith("attachment")
    assert as_(town, "east").get(proof).status_code == 404
    assert as_(town, "operator").get(proof).status_code == 404
