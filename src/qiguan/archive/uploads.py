"""Read an uploaded file under the limit."""

from __future__ import annotations

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from qiguan.core.errors import UnusableInput


def read_upload(request: HttpRequest, field: str) -> tuple[str, bytes]:
    """Return a file's name (without any folder) and bytes. Raises UnusableInput where none was chosen or it is too large."""
    upload = request.FILES.get(field)
    if not isinstance(upload, UploadedFile):
        raise UnusableInput("没有选文件", place=field, remedy="请选一个文件再提交")
    limit = settings.UPLOAD_LIMIT
    if (upload.size or 0) > limit:
        raise UnusableInput(
            f"文件有{(upload.size or 0) // 1048576}MB，超过{limit // 1048576}MB",
            place=str(upload.name),
            remedy="请拆成几个文件再传",
        )
    return str(upload.name).replace("\\", "/").rsplit("/", 1)[-1][:200], upload.read()
