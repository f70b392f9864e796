"""Django app of qiguan.publication."""

from django.apps import AppConfig


class PublicationConfig(AppConfig):
    name = "qiguan.publication"
    label = "publication"
    default_auto_field = "django.db.models.BigAutoField"
