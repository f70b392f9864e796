"""Blob: bytes named by their hash."""

from __future__ import annotations

from django.db import models


class Blob(models.Model):
    """Stored bytes. `digest` carries its algorithm (`sha256:…`, so that SM3 can follow)."""

    digest = models.CharField(max_length=80, primary_key=True)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100)
    stored_at = models.DateTimeField()
    keep_until = models.DateTimeField(null=True, db_index=True)

    def __str__(self) -> str:
        return self.digest
