"""Django app of qiguan.rectification."""

from django.apps import AppConfig


class RectificationConfig(AppConfig):
    name = "qiguan.rectification"
    label = "rectification"
    default_auto_field = "django.db.models.BigAutoField"
