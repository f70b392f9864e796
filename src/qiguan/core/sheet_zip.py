"""Look into a zipped spreadsheet before a reader unpacks it: sizes as they really are, not as the archive states them.

The reader keeps a sheet as one block, height times width: a single cell at XFD1048576 would ask for half a terabyte and
end the process. So the cells' addresses are read here first, in a stream, and so is how often long texts are used.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from qiguan.core.cells import Limits
from qiguan.core.errors import UnusableInput

_CHUNK = 1 << 20
_MOST_TAG = 1 << 16  # a start tag longer than this is no spreadsheet's
_ATTRIBUTES = rb"((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>"
_PLAIN_CELL = re.compile(rb"<c r=\"([A-Z]{1,3})(\d{1,7})\"[^>]*?(/?)>")  # as nearly every program writes it
_ANY_CELL = re.compile(rb"<(?:\w{1,20}:)?c[\s>/]")
_ROW_OR_CELL = re.compile(rb"<(?:\w{1,20}:)?(row|c)(?=[\s>/])" + _ATTRIBUTES)
_AT = re.compile(rb"(?:^|\s)r\s*=\s*[\"']([A-Za-z]*)(\d{1,9})[\"']")
_STRING = re.compile(rb"<(?:\w{1,20}:)?si[\s>]")
_REFERENCE = re.compile(rb"<(?:\w{1,20}:)?v>\s*(\d{1,9})\s*<")
_MAC = re.compile(rb"date1904\s*=\s*[\"'](?:1|true)[\"']")


@dataclass(frozen=True, slots=True)
class Archive:
    """What a zipped spreadsheet is."""

    is_ods: bool
    date1904: bool = False


@dataclass(slots=True)
class _Page:
    """How far a sheet reaches (rows and columns that hold something), and how many cells do."""

    rows: int = 0
    columns: int = 0
    cells: int = 0


@dataclass(slots=True)
class _Strings:
    """Where each shared string begins."""

    starts: array[int] = field(default_factory=lambda: array("q"))

    @property
    def lengths(self) -> list[int]:
        return [b - a for a, b in zip(self.starts, self.starts[1:], strict=False)]


def inspect_zip(name: str, data: bytes, limits: Limits) -> Archive:
    """Refuse archives that are no spreadsheet, and those that would unpack beyond the limits."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _inspect(name, archive, limits)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise UnusableInput("文件不完整或已损坏", place=name, remedy="请重新导出后再传") from error


