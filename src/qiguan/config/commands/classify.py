"""`qiguan classify`: posts by subject, citizens' messages by whom they are for; a line of JSON in, a line out. No database."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.core.routing import Router, fields, load_duties
from qiguan.core.subject import subject_of

LONGEST_LINE = 4_000_000  # bytes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """FILE and the scheme."""
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="JSON Lines文件；不写就从标准输入读")
    parser.add_argument(
        "--scheme", required=True, choices=("posts", "messages"), help="posts：发布内容的主题；messages：留言该转给谁"
    )
    parser.add_argument("--jsonl", action="store_true", required=True, help='每行{"id","text"}进，每行{"id","label","p"}出')
    parser.add_argument("--departments", action="store_true", help="留言：分到部门类别，不写就分到一级分类")
    parser.add_argument("--learn", type=Path, metavar="FILE", help='留言：先学已确认的转办，每行{"text","label"}；只用于这一次')


def run(options: argparse.Namespace) -> int:
    """Write a line for each line; 0 where at least one could be used (or none came), 2 where nothing could."""
    classify = _by_subject if options.scheme == "posts" else _by_router(options)
    came = used = 0
    for number, line in _lines(options.file):
        came += 1
        row: dict[str, object] = {}
        try:
            row = _row(line, number)
            key, text = _read(row, number, "id")
            label, p = classify(text)
            said: dict[str, object] = {"id": key, "label": label, "p": p}
            used += 1
        except QiguanError as error:
            told = {"line": number, "message": error.message, "place": error.place, "remedy": error.remedy}
            said = {"id": _told_id(row), "error": told}
        print(json.dumps(said, ensure_ascii=False))
    return 2 if came and not used else 0


def _told_id(row: dict[str, object]) -> object:
    """Return the id of a bad line where it can be told."""
    key = row.get("id")
    return key if isinstance(key, (int, float)) or (isinstance(key, str) and not _has_surrogate(key)) else None


def _by_subject(text: str) -> tuple[str, float]:
    subject = subject_of(text)
    return subject.label, round(subject.p, 4)


def _by_router(options: argparse.Namespace) -> Callable[[str], tuple[str, float]]:
    router = Router({kind: [kind] for kind in load_duties()} if options.departments else fields())
    if options.learn is not None:
        examples = [_example(line, number) for number, line in _lines(options.learn)]
        router.learn(examples)

    def classify(text: str) -> tuple[str, float]:
        routed = router.route(text)
        return routed.label, round(routed.p, 4)

    return classify


def _example(line: bytes, number: int) -> tuple[str, str]:
    label, text = _read(_row(line, number), number, "label")
    if not isinstance(label, str) or not label.strip():
        raise UnusableInput("label不是文字", place=f"--learn第{number}行", remedy="请写确认转给了谁")
    return text, label.strip()


def _lines(path: Path | None) -> Iterator[tuple[int, bytes]]:
    """Yield (number, line) for each line that is not blank; numbers count every line from 1."""
    try:
        if path is None:
            yield from _numbered(sys.stdin.buffer)
            return
        with path.open("rb") as source:
            yield from _numbered(source)
    except OSError as error:
        raise UnusableInput(f"读不了{path}", place="FILE", remedy="请核对路径，写一个JSON Lines文件") from error


def _numbered(source: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(source, 1):
        if line.strip(b"\xef\xbb\xbf \t\r\n"):
            yield number, line


def _row(line: bytes, number: int) -> dict[str, object]:
    """Return the object of one line. Raises UnusableInput with the line's number and what to do."""
    place = f"第{number}行"
    if len(line) > LONGEST_LINE:
        raise UnusableInput("这一行太长", place=place, remedy="一行不超过4 MB，请分开")
    try:
        row = json.loads(line.decode("utf-8-sig").strip())
    except UnicodeDecodeError as error:
        raise UnusableInput("不是UTF-8编码", place=place, remedy="请另存为UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise UnusableInput("不是一条JSON", place=place, remedy='请写成{"id": "1", "text": "……"}，一行一条') from error
    if not isinstance(row, dict):
        raise UnusableInput("不是一个JSON对象", place=place, remedy='请写成{"id": "1", "text": "……"}')
    return row


def _read(row: dict[str, object], number: int, key: str) -> tuple[object, str]:
    """Return (the value of `key`, text) of one object. Raises UnusableInput with the line's number and what to do."""
    place = f"第{number}行"
    name, text = row.get(key), row.get("text")
    if name is None or isinstance(name, (dict, list)):
        raise UnusableInput(f"没有{key}", place=place, remedy=f"请补上{key}，写文字或数字")
    if not isinstance(text, str):
        raise UnusableInput("text不是文字", place=place, remedy="请补上text，写成文字")
    if _has_surrogate(text) or _has_surrogate(str(name)):
        raise UnusableInput("有不成对的代理字符", place=place, remedy="请去掉乱码，或按UTF-8重新导出")
    if not text.strip():
        raise UnusableInput("text是空的", place=place, remedy="请补上要归类的文字")
    return name, text


def _has_surrogate(said: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in said)
