"""`qiguan check` from files to files: the source's own case, the real feeds, hostile and unusable input."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tarfile
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import docx
import openpyxl
import pytest

from qiguan.config.cli import main

HEADER = "账号名称,平台,账号ID,主办单位,主办单位撤并时间,承接单位,来源完整\n"


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def feed(*times):
    items = "".join(
        f"<item><title>第{n}篇</title><link>https://x.invalid/{n}</link><pubDate>{format_datetime(t)}</pubDate></item>"
        for n, t in enumerate(times)
    )
    return f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>"


def rows_of(out):
    with (out / "accounts.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["account"]: row for row in csv.DictReader(file)}


@pytest.fixture
def nanchang(tmp_path):
    """The source's case: 13 posts, the last on 2016-12-16; three that never posted; two owners reorganised in 2019."""
    write(
        tmp_path / "register.csv",
        HEADER
        + "某市局,微信公众号,gh_thirteen,某市局,2019-01-20,某市新局,是\n某区审计,微信公众号,gh_never1,某区审计局,,,是\n某县商务,微信公众号,gh_never2,某县商务局,2019-03-20,某县商务和投资局,是\n某区卫计,微信公众号,gh_never3,某区卫计委,,,\n",
        "gb18030",
    )
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    last = datetime(2016, 12, 16, 2, tzinfo=UTC)
    write(feeds / "gh_thirteen.xml", feed(*(last - timedelta(days=9 * n) for n in range(13))))
    write(feeds / "gh_never1.xml", feed())
    write(feeds / "gh_never2.xml", feed())
    write(tmp_path / "checks.csv", "账号名称,账号ID,结果,核查时间,核查人\n某区卫计,gh_never3,从未发布,{at},甲\n")
    return tmp_path


@pytest.mark.parametrize(("at", "looked"), [("2019-02-28", "2019-03-01 09:00"), ("2020-02-29", "2020-03-01 09:00")])
def test_the_sources_own_case_comes_out_as_the_source_tells_it(nanchang, at, looked, capsys):
    checks = nanchang / "checks.csv"
    checks.write_text(checks.read_text(encoding="utf-8").replace("{at}", looked), encoding="utf-8")
    out = nanchang / "out"
    after = f"{looked[:10]}T12:00:00"
    assert (
        main(
            [
                "check",
                str(nanchang / "register.csv"),
                "--feeds",
                str(nanchang / "feeds"),
                "--checks",
                str(checks),
                "--at",
                at,
                "--observed-at",
                after,
                "-o",
                str(out),
            ]
        )
        == 0
    )
    rows = rows_of(out)
    assert {name: row["state"] for name, row in rows.items()} == {
        "某市局": "zombie",
        "某区审计": "never_posted",
        "某县商务": "never_posted",
        "某区卫计": "never_posted",
    }
    assert {row["verdict"] for row in rows.values()} == {"不合格"}
    assert {row["rule"] for row in rows.values()} == {"GB19-M-V2a"}
    assert rows["某市局"]["last_post_at"] == "2016-12-16T10:00:00+08:00"
    assert (
        int(rows["某市局"]["days_silent"]) == (datetime.fromisoformat(at) + timedelta(days=1) - datetime(2016, 12, 16, 10)).days
    )
    reorganised = {name for name, row in rows.items() if "已撤并" in row["reason"]}
    assert reorganised == ({"某市局"} if at < "2019-03-20" else {"某市局", "某县商务"})
    printed = capsys.readouterr().out
    assert "僵尸  1" in printed
    assert "静默最久" in printed


def test_saved_files_that_no_account_uses_are_named_and_endings_may_be_in_capitals(tmp_path, capsys):
    at = datetime(2026, 9, 16, tzinfo=UTC)
    write(tmp_path / "r.csv", "账号名称,平台,账号ID\n甲,微博,a\n乙,微博,b\n")
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    write(feeds / "a.XML", feed(at - timedelta(days=3)))
    write(feeds / "b.xml", feed(at - timedelta(days=2)))
    write(feeds / "b.json", "{}")
    write(feeds / "B1.xml", feed(at))
    write(feeds / "b.txt", "x")
    write(feeds / ".keep", "")
    line = ["check", str(tmp_path / "r.csv"), "--feeds", str(feeds), "--at", "2026-09-16", "-o", str(tmp_path / "o")]
    assert main(line) == 0
    rows = rows_of(tmp_path / "o")
    assert {r["state"] for r in rows.values()} == {"active", "unknown"}
    assert rows["甲"]["last_post_at"].startswith("2026-09-13")
    told = capsys.readouterr().err
    assert "B1.xml、b.txt、b.xml（已读b.json）没有用上" in told
    assert ".keep" not in told
    assert "没有用上" in (tmp_path / "o" / "report.html").read_text(encoding="utf-8")


