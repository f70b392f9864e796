"""`qiguan round` from the shell: open, draw, judge, settle, show; steps out of turn exit with 2."""

from __future__ import annotations

import pytest

from qiguan.config.cli import main
from qiguan.inspection.models import Round
from qiguan.jobs import clock
from tests.factories import AT, make_account

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def shell(town, capsys, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    for n, platform in enumerate(("wechat_mp", "weibo", "toutiao", "kuaishou")):
        make_account(town.commerce, f"账号{n}", platform=platform, platform_id=f"gh_{n}")

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["round", *words])
        out, err = capsys.readouterr()
        return code, out.strip(), err

    return run


def test_a_round_goes_from_opening_to_verdicts(shell):
    code, name, err = shell(
        "open",
        "--organ",
        "示例市人民政府",
        "--title",
        "第三季度",
        "--at",
        "2026-09-15",
        "--percent",
        "50",
        "--number-source",
        "某号",
    )
    assert (code, Round.objects.get().public_id) == (0, name)
    assert "范围4个账号" in err
    assert shell("judge", name)[0] == 2  # not drawn yet
    assert shell("draw", name, "--seed", "7")[1] == "抽中2个账号"
    code, out, err = shell("judge", name)
    assert (code, out) == (0, "检查2个账号，0条问题待研判")
    assert "2/2" in err
    assert "未能判定2（100.0%）" in shell("show", name)[1]
    assert shell("settle", name)[:2] == (0, "写下2份结论")
    assert "已定案" in shell("show")[1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("show", "zzz"), "没有批次"),
        (("judge", "zzz"), "没有批次"),
        (("open", "--organ", "无", "--title", "x", "--at", "2026-09-15"), "没有叫"),
        (("open", "--organ", "示例市人民政府", "--title", "x", "--at", "昨天"), "不是ISO 8601时间"),
        (("open", "--organ", "示例市人民政府", "--title", "x", "--at", "2026-09-17"), "还没有到"),
        (("open", "--organ", "示例市人民政府", "--title", "x", "--at", "2026-09-15", "--platform", "douyin"), "没有要检查的账号"),
        (("open", "--organ", "示例市人民政府", "--title", "x", "--at", "2026-09-15", "--percent", "30"), "公开的号码"),
    ],
)
def test_what_cannot_be_done_exits_with_two_in_words(shell, words, message):
    code, _, err = shell(*words)
    assert code == 2
    assert message in err
    assert not Round.objects.exists()
