"""Read an uploaded file under the limit, under a harmless name, and without macros."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from typing import Any, Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from qiguan.core.errors import UnusableInput

TOO_LARGE = "qiguan.too_large"  # in request.META: field → name of the file that was dropped while it came
_KEPT_NAME = 120
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*/\\]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)

# what a unit may hand in, with the bytes each kind opens by
_OLE, _ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
DOCUMENTS: Final[dict[str, tuple[str, tuple[bytes, ...]]]] = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (_ZIP,)),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (_ZIP,)),
    "ofd": ("application/ofd", (_ZIP,)),
    "doc": ("application/msword", (_OLE,)),
    "xls": ("application/vnd.ms-excel", (_OLE,)),
    "wps": ("application/vnd.ms-works", (_OLE,)),
    "et": ("application/vnd.ms-excel", (_OLE,)),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
}
_WITH_MACROS = frozenset(["docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "pptm", "potm", "ppsm", "ppam"])
_ENTRY = 128  # bytes of a directory entry, which opens with the name in 64 bytes
_MACRO_STREAMS = tuple(
    name.encode("utf-16-le").ljust(64, b"\0") for name in ("_VBA_PROJECT", "VBA", "Macros", "_VBA_PROJECT_CUR")
)


class UploadLimit(FileUploadHandler):
    """Drop a file as soon as it passes the limit: neither memory nor disk ever holds more. `read_upload` then says so."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self._come = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Count, and pass the chunk on."""
        self._come += len(raw_data)
        if self._come > settings.UPLOAD_LIMIT and self.request is not None:
            self.request.META.setdefault(TOO_LARGE, {})[self.field_name] = str(self.file_name)
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""


def read_upload(request: HttpRequest, field: str) -> tuple[str, bytes]:
    """Return a file's name (without any folder) and bytes. Raises UnusableInput where none was chosen or it is too large."""
    request.POST  # noqa: B018  reading it is what takes the files in
    dropped = request.META.get(TOO_LARGE, {}).get(field)
    if dropped:
        raise _too_large(harmless_name(dropped), None)
    upload = request.FILES.get(field)
    if not isinstance(upload, UploadedFile):
        raise UnusableInput("没有选文件", place=field, remedy="请选一个文件再提交")
    if (upload.size or 0) > settings.UPLOAD_LIMIT:
        raise _too_large(harmless_name(str(upload.name)), upload.size)
    return harmless_name(str(upload.name)), upload.read()


def read_documents(request: HttpRequest, field: str, *, most: int = 5) -> list[tuple[str, str, bytes]]:
    """Return (name, media type, bytes) of the documents handed in; none is fine. Raises UnusableInput for any that is not fit."""
    request.POST  # noqa: B018
    dropped = request.META.get(TOO_LARGE, {}).get(field)
    if dropped:
        raise _too_large(harmless_name(dropped), None)
    uploads = request.FILES.getlist(field)
    if len(uploads) > most:
        raise UnusableInput(f"一次最多{most}个文件", place=field, remedy="请分几次，或合成一个PDF")
    found = []
    for upload in uploads:
        name, data = harmless_name(str(upload.name)), upload.read()
        found.append((name, media_type_of(name, data), data))
    return found


def harmless_name(text: str) -> str:
    """Return a file's name that stays in its folder and reads as it is: no path, no controls, no turned writing, not too long."""
    name = unicodedata.normalize("NFC", text).replace("\\", "/").rsplit("/", 1)[-1]
    # Cf holds the marks that turn the writing round, by which exe.txt can be made to look like txt.exe
    name = "".join(c for c in name if unicodedata.category(c) not in {"Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
    name = _UNSAFE.sub("_", name).strip(" .")
    if not name:
        return "未命名"
    if _RESERVED.match(name):
        name = f"_{name}"
    stem, dot, end = name.rpartition(".")
    if len(name) <= _KEPT_NAME:
        return name
    return f"{stem[: _KEPT_NAME - 1 - len(end)]}.{end}" if dot and stem and len(end) <= 10 else name[:_KEPT_NAME]


def media_type_of(name: str, data: bytes) -> str:
    """Return the media type of a document that may be handed in. Raises UnusableInput: unknown kind, other content, macros."""
    kind = name.rpartition(".")[2].lower() if "." in name else ""
    if kind in _WITH_MACROS:
        raise _macros(name)
    if kind not in DOCUMENTS:
        raise UnusableInput(
            f"不收.{kind}文件" if kind else "文件名没有扩展名", place=name, remedy="请交PDF、Word、Excel、OFD或图片"
        )
    media_type, openings = DOCUMENTS[kind]
    if not data.startswith(openings):
        raise UnusableInput(f"内容不是.{kind}文件", place=name, remedy="请用原来的软件另存一次再交")
    if _has_macros(data, name):
        raise _macros(name)
    return media_type


def _has_macros(data: bytes, name: str) -> bool:
    """Look for macros by what is inside, whatever the file is called."""
    if data.startswith(_OLE):
        return any(_is_entry(data, stream) for stream in _MACRO_STREAMS)
    if not zipfile.is_zipfile(io.BytesIO(data)):
        if data.startswith(_ZIP):
            raise UnusableInput("文件打不开", place=name, remedy="请用原来的软件另存一次再交")
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = [part.filename.lower() for part in packed.infolist()]
            if any(p.endswith((".bin", ".vbs", ".js", ".exe", ".dll")) and "printersettings" not in p for p in parts):
                return True
            if "[content_types].xml" not in parts:
                return False
            with packed.open(next(i for i in packed.infolist() if i.filename.lower() == "[content_types].xml")) as types:
                return b"macroenabled" in types.read(1 << 20).lower()
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError, EOFError) as error:
        raise UnusableInput("文件打不开", place=name, remedy="请用原来的软件另存一次再交") from error


def _is_entry(data: bytes, name: bytes) -> bool:
    """Say whether a directory entry bears the name; the same words in a text stand elsewhere."""
    at = data.find(name)
    while at >= 0:
        if at % _ENTRY == 0:
            return True
        at = data.find(name, at + 2)
    return False


def _macros(name: str) -> UnusableInput:
    return UnusableInput("文件里有宏，不收", place=name, remedy="请另存为不带宏的.docx或.xlsx，或者PDF")


def _too_large(name: str, size: int | None) -> UnusableInput:
    limit = settings.UPLOAD_LIMIT // 1048576
    said = f"文件有{size // 1048576}MB，超过{limit}MB" if size else f"文件超过{limit}MB，没有收"
    return UnusableInput(said, place=name, remedy="请拆成几个文件再传")