def test_a_saved_file_that_cannot_be_read_costs_its_account_only(tmp_path, monkeypatch):
    write(tmp_path / "r.csv", "账号名称,平台,账号ID\n甲,微博,a\n乙,微博,b\n")
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    write(feeds / "a.xml", feed(datetime(2026, 9, 15, tzinfo=UTC)))
    write(feeds / "b.xml", feed(datetime(2026, 9, 15, tzinfo=UTC)))
    read = Path.read_bytes

    def refused(path):
        if path.name == "a.xml":
            raise PermissionError(path)
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    line = ["check", str(tmp_path / "r.csv"), "--feeds", str(feeds), "--at", "2026-09-16", "-o", str(tmp_path / "o")]
    assert main(line) == 0
    assert {name: r["state"] for name, r in rows_of(tmp_path / "o").items()} == {"甲": "unknown", "乙": "active"}


def test_a_partial_source_fails_nobody_and_its_posts_clear(tmp_path):
    at = datetime(2026, 9, 16, tzinfo=UTC)
    write(
        tmp_path / "r.csv", "账号名称,平台,账号ID\n活,微博,a\n静,微博,b\n登录,微博,c\n没有,微博,d\n恶意,微博,../../etc/passwd\n"
    )
    feeds = tmp_path / "feeds"
    feeds.mkdir()
    write(feeds / "a.xml", feed(at - timedelta(days=3)))
    write(feeds / "b.json", json.dumps({"items": [{"id": "1", "title": "旧", "date_published": "2026-01-01T00:00:00Z"}]}))
    write(feeds / "c.html", "<html><input type=password>请先登录</html>")
    assert (
        main(
            [
                "check",
                str(tmp_path / "r.csv"),
                "--feeds",
                str(feeds),
                "--at",
                "2026-09-16T08:00:00+08:00",
                "-o",
                str(tmp_path / "o"),
            ]
        )
        == 0
    )
    rows = rows_of(tmp_path / "o")
    assert [(r["state"], r["verdict"]) for r in rows.values()] == [
        ("active", "合格"),
        ("unknown", "未能判定"),
        ("unknown", "未能判定"),
        ("unknown", "未能判定"),
        ("unknown", "未能判定"),
    ]
    assert "登录" in rows["登录"]["reason"]
    report = (tmp_path / "o" / "report.html").read_text(encoding="utf-8")
    assert "停更规则不约束此账号" not in report
    assert "http-equiv" in report
    assert "src=" not in report.replace("data-src", "")
    assert "<svg" in report


def test_assumed_completeness_is_printed_everywhere(tmp_path, capsys):
    write(tmp_path / "r.csv", "账号名称,平台,账号ID\n静,微博,b\n")
    (tmp_path / "f").mkdir()
    write(tmp_path / "f" / "b.xml", feed(datetime(2026, 6, 1, tzinfo=UTC)))
    main(
        [
            "check",
            str(tmp_path / "r.csv"),
            "--feeds",
            str(tmp_path / "f"),
            "--at",
            "2026-09-16",
            "--assume-complete",
            "-o",
            str(tmp_path / "o"),
        ]
    )
    row = rows_of(tmp_path / "o")["静"]
    assert (row["state"], row["verdict"]) == ("zombie", "不合格")
    assert "假定" in row["evidence"]
    assert "假定" in (tmp_path / "o" / "report.html").read_text(encoding="utf-8")
    assert "假定" in capsys.readouterr().out


def test_the_report_says_flags_in_words(tmp_path):
    write(tmp_path / "r.csv", "账号名称,平台,账号ID\n南例通,小程序,b\n")
    main(["check", str(tmp_path / "r.csv"), "--at", "2026-09-16", "-o", str(tmp_path / "o")])
    assert "停更规则不约束此账号" in (tmp_path / "o" / "report.html").read_text(encoding="utf-8")


