"""`qiguan draw --verify`: a stranger with the list and the number redoes the draw."""

from __future__ import annotations

import pytest

from qiguan.config.cli import main
from qiguan.core.question_list import fingerprint, write_list

TEXT = write_list([f"第{n}道题？" for n in range(1, 9)], count=3)


@pytest.fixture
def published(tmp_path):
    path = tmp_path / "questions.txt"
    path.write_bytes(TEXT.encode())
    return str(path)


def test_the_draw_is_redone_and_compared_with_what_was_published(published, capsys):
    assert main(["draw", "--verify", published, "0917232931"]) == 0
    out = capsys.readouterr().out
    numbers = [line.split("\t")[0] for line in out.splitlines()[1:4]]
    assert fingerprint(TEXT) in out
    assert main(["draw", "--verify", published, "0917232931", "--drawn", "，".join(numbers), "--hash", fingerprint(TEXT)]) == 0
    assert main(["draw", "--verify", published, "0917232932", "--drawn", ",".join(numbers)]) == 1
    assert main(["draw", "--verify", published, "0917232931", "--hash", "sha256:0"]) == 1
    assert "不一致" in capsys.readouterr().out


@pytest.mark.parametrize("seed", ["", " "])
def test_what_is_no_list_and_no_number_is_told(published, tmp_path, capsys, seed):
    (tmp_path / "x").write_bytes(b"\x00\xff")
    assert main(["draw", "--verify", published, seed]) == 2
    assert main(["draw", "--verify", str(tmp_path / "x"), "1"]) == 2
    assert main(["draw", "--verify", str(tmp_path / "none"), "1"]) == 2
    assert "LIST" in capsys.readouterr().err
