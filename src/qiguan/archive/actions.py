"""Put bytes away under their hash, and get them back. Compressed, behind a Django storage."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from qiguan.archive.models import Blob


def _path(digest: str) -> str:
    algorithm, _, name = digest.partition(":")
    return f"{algorithm}/{name[:2]}/{name[2:4]}/{name}.z"


def store_blob(*, data: bytes, media_type: str, at: datetime, keep_until: datetime | None = None) -> Blob:
    """Keep `data`; the same bytes twice are kept once. `keep_until` None means for ever."""
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    blob, made = Blob.objects.get_or_create(
        digest=digest, defaults={"size": len(data), "media_type": media_type, "stored_at": at, "keep_until": keep_until}
    )
    storage = storages["archive"]
    path = _path(digest)
    if not storage.exists(path):
        storage.save(path, ContentFile(zlib.compress(data, 6)))
    if not made and blob.keep_until is not None and (keep_until is None or keep_until > blob.keep_until):
        blob.keep_until = keep_until
        blob.save(update_fields=["keep_until"])
    return blob


def store_blobs(*, bodies: Sequence[bytes], media_type: str, at: datetime, keep_until: datetime | None = None) -> list[str]:
    """Keep many bodies with two statements in all; return their digests in order. A file is written before its row."""
    if not bodies:
        return []
    digests = ["sha256:" + hashlib.sha256(body).hexdigest() for body in bodies]
    known = set(Blob.objects.filter(digest__in=digests).values_list("digest", flat=True))
    storage = storages["archive"]
    fresh: dict[str, Blob] = {}
    for digest, body in zip(digests, bodies, strict=True):
        if digest not in known and digest not in fresh:
            path = _path(digest)
            if not storage.exists(path):
                storage.save(path, ContentFile(zlib.compress(body, 6)))
            fresh[digest] = Blob(digest=digest, size=len(body), media_type=media_type, stored_at=at, keep_until=keep_until)
    Blob.objects.bulk_create(fresh.values(), ignore_conflicts=True)
    if known:
        older = Blob.objects.filter(digest__in=known, keep_until__isnull=False)
        older = older if keep_until is None else older.filter(keep_until__lt=keep_until)
        older.update(keep_until=keep_until)
    return digests


def read_blob(digest: str) -> bytes:
    """Return the bytes; a body that no longer matches its hash raises ValueError."""
    with storages["archive"].open(_path(digest)) as file:
        data = zlib.decompress(file.read())
    if "sha256:" + hashlib.sha256(data).hexdigest() != digest:
        raise ValueError(f"archive: {digest} does not match its bytes")
    return data


def drop_expired(*, at: datetime, limit: int = 500) -> int:
    """Delete up to `limit` blobs whose time is over; return how many."""
    storage = storages["archive"]
    gone = list(Blob.objects.filter(keep_until__lt=at).values_list("digest", flat=True)[:limit])
    for digest in gone:
        storage.delete(_path(digest))
    Blob.objects.filter(digest__in=gone).delete()
    return len(gone)
