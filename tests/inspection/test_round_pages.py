"""Pages of a round: next step first, wrong input told by field, decisions in bulk, frozen evidence, a draw redone from the CSV."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image
from tests.factories import AT, make_account
from tests.inspection.test_rounds import look, opened, place  # noqa: F401

from qiguan.archive.models import Blob
from qiguan.inspection.actions.findings import confirm_findings
from qiguan.inspection.actions.rounds import judge_round
from qiguan.inspection.actions.settling import correct_verdict, settle_round
from qiguan.inspection.models import Finding, Round, Verdict
from qiguan.jobs import clock
from qiguan.jobs.models import Progress
from qiguan.people.actions import add_user
from qiguan.people.models import Role

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def boss(client, place):  # noqa: F811
    client.force_login(place.users["supervisor"])
    return place.users["supervisor"]


@pytest.fixture
def judged(place):  # noqa: F811
    round_ = opened(place)
    judge_round(round_=round_, at=AT)
    return round_


@pytest.fixture
def settled(place, judged):  # noqa: F811
    confirm_findings(findings=list(judged.findings.all()), by=place.users["supervisor"], at=AT)
    settle_round(round_=judged, by=place.users["supervisor"], at=AT)
    return judged


def text(answer) -> str:
    return answer.content.decode()


def form(place, **more):  # noqa: F811
    return {"organ": place.city.public_id, "title": "第三季度检查", "day": "2026-09-15", "sort": "full", "recheck": "on"} | more


def test_a_round_is_opened_judged_at_once_and_asks_for_decisions_first(client, boss, place):  # noqa: F811
    answer = client.post(reverse("round_new"), form(place), follow=True)
    round_ = Round.objects.get()
    assert round_.stage == Round.Stage.REVIEWING
    assert (round_.at + timedelta(hours=8)).isoformat() == "2026-09-16T00:00:00+00:00"  # a date is its 24:00
    assert "2026年9月15日24:00" in text(answer)
    assert "研判1条" in text(answer)
    assert Progress.objects.get(public_id=round_.progress).state == "done"
    assert "第三季度检查" in text(client.get(reverse("rounds")))


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        ({"day": "2026-09-16"}, "day", "还没有到"),
        ({"day": "九月"}, "day", "日期读不出来"),
        ({"title": " "}, "title", "必填"),
        ({"sort": "drawn", "percent": "30"}, "number_source", "公开的号码"),
        ({"sort": "drawn", "number_source": "某号"}, "percent", "1%到99%"),
        ({"sort": "drawn", "percent": "200", "number_source": "某号"}, "percent", "99"),
        ({"sort": "filtered", "platform": "douyin"}, "place", "没有要检查的账号"),
        ({"organ": "zzz"}, "organ", "选"),
    ],
)
def test_wrong_input_is_told_at_its_field_and_nothing_typed_is_lost(client, boss, place, wrong, field, message):  # noqa: F811
    given = form(place, **wrong)
    answer = client.post(reverse("round_new"), given)
    assert answer.status_code == 400
    assert any(message in error for error in answer.context["form"].errors[field]), answer.context["form"].errors
    assert f'value="{given["day"]}"' in text(answer)
    assert not Round.objects.exists()


def test_only_a_supervisor_opens_and_only_for_the_own_jurisdiction(client, place):  # noqa: F811
    client.force_login(place.users["auditor"])
    assert client.get(reverse("round_new")).status_code == 403
    assert client.get(reverse("rounds")).status_code == 200
    client.force_login(place.users["unit"])
    assert client.get(reverse("rounds")).status_code == 403
    client.force_login(place.users["east"])
    answer = client.post(reverse("round_new"), form(place))
    assert "organ" in answer.context["form"].errors


def test_a_draw_is_redone_from_the_csv_alone(client, boss, place):  # noqa: F811
    make_account(place.audit, "=cmd|' /C calc'!A0", platform_id="gh_evil")
    client.post(reverse("round_new"), form(place, sort="drawn", percent="40", number_source="9月17日开奖号"))
    round_ = Round.objects.get()
    assert round_.stage == Round.Stage.WAITING
    assert "等抽签号码" in text(client.get(reverse("round", args=[round_.public_id])))
    assert "等抽签" in text(client.get(reverse("round_lot", args=[round_.public_id])))
    client.post(reverse("round_draw", args=[round_.public_id]), {"seed": ""})
    assert Round.objects.get().stage == Round.Stage.WAITING
    client.post(reverse("round_draw", args=[round_.public_id]), {"seed": "507"})
    sheet = b"".join(client.get(reverse("round_lot_csv", args=[round_.public_id])).streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(sheet)))
    numbers = [row["编号"] for row in rows]
    assert "sha256:" + sha256("\n".join(numbers).encode()).hexdigest() == round_.list_hash
    lots = sorted(numbers, key=lambda n: sha256(f"507|{n}".encode()).hexdigest())
    assert {row["编号"] for row in rows if row["抽中"]} == set(lots[: -(-len(lots) * 40 // 100)])
    assert not any(row["账号"].startswith("=") for row in rows)
    assert Round.objects.get().stage == Round.Stage.REVIEWING
    assert "抽中2个" in text(client.get(reverse("round_lot", args=[round_.public_id]), {"drawn": "1"}))


def test_a_full_round_has_no_lot(client, boss, judged):
    assert client.get(reverse("round_lot", args=[judged.public_id])).status_code == 404


def test_findings_are_decided_by_boxes_and_by_a_rows_own_button(client, boss, place, judged):  # noqa: F811
    decide, page = reverse("round_decide", args=[judged.public_id]), reverse("round_findings", args=[judged.public_id])
    finding = judged.findings.get(veto=True)
    assert f'value="confirm:{finding.public_id}"' in text(client.get(page))
    answer = client.post(decide, {"do": "dismiss", "finding": [finding.public_id], "reason": " ", "back": page}, follow=True)
    assert "没有写理由" in text(answer)
    answer = client.post(decide, {"one": f"confirm:{finding.public_id}", "back": page + "?rule=x", "next": "abc123"})
    assert answer["Location"] == page + "?rule=x#f-abc123"
    finding.refresh_from_db()
    assert finding.state == Finding.State.CONFIRMED
    client.post(decide, {"do": "reopen", "finding": [finding.public_id]})
    client.post(decide, {"do": "dismiss", "finding": [finding.public_id], "reason": "看错了账号"})
    finding.refresh_from_db()
    assert (finding.state, finding.reason) == ("dismissed", "看错了账号")
    assert "没有这样的问题" in text(client.get(page))
    assert "看错了账号" in text(client.get(page, {"state": "dismissed"}))


def test_a_reason_that_did_not_go_through_is_kept(client, boss, judged):
    decide = reverse("round_decide", args=[judged.public_id])
    answer = client.post(decide, {"do": "dismiss", "reason": "写了很久的理由"}, follow=True)
    assert "没有选问题" in text(answer)
    assert 'value="写了很久的理由"' in text(answer)


def test_nobody_is_sent_away_from_the_round(client, boss, judged):
    decide = reverse("round_decide", args=[judged.public_id])
    for back in ("https://evil.example/", "//evil.example", "/office/accounts/"):
        answer = client.post(decide, {"do": "confirm", "back": back, "next": "x\r\nSet-Cookie: a=b"})
        assert answer["Location"] == reverse("round_findings", args=[judged.public_id])


def test_the_list_is_narrowed_on_the_server(client, boss, place, judged):  # noqa: F811
    page = reverse("round_findings", args=[judged.public_id])
    finding = judged.findings.get(veto=True)
    for query, shown in (
        ({"rule": finding.rule}, True), ({"rule": "X"}, False), ({"platform": "wechat_mp"}, True), ({"platform": "weibo"}, False), ({"own": "1"}, False),
        ({"place": place.east.public_id}, True), ({"place": place.south.public_id}, False), ({"place": "zzz"}, False), ({"again": "1"}, False), ({"q": "停更"}, True),
        ({"q": "别的"}, False), ({"state": "confirmed"}, False), ({"state": "all"}, True),
    ):  # fmt: skip
        assert (finding.public_id in text(client.get(page, query))) is shown, query


def test_own_accounts_are_labelled_and_left_to_the_level_above(client, place):  # noqa: F811
    look(make_account(place.east, "区政府自己的", platform_id="gh_own"), 60, by=place.users["checker"])
    client.force_login(place.users["east"])
    client.post(reverse("round_new"), form(place, organ=place.east.public_id, title="区里检查"))
    round_ = Round.objects.get()
    finding = round_.findings.get(line__own=True)
    page = text(client.get(reverse("round_findings", args=[round_.public_id])))
    assert "由上一级研判" in page
    assert f'value="confirm:{finding.public_id}"' not in page
    assert client.post(reverse("round_decide", args=[round_.public_id]), {"one": f"confirm:{finding.public_id}"}, follow=True)
    finding.refresh_from_db()
    assert finding.state == Finding.State.SUSPECTED
    client.force_login(place.users["supervisor"])
    assert f'value="confirm:{finding.public_id}"' in text(client.get(reverse("round_findings", args=[round_.public_id])))


def test_a_finding_shows_its_frozen_evidence_and_hands_out_the_stored_copy(client, boss, place, judged):  # noqa: F811
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG")
    new = reverse("round_finding_new", args=[judged.public_id])
    said = {"account": "活着的", "rule": "GB19-M-V3a", "because": "留言入口点了没有反应"}
    answer = client.post(new, said | {"proof": SimpleUploadedFile("../../图.png", out.getvalue())}, follow=True)
    finding = judged.findings.get(origin="person")
    assert "留言入口点了没有反应" in text(answer)
    digest = finding.evidence[0]["blob"]
    assert digest in text(answer)
    assert Blob.objects.get(pk=digest).keep_until is None
    copy = client.get(reverse("round_finding_proof", args=[finding.public_id, 0]))
    assert copy["Content-Disposition"].startswith("attachment")
    assert copy["X-Content-Type-Options"] == "nosniff"
    assert "sha256:" + sha256(copy.content).hexdigest() == digest
    assert client.get(reverse("round_finding_proof", args=[finding.public_id, 9])).status_code == 404
    client.force_login(place.users["unit"])
    assert client.get(reverse("round_finding_proof", args=[finding.public_id, 0])).status_code == 404


def test_a_saved_page_comes_back_as_bytes_never_as_a_page_of_ours(client, boss, judged):
    said = {"account": "活着的", "rule": "GB19-M-V3a", "because": "见网页"}
    client.post(
        reverse("round_finding_new", args=[judged.public_id]), said | {"proof": SimpleUploadedFile("a.html", b"<script>")}
    )
    copy = client.get(reverse("round_finding_proof", args=[judged.findings.get(origin="person").public_id, 0]))
    assert copy["Content-Type"] == "application/octet-stream"
    assert copy.content == b"<script>"


@pytest.mark.parametrize(
    ("more", "field", "message"),
    [
        ({"account": "没有的"}, "account", "检查对象里没有"),
        ({"file": ("a.docm", b"PK")}, "proof", "不能作证据"),
        ({"file": ("a.png", b"no picture")}, "proof", "不是能打开的图片"),
        ({"file": None}, "proof", "必填"),
        ({"because": ""}, "because", "必填"),
    ],
)
def test_a_human_finding_that_cannot_be_is_told_at_its_field(client, boss, judged, more, field, message):
    said = {"account": "活着的", "rule": "GB19-M-V3a", "because": "写了很久"}
    file = more.pop("file", ("a.html", b"x"))
    given = said | more | ({"proof": SimpleUploadedFile(*file)} if file else {})
    answer = client.post(reverse("round_finding_new", args=[judged.public_id]), given)
    assert any(message in e for e in answer.context["form"].errors[field]), answer.context["form"].errors
    assert given["because"] in text(answer)


def test_settling_asks_once_more_and_then_the_round_shows_its_verdicts(client, boss, judged):
    settle, page = reverse("round_settle", args=[judged.public_id]), reverse("round", args=[judged.public_id])
    assert client.get(settle)["Location"] == page  # one finding waits
    assert "没有研判" in text(client.post(settle, follow=True))
    client.post(
        reverse("round_decide", args=[judged.public_id]),
        {"do": "confirm", "finding": [f.public_id for f in judged.findings.all()]},
    )
    assert "可以定案" in text(client.get(page))
    assert "只能更正" in text(client.get(settle))
    answer = text(client.post(settle, follow=True))
    assert "3个账号，1个不合格" in answer
    verdicts = text(client.get(reverse("round_verdicts", args=[judged.public_id]), {"word": "不合格"}))
    assert "停更的" in verdicts
    assert "活着的" not in verdicts


def test_a_verdict_is_corrected_on_its_page_and_both_stay(client, boss, place, settled):  # noqa: F811
    old = Verdict.objects.get(line__name="停更的")
    page = reverse("round_verdict", args=[old.public_id])
    answer = client.post(page, {"word": "合格", "reason": "", "because": "当日有更新"})
    assert "没有写更正的理由" in text(answer)
    assert "当日有更新" in text(answer)
    answer = client.post(page, {"word": "合格", "reason": "申诉属实", "because": "当日有更新"}, follow=True)
    assert "更正了原来的“不合格”" in text(answer)
    assert "已更正为“合格”" in text(client.get(page))
    history = text(client.get(reverse("account", args=[place.dead.public_id])))
    assert "历次检查结论" in history
    assert "已被更正" in history
    assert "申诉属实" in history


def test_a_unit_reads_its_own_verdicts_and_corrects_none(client, place):  # noqa: F811
    mine = make_account(place.commerce, "本单位停更的", platform_id="gh_5")
    look(mine, 30, by=place.users["checker"])
    round_ = opened(place)
    judge_round(round_=round_, at=AT)
    client.force_login(place.users["unit"])
    finding = round_.findings.get(account=mine, veto=True)
    assert client.get(reverse("round_finding", args=[finding.public_id])).status_code == 404
    confirm_findings(findings=list(round_.findings.all()), by=place.users["supervisor"], at=AT)
    page = text(client.get(reverse("round_finding", args=[finding.public_id])))
    assert "supervisor" not in page.split("<main")[1]
    settle_round(round_=round_, by=place.users["supervisor"], at=AT)
    own, foreign = (Verdict.objects.get(line__name=n) for n in ("本单位停更的", "停更的"))
    assert client.get(reverse("round_verdict", args=[own.public_id])).status_code == 200
    assert client.post(reverse("round_verdict", args=[own.public_id]), {"word": "合格", "reason": "x"}).status_code == 404
    assert client.get(reverse("round_verdict", args=[foreign.public_id])).status_code == 404
    assert client.get(reverse("round", args=[round_.public_id])).status_code == 404
    correct_verdict(verdict=own, word="合格", because="x", reason="y", by=place.users["supervisor"], at=AT)


def test_scope_and_comparison_pages_show_both_denominators(client, boss, place, settled, monkeypatch):  # noqa: F811
    later = AT + timedelta(days=90)
    monkeypatch.setattr(clock, "now", lambda: later)
    make_account(place.commerce, "新来的", platform_id="gh_new", opened=-60)
    place.blind.closed_on = (AT + timedelta(days=30)).date()
    place.blind.save()
    look(place.dead, 1, by=boss, at=later)
    client.post(reverse("round_new"), form(place, title="第四季度检查", day="2026-12-14"))
    second = Round.objects.get(title="第四季度检查")
    scope = reverse("round_scope", args=[second.public_id])
    assert "开设，在上期之后" in text(client.get(scope, {"show": "entered"}))
    assert "关停，没有备案记录" in text(client.get(scope, {"show": "left"}))
    assert "上期不合格复查" in text(client.get(scope))
    page = client.get(reverse("round_compare", args=[second.public_id]), {"show": "recovered"})
    assert "停更的" in text(page)
    assert (page.context["found"].now.total, page.context["found"].kept.total) == (3, 2)
    assert "其中上期也在范围的" in text(client.get(reverse("round", args=[second.public_id])))
    assert client.get(reverse("round_compare", args=[second.public_id]), {"with": "zzz"}).status_code == 404


def test_the_first_round_has_nothing_to_compare_with(client, boss, judged):
    assert "没有上期可比" in text(client.get(reverse("round_compare", args=[judged.public_id])))


def test_a_leader_reads_a_round_and_decides_nothing(client, place, settled):  # noqa: F811
    leader = add_user(
        username="leader", shown_name="x", password="p-a-s-s-w-o-r-d", roles=[(place.city, Role.LEADER)], by=None, at=AT
    )
    client.force_login(leader)
    assert client.get(reverse("round", args=[settled.public_id])).status_code == 200
    assert client.post(reverse("round_decide", args=[settled.public_id]), {"do": "confirm"}).status_code == 403
