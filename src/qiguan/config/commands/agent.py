"""`qiguan agent`: the unit's own collector. It holds the unit's secret, and sends titles, links and times only.

No database and no Django: one settings file at the unit.

    supervisor = "https://qiguan.example.gov.cn"   # where to push
    key_file = "push.key"                          # the key that the supervisor gave out
    [[account]]
    id = "gh_0123456789ab"                         # the account's id on its platform
    wechat = { appid = "wx…", secret_file = "appsecret.txt" }
    [[account]]
    id = "example-toutiao"
    folder = "exports"                             # exports (csv, xlsx …) or saved feeds: every file in it
    [[account]]
    id = "example-site"
    feed = "https://www.example.gov.cn/rss.xml"

Exit code: 0 when every account was pushed, 1 when one was not (each is told), 2 when the settings cannot be used.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from qiguan.config.environment import flag, value
from qiguan.connectors import connector
from qiguan.connectors.csv_export import read_export
from qiguan.connectors.push import MOST_POSTS, push_body
from qiguan.connectors.saved import SUFFIXES, read_saved
from qiguan.connectors.wechat_token import Token, stable_token
from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.core.remedies import REMEDIES
from qiguan.core.sheet import read_workbook
from qiguan.core.source import Item, Outcome, Reading, Request, Response, SourceSpec
from qiguan.net.carry import carry
from qiguan.net.door import Door, Failure
from qiguan.net.guard import read_networks, usable_url

TRIES = 4
PAUSE = 2.0  # seconds before the second try; doubled with each
LONGEST_PAUSE = 300.0  # seconds: what the other side may ask for with Retry-After
MOST_FILES = 200
_SHEETS = (".csv", ".xlsx", ".xls", ".ods")
_PASSING = {Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.SERVER_ERROR, Outcome.RATE_LIMITED}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings file, checked. `folder`: the file's own, from which its paths count."""

    push_url: str
    key: str
    accounts: tuple[Mapping[str, Any], ...]
    folder: Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The settings file; `--dry-run` reads and shows what would be sent."""
    parser.add_argument("settings", type=Path, help="设置文件，例如 agent.toml")
    parser.add_argument("--dry-run", action="store_true", help="只读取并列出将要发送的内容，不发送")


def run(options: argparse.Namespace) -> int:
    """Read every account and push what was read."""
    return asyncio.run(_run(load(options.settings), dry=options.dry_run))


def load(path: Path) -> Settings:
    """Read and check the settings file."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UnusableInput("打不开设置文件", place=str(path), remedy="请写对文件名，并让运行的用户能读它") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnusableInput(f"设置文件写得不对：{error}", place=str(path), remedy="请按TOML的写法修改，UTF-8编码") from error
    base = str(given.get("supervisor", "")).rstrip("/")
    accounts = given.get("account", [])
    if not usable_url(base):
        raise UnusableInput("supervisor不是http或https地址", place=str(path), remedy="请写监管平台的网址")
    if not isinstance(accounts, list) or not accounts or not all(isinstance(a, dict) and a.get("id") for a in accounts):
        raise UnusableInput("没有[[account]]，或缺id", place=str(path), remedy="每个账号写一段[[account]]，写明id")
    key = _secret(path.parent, str(given.get("key_file", "")), "key_file")
    return Settings(f"{base}/api/v1/push/posts", key, tuple(accounts), path.parent)


def _secret(folder: Path, name: str, field: str) -> str:
    try:
        found = (folder / name).read_text(encoding="utf-8-sig").strip() if name else ""
    except (OSError, UnicodeDecodeError):
        found = ""
    if not found or not found.isascii():
        raise UnusableInput(
            f"{field}没有写，或文件打不开、是空的", place=name or field, remedy="请把密钥单独存成一个文件，在设置里写文件名"
        )
    return found


async def _run(settings: Settings, *, dry: bool) -> int:
    failed = 0
    own = read_networks(value("QIGUAN_ALLOW_NETWORKS"), place="QIGUAN_ALLOW_NETWORKS")
    async with Door(agent=value("QIGUAN_AGENT_NAME"), allow_loopback=flag("QIGUAN_ALLOW_LOOPBACK"), allow=own) as door:
        for account in settings.accounts:
            at = datetime.now(UTC)
            try:
                reading = await read_account(door, account, settings.folder, at)
                said, good = (_shown(reading), True) if dry else await push(door, settings, str(account["id"]), reading)
            except QiguanError as error:
                said, good = str(error), False
            failed += not good
            print(f"{account['id']}：{said}")
    return 1 if failed else 0


async def read_account(door: Door, account: Mapping[str, Any], folder: Path, at: datetime) -> Reading:
    """Read one account as its settings say; a failed reading raises, with the remedy."""
    if "wechat" in account:
        reading = await _from_wechat(door, account["wechat"], folder, at)
    elif "folder" in account:
        reading = from_folder(folder / str(account["folder"]), at)
    elif "feed" in account:
        spec = SourceSpec(str(account["feed"]))
        reading = (await carry(door, connector(str(account.get("connector", "rss"))).read(spec, at=at))).reading
    else:
        raise UnusableInput("没有写怎么采集", place=str(account["id"]), remedy="写wechat、folder或feed其中一项")
    if not reading.outcome.is_read and not reading.items:
        remedy = REMEDIES[reading.outcome]
        raise QiguanError(f"{remedy.title}（{reading.detail}）" if reading.detail else remedy.title, remedy=remedy.remedy)
    return reading


