"""Django app of qiguan.people."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "qiguan.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
