"""A setting that cannot work is told at start, by the Django check and by every command."""

from __future__ import annotations

import pytest
from django.core.checks import run_checks

from qiguan.config.checks import demand_sound_settings
from qiguan.config.cli import main


def test_networks_of_an_office_are_in_order(settings):
    settings.NET_ALLOW_NETWORKS = "10.0.0.0/8, 2001:db8:1::/48"
    assert [m for m in run_checks() if m.id.startswith("qiguan")] == []
    demand_sound_settings()


@pytest.mark.parametrize("wrong", ["10.0.0.0/99", "内网", "127.0.0.1"])
def test_a_wrong_network_has_an_id_and_a_hint_and_no_command_starts(settings, capsys, wrong):
    settings.NET_ALLOW_NETWORKS = wrong
    (message,) = [m for m in run_checks() if m.id.startswith("qiguan")]
    assert message.id == "qiguan.E001"
    assert "10.0.0.0/8" in message.hint
    for command in ("poll", "migrate", "judge"):
        assert main([command]) == 2
        said = capsys.readouterr().err
        assert "QIGUAN_ALLOW_NETWORKS：" in said
        assert "qiguan.E001" in said


def test_the_agent_refuses_a_wrong_network_before_it_reads_anything(tmp_path, monkeypatch, capsys):
    (tmp_path / "push.key").write_text("k", encoding="utf-8")
    (tmp_path / "agent.toml").write_text(
        'supervisor = "https://q.example.invalid"\nkey_file = "push.key"\n[[account]]\nid = "gh_1"\nfolder = "."\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("QIGUAN_ALLOW_NETWORKS", "169.254.0.0/16")
    assert main(["agent", str(tmp_path / "agent.toml")]) == 2
    assert "169.254.0.0/16" in capsys.readouterr().err
