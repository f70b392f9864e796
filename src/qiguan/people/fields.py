"""A text column compared byte by byte on every database: prefixes and order must not depend on the locale."""

from __future__ import annotations

from typing import Any

from django.db import models


class BytewiseCharField(models.CharField):
    """CharField with collation C on PostgreSQL and BINARY on SQLite."""

    def db_parameters(self, connection: Any) -> dict[str, Any]:
        """Add the collation that this database has."""
        parameters = super().db_parameters(connection)
        parameters["collation"] = "C" if connection.vendor == "postgresql" else "BINARY"
        return parameters
