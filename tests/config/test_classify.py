"""`qiguan classify`: a line in, a line out; a bad line costs itself only."""

from __future__ import annotations

import io
import json
import sys

from qiguan.config.cli import main


def classify(capsys, monkeypatch, sent: bytes, *words: str) -> tuple[int, list[dict]]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(sent)))
    code = main(["classify", "--jsonl", *words])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_good_and_bad_lines_come_out_in_order(capsys, monkeypatch):
    long = json.dumps({"id": "长", "text": "医院" * 50_000})
    sent = "\n".join(
        [
            '\ufeff{"id": 1, "text": "小区物业乱收停车费"}', "", "{坏", "[1]", '{"id": 4, "text": "  "}', '{"text": "无号"}',
            '{"id": "\\ud800", "text": "x"}', '{"id": "s", "text": "\\udc00"}', '{"id": {}, "text": "x"}', '{"id": 5, "text": 6}', long,
        ]
    )  # fmt: skip
    code, lines = classify(capsys, monkeypatch, sent.encode() + b"\n\xff\xfe\n", "--scheme", "messages")
    assert code == 0
    assert [set(line) == {"id", "label", "p"} for line in lines] == [True, *[False] * 8, True, False]
    assert lines[0]["id"] == 1
    assert lines[0]["label"] == "城乡建设"
    assert 0 < lines[0]["p"] <= 1
    assert lines[9]["label"] == "卫生计生"
    bad = [line for line in lines if "error" in line]
    assert [line["error"]["line"] for line in bad] == [3, 4, 5, 6, 7, 8, 9, 10, 12]
    assert [line["id"] for line in bad] == [None, None, 4, None, None, "s", None, 5, None]
    assert all(line["error"]["message"] and line["error"]["remedy"] for line in bad)


def test_posts_are_sorted_by_subject_from_a_file(capsys, monkeypatch, tmp_path):
    file = tmp_path / "titles.jsonl"
    file.write_text('{"id": "a", "text": "本周招聘信息"}\n{"id": "b", "text": "……"}\n', encoding="utf-8")
    code, lines = classify(capsys, monkeypatch, b"", "--scheme", "posts", str(file))
    assert code == 0
    assert [line["label"] for line in lines] == ["就业用工", "unclear"]


def test_nothing_usable_exits_with_two(capsys, monkeypatch, tmp_path):
    assert classify(capsys, monkeypatch, b"x\n", "--scheme", "posts")[0] == 2
    assert classify(capsys, monkeypatch, b"", "--scheme", "posts") == (0, [])
    assert classify(capsys, monkeypatch, b"", "--scheme", "posts", str(tmp_path / "none"))[0] == 2
    monkeypatch.setattr("qiguan.config.commands.classify.LONGEST_LINE", 10)
    assert classify(capsys, monkeypatch, b'{"id": 1, "text": "x"}\n', "--scheme", "posts")[0] == 2


def test_confirmed_routings_are_learned_for_this_run(capsys, monkeypatch, tmp_path):
    learned = tmp_path / "confirmed.jsonl"
    learned.write_text('{"text": "江心岛轮渡停了", "label": "海事处"}\n' * 3, encoding="utf-8")
    sent = '{"id": 1, "text": "江心岛的轮渡"}\n'.encode()
    code, lines = classify(capsys, monkeypatch, sent, "--scheme", "messages", "--departments", "--learn", str(learned))
    assert (code, lines[0]["label"]) == (0, "海事处")
    learned.write_text('{"text": "x", "label": 3}\n', encoding="utf-8")
    assert classify(capsys, monkeypatch, sent, "--scheme", "messages", "--learn", str(learned))[0] == 2
