"""Django app of qiguan.archive."""

from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "qiguan.archive"
    label = "archive"
    default_auto_field = "django.db.models.BigAutoField"
