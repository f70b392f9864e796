"""Django app of qiguan.collection."""

from django.apps import AppConfig


class CollectionConfig(AppConfig):
    name = "qiguan.collection"
    label = "collection"
    default_auto_field = "django.db.models.BigAutoField"
