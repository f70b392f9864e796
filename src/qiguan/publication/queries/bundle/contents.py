"""A bundle's parts in order: texts made now, and the stored copies that they cite, which are read only while the file is written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from qiguan.archive.models import Blob
from qiguan.core.days import say_at
from qiguan.core.pack import Pack
from qiguan.people.models import Role, User
from qiguan.publication.queries.bundle.decided import findings_of, tickets_of, verdicts_of
from qiguan.publication.queries.bundle.plain import Plain
from qiguan.publication.queries.bundle.seen import MOST, looks_of, polls_of, posts_of, register_of, state_of
from qiguan.register.models import Account

MOST_COPIES: Final = 1000
MOST_BYTES: Final = 200 * 1024 * 1024  # of all copies
MOST_ONE: Final = 20 * 1024 * 1024
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_CITES: Final = ("存件", "截图")
_TITLES: Final = {
    "register.json": "登记册上的一行、曾用名、备案",
    "state.json": "现在的状态、各方证据、按规则看",
    "polls.json": "采集记录、看清的时段、窗口体检",
    "looks.json": "人工核查、人工发现、市民看到更新",
    "posts.json": "见到的发布内容",
    "findings.json": "检查中的问题和研判",
    "verdicts.json": "检查结论和更正",
    "tickets.json": "整改单和办理经过",
}


@dataclass(frozen=True, slots=True)
class Copy:
    """A stored copy to put in: its digest, its name in the bundle, its size in bytes."""

    digest: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes in: texts by name, copies, and what is cited but stays out, with why."""

    title: str
    texts: dict[str, bytes]
    about: dict[str, str]
    copies: list[Copy]
    left_out: list[dict[str, str]]


def contents_of(account: Account, *, pack: Pack, user: User, at: datetime) -> Contents:
    """Gather everything about the account that the user may see. The texts are bounded lists; no copy is read yet."""
    plain = Plain(_names_about(account))
    values: dict[str, Any] = {
        "register.json": register_of(account, plain),
        "state.json": state_of(account, pack=pack, at=at, plain=plain),
        "polls.json": polls_of(account, plain),
        "looks.json": looks_of(account, plain),
        "posts.json": posts_of(account),
        "findings.json": findings_of(account, user=user, plain=plain),
        "verdicts.json": verdicts_of(account, user=user, plain=plain),
        "tickets.json": tickets_of(account, user=user, plain=plain),
    }
    shots = {row["截图"] for name in ("人工核查", "人工发现") for row in values["looks.json"][name] if row["截图"]}
    copies, left_out = _copies(list(dict.fromkeys(_cited(values))), shots)
    texts = {"README.txt": _readme(account, values, at, len(copies), len(left_out)).encode()}
    texts |= {name: json.dumps(value, ensure_ascii=False, indent=1).encode() for name, value in values.items()}
    return Contents(account.name, texts, {"README.txt": "说明", **_TITLES}, copies, left_out)


def _names_about(account: Account) -> set[str]:
    """The names of the people who did anything on the account, or hold or run it: none of them stands in a text."""
    did = (
        Q(runs__account=account)
        | Q(pk__in=account.checks.values("by"))
        | Q(pk__in=account.human_findings.values("by"))
        | Q(pk__in=account.findings.values("found_by"))
        | Q(pk__in=account.findings.values("decided_by"))
        | Q(pk__in=account.verdicts.values("decided_by"))
        | Q(pk__in=account.tickets.values("steps__by"))
        | Q(pk__in=account.filings.values("submitted_by"))
        | Q(pk__in=account.filings.values("decided_by"))
    )
    names = set(User.objects.filter(did).values_list("shown_name", flat=True))
    hands = account.sources.values_list("complete_said_by", flat=True)
    names |= set(account.custody.values_list("holder", flat=True)) | set(hands)
    return names - {"官方接口", "登记表", *map(str, Role.labels)}  # a log-in that is called by its role names nobody


def _cited(value: Any) -> Iterator[str]:
    """Yield the digests of stored copies that the values cite."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _CITES and isinstance(inner, str):
                if _DIGEST.fullmatch(inner):
                    yield inner
            else:
                yield from _cited(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _cited(inner)


def _copies(cited: list[str], shots: set[str]) -> tuple[list[Copy], list[dict[str, str]]]:
    """Choose the copies within the bounds, screenshots first. A copy's name is its own hash: nothing from outside stands in it."""
    cited.sort(key=lambda digest: digest not in shots)
    known: dict[str, Blob] = {}
    for start in range(0, len(cited), 500):
        known |= Blob.objects.in_bulk(cited[start : start + 500])
    copies: list[Copy] = []
    left_out = []
    room = MOST_BYTES
    for digest in cited:
        blob = known.get(digest)
        if blob is None:
            why = "存件已过保存期，只有它的指纹"
        elif blob.size > MOST_ONE:
            why = f"存件超过{MOST_ONE // 1024 // 1024}MB"
        elif blob.size > room or len(copies) >= MOST_COPIES:
            why = f"存件合计超过{MOST_BYTES // 1024 // 1024}MB或{MOST_COPIES}件"
        else:
            folder, end = (
                ("screenshots", "jpg" if blob.media_type == "image/jpeg" else "bin") if digest in shots else ("copies", "bin")
            )
            copies.append(Copy(digest, f"{folder}/{digest.removeprefix('sha256:')}.{end}", blob.size))
            room -= blob.size
            continue
        left_out.append({"sha256": digest.removeprefix("sha256:"), "为什么": why})
    return copies, left_out


def _readme(account: Account, values: dict[str, Any], at: datetime, copies: int, left_out: int) -> str:
    state = values["state.json"]
    lines = [
        f"{account.name}（{account.get_platform_display()}）证据包",
        "",
        f"主办单位：{account.owner.name}",
        f"生成时间：{say_at(at)}（北京时间）",
        f"当时的状态：{state['状态']}。{state['凭什么']}",
        *(f"  证据：{words}" for words in state["各方证据"]),
        "",
        "里面有什么",
        *(f"  {name}　{about}" for name, about in _TITLES.items()),
        f"  screenshots/、copies/　截图和存下的原文，共{copies}件，文件名就是它的SHA-256",
        "  manifest.json　每个文件的大小和SHA-256",
        "",
        "怎么核对",
        "  对任一文件算SHA-256，与manifest.json里的比较，相同就没有改过。",
        "  Windows：certutil -hashfile 文件名 SHA256　　Linux：sha256sum 文件名",
        "  记录里的“存件”“截图”写的是指纹，同名的文件在screenshots或copies里。",
        "",
        "要留意的",
        f"  有{left_out}件存件没有放进来，为什么没有放写在manifest.json里；它们的指纹仍在记录中。" if left_out else "  记录里引用的存件都在里面。",
        f"  每种记录最多列最新的{MOST}条；采集、人工核查、发布内容写明共有多少条。",
        "  姓名、电话、邮箱、账号保管人都已略去；整改材料可能写有个人，只列指纹，原件在系统里。",
        "  copies里是网上取来的原样，可能不安全，所以一律叫.bin；不要双击打开。",
        "  没有看到不等于没有：没有完整来源、也没有人看过的时段，不能说停更。",
        "",
    ]  # fmt: skip
    return "\r\n".join(lines)