def test_documents_open_again_and_formulas_stay_text(tmp_path):
    write(tmp_path / "r.csv", "账号名称,平台,账号ID,主办单位\n=HYPERLINK(1),微博,b,<script>alert(1)</script>\n")
    main(["check", str(tmp_path / "r.csv"), "--at", "2026-09-16", "-o", str(tmp_path / "o")])
    cell = openpyxl.load_workbook(tmp_path / "o" / "bulletin.xlsx")["检查范围"]["B4"]
    assert cell.value.lstrip("'") == "=HYPERLINK(1)"
    assert cell.data_type == "s"
    assert (tmp_path / "o" / "accounts.csv").read_text(encoding="utf-8-sig").splitlines()[1].startswith("'=")
    assert "<script>alert" not in (tmp_path / "o" / "report.html").read_text(encoding="utf-8")
    text = "\n".join(p.text for p in docx.Document(str(tmp_path / "o" / "bulletin.docx")).paragraphs)
    assert "本次共检查账号1个，有结论的0个" in text
    assert "未能判定1个，占检查数的100.0%，不计入合格，也不计入不合格" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing.csv", "--at", "2026-09-16"], "找不到"),
        (["r.csv", "--at", "16.9.2026"], "不是ISO 8601"),
        (["r.csv", "--at", "2026-09-16", "--pack", "atlantis"], "没有名为"),
        (["r.csv", "--at", "2026-09-16", "--feeds", "r.csv"], "不是文件夹"),
        (["r.csv", "--at", "2026-09-16", "--checks", "no.xlsx"], "找不到"),
        ([".", "--at", "2026-09-16"], "是文件夹，不是表格"),
        (["r.csv", "--at", "2026-09-16", "--checks", "."], "是文件夹，不是表格"),
        (["bad.csv", "--at", "2026-09-16"], "表头"),
        (["r.csv", "--at", "2026-09-16", "--checks", "bad.csv"], "表头"),
    ],
)
def test_unusable_input_exits_with_two_and_a_remedy(tmp_path, monkeypatch, capsys, arguments, words):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "r.csv", "账号名称,平台\n甲,微博\n")
    write(tmp_path / "bad.csv", "x,y\n1,2\n")
    assert main(["check", *arguments, "-o", "o"]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert "Traceback" not in error


def test_the_real_feeds_agree_with_the_truth(real_data, tmp_path):
    folder = tmp_path / "feeds"
    folder.mkdir()
    with tarfile.open(real_data / "wechat-feeds.tar.xz", "r|xz") as archive:
        for member in archive:
            if member.name.endswith("truth.json"):
                truth = json.load(archive.extractfile(member))["accounts"]
            elif "2021-06-17T15-18/" in member.name and member.name.endswith(".xml"):
                (folder / member.name.rsplit("/", 1)[1]).write_bytes(archive.extractfile(member).read())
    write(
        tmp_path / "r.csv", "新媒体名称,新媒体类型,bizid\n" + "".join(f"{a['account']},微信公众号,{a['bizid']}\n" for a in truth)
    )
    base = ["check", str(tmp_path / "r.csv"), "--feeds", str(folder), "--at", truth[0]["check_point"]]
    main([*base, "--assume-complete", "-o", str(tmp_path / "full")])
    main([*base, "-o", str(tmp_path / "part")])
    full, part = rows_of(tmp_path / "full"), rows_of(tmp_path / "part")
    assert len(full) == 108
    for a in truth:
        row = full[a["account"].strip()]
        assert datetime.fromisoformat(row["last_post_at"]) == datetime.fromisoformat(a["last_update"])
        assert row["verdict"] == ("不合格" if a["no_update_2_weeks"] else "合格")
        assert part[a["account"].strip()]["verdict"] == ("未能判定" if a["no_update_2_weeks"] else "合格")


def test_the_command_runs_alone_without_the_projects_settings(tmp_path):
    """In these tests Django is set up already; a person's shell has nothing."""
    write(tmp_path / "r.csv", "账号名称,平台\n甲,微博\n")
    alone = {k: v for k, v in os.environ.items() if not k.startswith(("DJANGO_", "QIGUAN_"))}
    alone["PYTHONPATH"] = str(Path(__file__).parents[2] / "src")
    done = subprocess.run(
        [sys.executable, "-m", "qiguan", "check", "r.csv", "--at", "2026-09-16", "-o", "out"],
        cwd=tmp_path, env=alone, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"accounts.csv", "report.html", "bulletin.docx", "bulletin.xlsx"}
    assert {p.name for p in tmp_path.iterdir()} == {"r.csv", "out"}


def test_a_post_known_to_its_day_is_named_with_that_day_in_the_report(tmp_path, capsys):
    """And what only a checker saw stands in the report's picture."""
    register = write(tmp_path / "r.csv", "账号名称,平台,账号ID,主办单位\n南例商务,微信公众号,gh_1,示例市商务局\n")
    checks = write(
        tmp_path / "c.csv", "账号名称,平台,账号ID,最新一篇日期,核查时间\n南例商务,微信公众号,gh_1,2026-08-10,2026-09-16 09:00\n"
    )
    out = tmp_path / "out"
    assert main(["check", str(register), "--checks", str(checks), "--at", "2026-09-16", "-o", str(out)]) == 0
    assert "最近2026-08-10" in capsys.readouterr().out
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "监测时间点2026年9月16日24:00" in page
    assert "近一年1篇，1段静默超过两周，最长36天" in page
    assert rows_of(out)["南例商务"]["longest_gap_days"] == "36"
