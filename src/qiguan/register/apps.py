"""Django app of qiguan.register."""

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "qiguan.register"
    label = "register"
    default_auto_field = "django.db.models.BigAutoField"
