"""The command line: import, export, judge, user; a taken port and a wrong word are told."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from qiguan.config.cli import main
from qiguan.config.commands.run import demand_free_port
from qiguan.core.errors import UnusableInput
from qiguan.register.models import Account


@pytest.mark.django_db
def test_a_register_is_imported_exported_and_undone_from_the_shell(tmp_path, capsys):
    register = tmp_path / "表.csv"
    register.write_text("账号名称,平台,账号ID,单位名\n南例商务,公众号,gh_1,南例县商务局\n", encoding="utf-8")
    assert main(["import", str(register)]) == 2
    assert "--organ" in capsys.readouterr().err
    assert main(["import", str(register), "--organ", "示例市人民政府", "--map", "单位名=owner", "--dry-run"]) == 0
    assert Account.objects.count() == 0
    assert main(["import", str(register), "--organ", "示例市人民政府", "--map", "单位名=owner"]) == 0
    assert Account.objects.get().owner.name == "南例县商务局"
    out = tmp_path / "出.xlsx"
    assert main(["export", "-o", str(out), "--organ", "南例县商务局"]) == 0
    assert main(["import", str(out), "--organ", "示例市人民政府"]) == 0
    assert "无变化1" in capsys.readouterr().out
    assert main(["judge", "--all"]) == 0
    assert main(["poll"]) == 0
    assert main(["import", str(register), "--undo"]) == 0
    assert Account.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["import", "no.csv"], "找不到"),
        (["export", "-o", "x.pdf"], "不会写.pdf"),
        (["export", "-o", "x.csv", "--organ", "无"], "没有叫"),
        (["user", "a", "--role", "king"], "角色"),
        (["user", "a", "--organ", "无"], "没有叫"),
    ],
)
def test_wrong_words_exit_with_two(capsys, words, message):
    assert main(words) == 2
    assert message in capsys.readouterr().err


@pytest.mark.django_db
def test_a_user_is_added_and_its_password_said_once(capsys):
    assert main(["user", "root"]) == 0
    assert "初始密码" in capsys.readouterr().out
    assert main(["user", "root"]) == 2


def test_a_taken_port_is_told_in_one_sentence(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        with pytest.raises(UnusableInput, match="已被占用"):
            demand_free_port()
    monkeypatch.setenv("PORT", "nonsense")
    with pytest.raises(UnusableInput, match="不是1到65535"):
        demand_free_port()


def test_a_data_folder_that_cannot_be_made_is_told_in_one_sentence(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    environment = {**os.environ, "QIGUAN_DATA": str(tmp_path / "file"), "DJANGO_SETTINGS_MODULE": "qiguan.config.settings"}
    line = [sys.executable, "-m", "qiguan", "judge"]
    done = subprocess.run(line, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 2
    assert "QIGUAN_DATA：建不了数据文件夹" in done.stderr
    assert "Traceback" not in done.stderr
