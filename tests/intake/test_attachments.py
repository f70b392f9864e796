"""Files of public forms: pictures drawn anew, plain PDFs, everything else refused by name."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from qiguan.archive.actions import drop_expired
from qiguan.archive.models import Blob
from qiguan.core.errors import UnusableInput
from qiguan.intake.actions.attachments import attachment_bytes, erase_attachments, keep_attachments
from qiguan.intake.models import Attachment
from qiguan.intake.pictures import harmless
from tests.factories import AT

PDF = b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer\n%%EOF\n"


def photo(size=(60, 40)) -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "SECRETCAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "JPEG", exif=exif, comment=b"SECRETNOTE")
    return out.getvalue()


def png_bomb() -> bytes:
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 9_000, 9_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def test_a_picture_keeps_nothing_but_what_is_seen():
    assert b"SECRETCAMERA" in photo()
    name, media_type, data = harmless("我的照片.png", photo())
    assert (name, media_type) == ("我的照片.jpg", "image/jpeg")
    assert b"SECRET" not in data
    with Image.open(io.BytesIO(data)) as kept:
        assert not kept.getexif()
        assert kept.size == (60, 40)


def test_a_plain_pdf_is_kept_as_it_is():
    assert harmless("证明", PDF) == ("证明.pdf", "application/pdf", PDF)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "是空的"),
        (b"%PDF-1.4 cut", "不完整"),
        (PDF.replace(b"/Type", b"/OpenAction"), "自动运行"),
        (PDF.replace(b"/Type", b"/J#61vaScript"), "自动运行"),
        (PDF.replace(b"/Type", b"/EmbeddedFile "), "自动运行"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "不是能打开的"),
        (b"MZ\x90\x00", "不是能打开的"),
        (b"PK\x03\x04", "不是能打开的"),
        (photo()[:100], "不是能打开的"),
        (png_bomb(), "像素"),
        (b"\xff" * (10 * 1024 * 1024 + 1), "太大了"),
    ],
)
def test_everything_else_is_refused_by_its_name(data, words):
    with pytest.raises(UnusableInput, match=words) as told:
        harmless("坏文件.jpg", data)
    assert told.value.place == "坏文件.jpg"
    assert told.value.remedy


@pytest.mark.django_db
def test_the_same_file_twice_is_two_and_one_is_erased_alone():
    first, second = keep_attachments(files=[("a.pdf", "application/pdf", PDF)] * 2, at=AT)
    assert first.blob_id != second.blob_id
    assert attachment_bytes(first) == PDF
    erase_attachments(attachments=[first], at=AT)
    assert drop_expired(at=AT.replace(year=2027)) == 1
    assert Attachment.objects.get() == second
    assert attachment_bytes(second) == PDF
    assert Blob.objects.count() == 1
