"""Read a body under a cap on what it unpacks to, and say whether it came whole."""

from __future__ import annotations

import zlib

import aiohttp

from qiguan.net.exchange import Head
from qiguan.net.failure import TooLarge

_GZIP = b"\x1f\x8b"
_FOREIGN = {"br", "zstd", "compress", "x-compress", "dcb", "dcz"}  # never asked for
MOST_MEMBERS = 1000  # of one gzip body: each costs time and may hold nothing
SLACK = 64 * 1024  # by which a body in transit may exceed its unpacked cap


async def read_body(answer: Head, cap: int) -> tuple[bytes, bool]:
    """Return the unpacked body and whether it is whole.

    A body over the cap raises TooLarge before it is unpacked further, in transit too. What broke off keeps what had come; what
    cannot be unpacked from its first byte on raises zlib.error.
    """
    if answer.status in {204, 304}:
        return b"", True
    unpack = _unpacker(answer.headers.get("content-encoding", ""))
    parts: list[bytes] = []
    size = arrived = 0
    whole = True
    try:
        async for chunk in answer.content.iter_any():
            arrived += len(chunk)
            piece = chunk if unpack is None else unpack.feed(chunk, cap - size + 1)
            size += len(piece)
            if size > cap or arrived > cap + SLACK:
                raise TooLarge
            parts.append(piece)
    except (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, ConnectionResetError):
        whole = False
    except zlib.error:
        if not size:
            raise
        whole = False
    if unpack is not None and arrived and not unpack.ended:
        whole = False
    return (parts[0] if len(parts) == 1 else b"".join(parts)), whole


def _unpacker(coding: str) -> Unpacker | None:
    """Return what undoes a Content-Encoding. Some servers write a charset there: what is no known packing is read as it is."""
    codings = [c for c in coding.lower().replace(" ", "").split(",") if c and c != "identity"]
    if not codings:
        return None
    if len(codings) > 1 or codings[0] in _FOREIGN:
        raise zlib.error("a coding that was not asked for")
    return Unpacker() if codings[0] in {"gzip", "x-gzip", "deflate"} else None


class Unpacker:
    """Undo gzip (of any number of members), zlib and the bare deflate of some old servers, told apart by the first bytes."""

    def __init__(self) -> None:
        self._inflate: zlib._Decompress | None = None
        self._held = b""  # the start of a member whose kind its bytes do not tell yet
        self._members = 0
        self._padding = False

    @property
    def ended(self) -> bool:
        """Say whether the last member came to its end."""
        return self._members > 0 and self._inflate is None

    def feed(self, chunk: bytes, room: int) -> bytes:
        """Unpack a chunk into at most `room` (at least 1) bytes; what would be more is not unpacked."""
        parts: list[bytes] = []
        while chunk and room > 0:
            if self._inflate is None:
                chunk = self._held + chunk
                self._held = b""
                if self._padding or (self._members and not _GZIP.startswith(chunk[:2])):
                    self._padding = True  # zeros or rubbish after the last member
                    break
                if len(chunk) < 2:
                    self._held = chunk
                    break
                self._inflate = self._begin(chunk)
            piece = self._inflate.decompress(chunk, room)
            room -= len(piece)
            parts.append(piece)
            chunk = self._inflate.unused_data
            if not self._inflate.eof:
                break
            self._inflate = None
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _begin(self, chunk: bytes) -> zlib._Decompress:
        self._members += 1
        if self._members > MOST_MEMBERS:
            raise zlib.error("too many members")
        zlib_head = chunk[0] & 0x0F == 8 and int.from_bytes(chunk[:2], "big") % 31 == 0
        return zlib.decompressobj(31 if chunk.startswith(_GZIP) else 15 if zlib_head else -15)
