"""Limits and single-use keys of what comes from outside. In the database, so that several workers count as one."""

from __future__ import annotations

from django.db import models


class RateLimit(models.Model):
    """限流: how far ahead one comer has spent its allowance. A row whose `spent_until` has passed says nothing and is dropped.

    `name` is a keyed hash of what is done and by whom: no address and no key of anybody stands here.
    """

    name = models.CharField(max_length=64, unique=True)
    spent_until = models.DateTimeField(db_index=True)  # machine time

    def __str__(self) -> str:
        return f"{self.name[:8]} {self.spent_until:%H:%M:%S}"


class FormKey(models.Model):
    """表单凭据: a form that was sent, once. A second sending of the same form finds it here and stores nothing."""

    name = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(db_index=True)  # machine time

    def __str__(self) -> str:
        return self.name[:8]
