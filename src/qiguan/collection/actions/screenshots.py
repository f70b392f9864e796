"""Screenshots of checkers: drawn anew before they are kept, so that no place, camera or hidden data stays in them."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from qiguan.core.errors import UnusableInput

MOST_BYTES: Final = 15 * 1024 * 1024
MOST_PIXELS: Final = 50_000_000
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_FITS: Final = (2400, 4800)  # a phone's screen, and a long one


def without_exif(data: bytes) -> bytes:
    """Return the picture as a plain JPEG of at most 2400 × 4800. Raises UnusableInput for what is no picture or far too large."""
    if len(data) > MOST_BYTES:
        raise UnusableInput(f"图片有{len(data) // 1048576}MB，太大了", place="截图", remedy="请传15MB以内的截图")
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:  # told from the header, before anything is unpacked
                raise UnusableInput(
                    f"图片有{picture.width}×{picture.height}个像素，太大了", place="截图", remedy="请传手机截屏的原图"
                )
            plain = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise UnusableInput("这不是能打开的图片", place="截图", remedy="请传JPG或PNG截图") from error
    plain.info = {}  # a comment of the file would be written anew
    plain.thumbnail(_FITS)
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=85)
    return out.getvalue()
