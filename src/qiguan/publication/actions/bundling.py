"""Take an account's evidence out as one ZIP: asked for by right, noted in the audit log, written while it is sent."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from django.db import transaction

from qiguan.archive.actions import read_blob
from qiguan.core.errors import NotPermitted
from qiguan.core.written_dates import SHANGHAI
from qiguan.inspection.actions.standing import PackTable
from qiguan.people.actions import record_audit
from qiguan.people.models import User
from qiguan.publication.queries.beside import may_take_evidence
from qiguan.publication.queries.bundle.contents import Contents, contents_of
from qiguan.register.models import Account

_PIECE: Final = 256 * 1024


def export_evidence(*, account: Account, by: User, at: datetime) -> Iterator[bytes]:
    """Return the ZIP in pieces. Permission, texts and the audit entry come first; the copies are read one by one while it is sent."""
    if not may_take_evidence(by, account):
        raise NotPermitted("您的角色不能下载证据包", place=account.name, remedy="请联系本单位管理员或监管员", code="forbidden")
    with transaction.atomic():
        contents = contents_of(account, pack=PackTable(at).of(account), user=by, at=at)
        count = len(contents.texts) + len(contents.copies) + 1
        record_audit(action="export_evidence", by=by, at=at, on=account, organ=account.owner, fields=["zip"], count=count)
    return _pieces(contents, at)


class _Sink(io.RawIOBase):
    """Takes what the ZIP writer writes and hands it on: nothing is sought, nothing is kept."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        """It can be written to."""
        return True

    def write(self, data: Any, /) -> int:
        """Hold a piece."""
        self._held += data
        return len(data)

    def take(self, least: int = 1) -> Iterator[bytes]:
        """Hand on what is held, where it is at least so much."""
        if len(self._held) >= least:
            piece = bytes(self._held)
            self._held.clear()
            yield piece


def _pieces(contents: Contents, at: datetime) -> Iterator[bytes]:
    sink = _Sink()
    members: list[dict[str, Any]] = []
    left_out = list(contents.left_out)
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.texts.items():
            _write(archive, name, data, at)
            members.append(_member(name, data, contents.about[name]))
            yield from sink.take(_PIECE)
        for copy in contents.copies:
            try:
                data = read_blob(copy.digest)
            except (OSError, ValueError, zlib.error):  # gone since, or no longer what it was: said, and the rest still comes
                left_out.append({"sha256": copy.digest.removeprefix("sha256:"), "为什么": "存件读不出来，或与指纹不符"})
                continue
            _write(archive, copy.name, data, at)
            members.append(_member(copy.name, data, "截图" if copy.name.startswith("screenshots/") else "存件"))
            yield from sink.take(_PIECE)
        said = {
            "账号": contents.title,
            "生成时间": at.astimezone(SHANGHAI).isoformat(),
            "文件": members,
            "没有放进来的存件": left_out,
        }
        _write(archive, "manifest.json", json.dumps(said, ensure_ascii=False, indent=1).encode(), at)
    yield from sink.take()


def _write(archive: zipfile.ZipFile, name: str, data: bytes, at: datetime) -> None:
    local = at.astimezone(SHANGHAI)
    info = zipfile.ZipInfo(name, (max(local.year, 1980), local.month, local.day, local.hour, local.minute, local.second))
    info.external_attr = 0o644 << 16
    info.compress_type = zipfile.ZIP_STORED if name.endswith(".jpg") else zipfile.ZIP_DEFLATED
    archive.writestr(info, data)


def _member(name: str, data: bytes, about: str) -> dict[str, Any]:
    return {"文件名": name, "是什么": about, "大小": len(data), "sha256": sha256(data).hexdigest()}
