"""Look into an old .xls before a reader unpacks it: how far each sheet's cells really reach.

The file is a small file system of sectors in chains (compound file); its stream "Workbook" is a list of records, each
two bytes kind, two bytes length; cells state row and column first. Source: Microsoft's MS-CFB and MS-XLS.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence

from qiguan.core.cells import Limits

_LAST = 0xFFFFFFFA  # sector numbers from here on end a chain or mark the special ones
_BEGIN = 0x0809
_SPAN = 0x00BD  # several numbers in one row: its last column stands at the end
_CELLS = frozenset({0x0006, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E})
_NAMES = tuple(name.encode("utf-16-le") + b"\0\0" for name in ("Workbook", "WORKBOOK", "Book", "BOOK"))


class Broken(ValueError):
    """The file's chains lead nowhere or in circles."""


def largest_sheet(data: bytes, limits: Limits) -> tuple[int, int] | None:
    """Return height and width of the first sheet that passes the limits, or brings all to more cells than one may have.

    None where all fit. Raises Broken.
    """
    rows = columns = total = 0
    for kind, body in _records(_workbook(data)):
        if kind == _BEGIN:
            total += rows * columns
            rows = columns = 0
        elif (kind in _CELLS or kind == _SPAN) and len(body) >= 6:
            row, column = struct.unpack_from("<HH", body)
            if kind == _SPAN:
                column = max(column, struct.unpack_from("<H", body, len(body) - 2)[0])
            rows, columns = max(rows, row + 1), max(columns, column + 1)
            if rows > limits.rows or columns > max(limits.columns, 256) or total + rows * columns > limits.cells:
                return rows, columns
    return None


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _workbook(data: bytes) -> bytes:
    """Return the stream of the workbook, put together from its sectors."""
    try:
        shift, mini_shift = struct.unpack_from("<HH", data, 0x1E)
        first_directory, _, cutoff, first_mini, _, first_more = struct.unpack_from("<6I", data, 0x30)
        if not (9 <= shift <= 12 and 4 <= mini_shift <= shift):
            raise Broken
        size = 1 << shift
        table = _table(data, size, struct.unpack_from("<109I", data, 0x4C), first_more)
        directory = _chain(lambda n: _sector(data, size, n), table, first_directory)
        entries = [directory[i : i + 128] for i in range(0, len(directory) - 127, 128)]
        entry = next(e for e in entries if e[:64].startswith(_NAMES))
        start, length = struct.unpack_from("<IQ", entry, 116)
        length &= 0xFFFFFFFF
        if length >= cutoff:
            return _chain(lambda n: _sector(data, size, n), table, start)[:length]
        whole = _chain(lambda n: _sector(data, size, n), table, struct.unpack_from("<I", entries[0], 116)[0])
        inner = _chain(lambda n: _sector(data, size, n), table, first_mini)
        mini = struct.unpack(f"<{len(inner) // 4}I", inner[: len(inner) // 4 * 4])
        return _chain(lambda n: whole[n << mini_shift : (n + 1) << mini_shift], mini, start)[:length]
    except (struct.error, StopIteration) as error:
        raise Broken from error


def _sector(data: bytes, size: int, number: int) -> bytes:
    return data[(number + 1) * size : (number + 2) * size].ljust(size, b"\0")


def _table(data: bytes, size: int, first: tuple[int, ...], more: int) -> list[int]:
    """Return the table that names each sector's successor."""
    numbers = list(first)
    seen = 0
    while more < _LAST:
        further = struct.unpack(f"<{size // 4}I", _sector(data, size, more))
        numbers += further[:-1]
        more = further[-1]
        seen += 1
        if seen * size > len(data):
            raise Broken
    table: list[int] = []
    for number in numbers:
        if number < _LAST and number * size < len(data):
            table += struct.unpack(f"<{size // 4}I", _sector(data, size, number))
    return table


def _chain(sector: Callable[[int], bytes], table: Sequence[int], start: int) -> bytes:
    """Put a chain's sectors together; one that comes twice is a circle."""
    parts: list[bytes] = []
    while start < _LAST:
        if start >= len(table) or len(parts) > len(table):
            raise Broken
        parts.append(sector(start))
        start = table[start]
    return b"".join(parts)
