"""Django app of qiguan.topics."""

from django.apps import AppConfig


class TopicsConfig(AppConfig):
    name = "qiguan.topics"
    label = "topics"
    default_auto_field = "django.db.models.BigAutoField"
