"""Django app of qiguan.dialogue."""

from django.apps import AppConfig


class DialogueConfig(AppConfig):
    name = "qiguan.dialogue"
    label = "dialogue"
    verbose_name = "民情互动"
    default_auto_field = "django.db.models.BigAutoField"
