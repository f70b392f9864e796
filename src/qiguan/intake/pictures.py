"""A citizen's picture or PDF, made harmless: pictures are drawn anew (no EXIF, no place, no hidden data), a PDF must be one and plain."""

from __future__ import annotations

import io
import re
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from qiguan.core.errors import UnusableInput

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_PIXELS: Final = 50_000_000
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_FITS: Final = (2400, 4800)
_ACTIVE: Final = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|OpenAction|AA|RichMedia|XFA)\b")


def harmless(name: str, data: bytes) -> tuple[str, str, bytes]:
    """Return (name, media type, bytes) as they may be kept. Raises UnusableInput for anything else; it names the file."""
    if len(data) > MOST_BYTES:
        raise UnusableInput(f"有{len(data) / 1048576:.1f}MB，太大了", place=name, remedy="请传10MB以内的文件")
    if not data:
        raise UnusableInput("是空的", place=name, remedy="请重新选一次")
    if data.startswith(b"%PDF-"):
        return name if name.lower().endswith(".pdf") else f"{name}.pdf", "application/pdf", _plain_pdf(name, data)
    stem = name.rpartition(".")[0] or name
    return f"{stem}.jpg", "image/jpeg", _drawn_anew(name, data)


def _plain_pdf(name: str, data: bytes) -> bytes:
    if b"%%EOF" not in data[-2048:]:
        raise UnusableInput("PDF不完整", place=name, remedy="请重新导出一次再传")
    # names may be written with #xx: read them as a viewer would
    spelled = re.sub(rb"#([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), data)
    if _ACTIVE.search(spelled):
        raise UnusableInput("PDF里带有会自动运行的内容或夹带的文件", place=name, remedy="请用“打印到PDF”另存一份再传，或者传照片")
    return data


def _drawn_anew(name: str, data: bytes) -> bytes:
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:  # told from the header, before anything is unpacked
                raise UnusableInput(
                    f"有{picture.width}×{picture.height}个像素，太大了", place=name, remedy="请传手机拍的原图或截图"
                )
            plain = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise UnusableInput("不是能打开的图片或PDF", place=name, remedy="请传JPG、PNG图片或PDF") from error
    plain.info = {}  # a comment of the file would be written anew
    plain.thumbnail(_FITS)
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=85)
    return out.getvalue()
