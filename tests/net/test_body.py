"""Unpacking under a cap, in pieces of every size."""

from __future__ import annotations

import gzip
import zlib

import pytest

from qiguan.net.body import MOST_MEMBERS, Unpacker

TEXT = "示例市人民政府".encode() * 50
BARE = zlib.compressobj(9, zlib.DEFLATED, -15)


def unpacked(packed, *, step=1_000_000, room=10_000_000):
    unpack = Unpacker()
    parts = [unpack.feed(packed[i : i + step], room) for i in range(0, len(packed), step)]
    return b"".join(parts), unpack.ended


@pytest.mark.parametrize("step", [1, 2, 7, 1_000_000])
@pytest.mark.parametrize(
    ("packed", "times"),
    [
        (gzip.compress(TEXT), 1),
        (zlib.compress(TEXT), 1),
        (BARE.compress(TEXT) + BARE.flush(), 1),
        (gzip.compress(TEXT) * 3, 3),
        (gzip.compress(TEXT) + b"\0" * 20, 1),
        (gzip.compress(TEXT) + b"\x1f rubbish", 1),
    ],
    ids=["gzip", "zlib", "deflate", "members", "padded", "rubbish"],
)
def test_each_packing_is_undone_however_it_is_cut_into_pieces(packed, times, step):
    assert unpacked(packed, step=step) == (TEXT * times, True)


def test_what_breaks_off_has_not_ended():
    assert unpacked(gzip.compress(TEXT)[:-9])[1] is False
    assert unpacked(b"")[1] is False


def test_no_more_is_unpacked_than_there_is_room_for():
    assert len(unpacked(gzip.compress(b"0" * 5_000_000), room=1000)[0]) == 1000
    assert len(unpacked(gzip.compress(b"0" * 600) * 2, room=1000)[0]) == 1000


def test_a_body_of_endless_empty_members_is_refused():
    with pytest.raises(zlib.error):
        unpacked(gzip.compress(b"") * (MOST_MEMBERS + 1))