async def _from_wechat(door: Door, given: Mapping[str, Any], folder: Path, at: datetime) -> Reading:
    """Statistics first; where the platform does not grant them, the list of published posts. One renewed token a run."""
    secret = _secret(folder, str(given.get("secret_file", "")), "secret_file")
    base = str(given.get("base", ""))
    reading = Reading(Outcome.TOKEN_INVALID)
    for force in (False, True):
        talk = stable_token(appid=str(given.get("appid", "")), secret=secret, at=at, base=base, force=force)
        token = await _hold(door, talk)
        if isinstance(token, Reading):
            return token
        spec = SourceSpec(base, {"days_back": given.get("days_back", 100)}, token.value)
        reading = (await carry(door, connector("wechat").read(spec, at=at))).reading
        if reading.outcome is Outcome.UNAUTHORISED:
            reading = (await carry(door, connector("wechat_published").read(spec, at=at))).reading
        if reading.outcome is not Outcome.TOKEN_INVALID:
            break
    return reading


async def _hold(door: Door, talk: Any) -> Token | Reading:
    try:
        request = next(talk)
        while True:
            answer = await door.fetch(request)
            if isinstance(answer, Failure):
                return Reading(answer.outcome)
            request = talk.send(answer)
    except StopIteration as end:
        found: Token | Reading = end.value
        return found


def from_folder(folder: Path, at: datetime) -> Reading:
    """Read every export and saved feed of a folder; a file that cannot be read costs only itself. Covers nothing by itself."""
    items: dict[str, Item] = {}
    unread = []
    try:
        files = sorted(p for p in folder.iterdir() if p.suffix.lower() in (*SUFFIXES, *_SHEETS))[-MOST_FILES:]
    except OSError as error:
        raise UnusableInput("打不开文件夹", place=str(folder), remedy="请写对文件夹名") from error
    for path in files:
        try:
            body = path.read_bytes()
            if path.suffix.lower() in _SHEETS:
                reading = read_export(read_workbook(path.name, body), at=at).reading
            else:
                reading = read_saved(body, path.suffix.lower(), at=at)
        except (QiguanError, OSError):
            unread.append(path.name)
            continue
        if not reading.items:
            unread.append(path.name)
        for item in reading.items:
            items.setdefault(item.key, item)
    if not items:
        raise UnusableInput(
            "没有读到任何一篇", place=str(folder), remedy="放进平台导出的表或保存的订阅文件：" + "、".join(unread[:5])
        )
    newest = sorted(items.values(), key=lambda i: i.posted.at if i.posted else at)[-MOST_POSTS:]
    return Reading(Outcome.OK, tuple(newest), detail="读不出：" + "、".join(unread[:5]) if unread else "")


async def push(door: Door, settings: Settings, account: str, reading: Reading) -> tuple[str, bool]:
    """Push with retries; return what to tell and whether it was taken. The same push twice changes nothing."""
    request = Request(
        f"{settings.push_url}?account={quote(account, safe='')}",
        method="POST",
        headers={"Authorization": f"Bearer {settings.key}"},
        json=json.loads(push_body(reading)),
    )
    said, asked = "", 0.0
    for nth in range(TRIES):
        if nth:
            await asyncio.sleep(max(PAUSE * 2 ** (nth - 1), asked))
        answer = await door.fetch(request)
        if isinstance(answer, Failure):
            said = REMEDIES[answer.outcome].title
            if answer.outcome not in _PASSING:
                break
            continue
        if answer.status < 500 and answer.status != 429:
            return _told(answer, reading)
        said = f"监管平台回答{answer.status}"
        again = answer.headers.get("retry-after", "")
        asked = min(float(again), LONGEST_PAUSE) if again.isdecimal() else 0.0
    return f"没有推送成功：{said}，下次运行会再推送", False


def _told(answer: Response, reading: Reading) -> tuple[str, bool]:
    try:
        body = json.loads(answer.body)
        if answer.status == 200:
            refused = f"，{body['refused']}篇没有收下" if body["refused"] else ""
            return f"推送{body['taken']}篇，新增{body['new']}篇{refused}" + (
                f"（{reading.detail}）" if reading.detail else ""
            ), True
        error = body["error"]
        return f"没有推送成功：{error['message']}。{error['remedy']}", False
    except (ValueError, KeyError, TypeError):
        return f"没有推送成功：回答{answer.status}，看不懂", False


def _shown(reading: Reading) -> str:
    lines = [f"将发送{len(reading.items)}篇"]
    lines += [f"  {i.posted.at.isoformat() if i.posted else ''} {i.title} {i.url}" for i in reading.items[:20]]
    return "\n".join(lines)
