"""Take the files of a public form: made harmless first, all or none."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from django.http import HttpRequest

from qiguan.archive.actions import read_blob, store_blob
from qiguan.archive.models import Blob
from qiguan.archive.uploads import TOO_LARGE, harmless_name
from qiguan.core.errors import UnusableInput
from qiguan.intake.models import Attachment
from qiguan.intake.pictures import MOST_BYTES, harmless

MOST_FILES: Final = 4
_OWN: Final = 16
Fit = tuple[str, str, bytes]  # name, media type, bytes as they may be kept


def read_attachments(request: HttpRequest, field: str = "files", *, most: int = MOST_FILES) -> list[Fit]:
    """Return the files handed in, harmless; none is fine. Raises UnusableInput for the first that is not fit. Writes nothing."""
    request.POST  # noqa: B018  reading it is what takes the files in
    dropped = request.META.get(TOO_LARGE, {}).get(field)
    if dropped:
        raise UnusableInput("太大了，没有收", place=harmless_name(dropped), remedy="请传10MB以内的文件")
    uploads = [u for u in request.FILES.getlist(field) if u.size]
    if len(uploads) > most:
        raise UnusableInput(f"选了{len(uploads)}个文件，一次最多{most}个", place="附件", remedy="请拣最要紧的传")
    found = []
    for upload in uploads:
        name = harmless_name(str(upload.name))
        if (upload.size or 0) > MOST_BYTES:
            raise UnusableInput(f"有{(upload.size or 0) / 1048576:.1f}MB，太大了", place=name, remedy="请传10MB以内的文件")
        found.append(harmless(name, upload.read()))
    return found


def keep_attachments(*, files: Sequence[Fit], at: datetime) -> list[Attachment]:
    """Store what `read_attachments` returned; part of the caller's transaction.

    Random bytes stand before each: its blob is nobody else's, so that it can be erased without taking another's evidence.
    """
    blobs = [store_blob(data=secrets.token_bytes(_OWN) + data, media_type=media_type, at=at) for _, media_type, data in files]
    return [
        Attachment.objects.create(name=name, media_type=media_type, blob=blob, size=len(data), at=at)
        for (name, media_type, data), blob in zip(files, blobs, strict=True)
    ]


def attachment_bytes(attachment: Attachment) -> bytes:
    """Return a file's bytes."""
    return read_blob(attachment.blob_id)[_OWN:]


def erase_attachments(*, attachments: Iterable[Attachment], at: datetime) -> int:
    """Erase files at their sender's wish: the rows at once, the bytes with the next cleaning. Part of the caller's transaction."""
    gone = list(attachments)
    blobs = [attachment.blob_id for attachment in gone]
    Attachment.objects.filter(pk__in=[attachment.pk for attachment in gone]).delete()
    Blob.objects.filter(digest__in=blobs).update(keep_until=at)
    return len(gone)