def recall_zip(data: bytes) -> Archive:
    """Say what an archive is whose very bytes `inspect_zip` has let pass before: only its head is unpacked."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        head = b""
        if "xl/workbook.xml" in names:
            with open_whole(archive, archive.getinfo("xl/workbook.xml")) as stream:
                head = stream.read(_CHUNK)
    return Archive("content.xml" in names, _MAC.search(head) is not None)


def _inspect(name: str, archive: zipfile.ZipFile, limits: Limits) -> Archive:
    infos = archive.infolist()
    names = {i.filename for i in infos}
    is_ods = "content.xml" in names
    if "xl/workbook.bin" in names:
        raise UnusableInput("这是xlsb二进制表格", place=name, remedy="请用Excel打开，另存为xlsx后再传")
    if not is_ods and not any(n.startswith("xl/") for n in names):
        raise UnusableInput(f"文件{_other_kind(names)}", place=name, remedy="请传xlsx、xls、ods或csv表格")
    if any(i.flag_bits & 1 for i in infos):
        raise _locked(name)
    if len(infos) > 5000 or len(names) < len(infos) or sum(i.file_size for i in infos) > limits.unpacked_bytes:
        raise _too_large(name)
    left, cells = limits.unpacked_bytes, 0
    heads: dict[str, bytes] = {}
    strings = _Strings()
    for info in infos:
        page = _Page()
        unpacked = 0
        for chunk in _scan(archive, info, page, None if is_ods else strings):
            heads.setdefault(info.filename, chunk)
            unpacked += len(chunk)
            if unpacked > left or page.cells > limits.cells or len(strings.starts) > limits.cells:
                raise _too_large(name)
        left -= unpacked
        cells += page.cells
        if page.rows > limits.rows or page.columns > limits.columns or page.rows * page.columns > limits.cells:
            raise UnusableInput(
                f"有{page.rows}行{page.columns}列，超过{limits.rows}行{limits.columns}列（或{limits.cells}格）",
                place=name,
                remedy="常见原因是很远的地方误填了一格：请删去多余的行列再传",
            )
    if b"encryption-data" in heads.get("META-INF/manifest.xml", b""):
        raise _locked(name)
    if max(strings.lengths, default=0) * cells > limits.text_bytes:
        _demand_text(name, archive, strings.lengths, limits)
    return Archive(is_ods, _MAC.search(heads.get("xl/workbook.xml", b"")) is not None)


def _other_kind(names: set[str]) -> str:
    if any(n.startswith("word/") for n in names):
        return "是Word文档"
    return "是压缩包，不是表格"


def _locked(name: str) -> UnusableInput:
    return UnusableInput("文件加了打开密码", place=name, remedy="请去掉密码另存后再传")


def _too_large(name: str) -> UnusableInput:
    return UnusableInput("文件解压后太大", place=name, remedy="请删去图片和多余的工作表，另存为新的xlsx后再传")


def open_whole(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    """Open a member to be read to its real end: its stated size is a claim, and `zipfile` would stop there."""
    copy = zipfile.ZipInfo(info.filename, info.date_time)
    for slot in ("compress_type", "header_offset", "CRC", "compress_size", "flag_bits", "orig_filename"):
        setattr(copy, slot, getattr(info, slot))
    copy.file_size = 1 << 62
    return archive.open(copy)


def _scan(archive: zipfile.ZipFile, info: zipfile.ZipInfo, page: _Page, strings: _Strings | None) -> Iterator[bytes]:
    """Yield a member in pieces that end before a tag, noting its cells in `page` and its shared strings in `strings`."""
    where = _Page()  # the cell last seen, for those that state no address
    begun = 0
    carry = b""
    with open_whole(archive, info) as stream:
        while fresh := stream.read(_CHUNK):
            piece = carry + fresh
            cut = piece.rfind(b"<")
            cut = cut if cut > 0 and len(piece) - cut < _MOST_TAG else len(piece)
            piece, carry = piece[:cut], piece[cut:]
            if strings is not None:
                _note(piece, page, where)
                if b"<si" in piece or b":si" in piece:  # no sheet has any: not to be searched for them
                    strings.starts.extend(begun + m.start() for m in _STRING.finditer(piece))
            begun += len(piece)
            yield piece
    if strings is not None:
        _note(carry, page, where)
        if strings.starts and info.filename.endswith("sharedStrings.xml"):
            strings.starts.append(begun + len(carry))
    yield carry


def _note(piece: bytes, page: _Page, where: _Page) -> None:
    found = _PLAIN_CELL.findall(piece)
    if not where.cells and len(found) == len(_ANY_CELL.findall(piece)):
        held = [(letters, row) for letters, row, empty in found if not empty]
        page.cells += len(held)
        page.columns = max(page.columns, *map(_column, {letters for letters, _ in held}), 0)
        page.rows = max(page.rows, *map(int, {row for _, row in held}), 0)
        return
    where.cells = 1  # from here on every tag is read one by one
    for match in _ROW_OR_CELL.finditer(piece):
        at = _AT.search(match[2])
        if match[1] == b"row":
            where.rows, where.columns = int(at[2]) if at else where.rows + 1, 0
            continue
        if at:
            where.columns, where.rows = _column(at[1]), int(at[2])
        else:
            where.columns += 1
        if not match[2].endswith(b"/"):
            page.cells += 1
            page.rows, page.columns = max(page.rows, where.rows), max(page.columns, where.columns)


def _column(letters: bytes) -> int:
    """Return 1 for A, 27 for AA; more letters than a spreadsheet has stay a large number."""
    number = 0
    for letter in letters[:8].upper():
        number = number * 26 + letter - 64
    return number


def _demand_text(name: str, archive: zipfile.ZipFile, lengths: list[int], limits: Limits) -> None:
    """Refuse a file in which long texts are used so often that they would fill the memory once written out."""
    total = 0
    for info in archive.infolist():
        for piece in _scan(archive, info, _Page(), None):
            for index, times in Counter(_REFERENCE.findall(piece)).items():
                total += lengths[int(index)] * times if int(index) < len(lengths) else 0
    if total > limits.text_bytes:
        raise _too_large(name)
