"""Django app of qiguan.examination."""

from django.apps import AppConfig


class ExaminationConfig(AppConfig):
    name = "qiguan.examination"
    label = "examination"
    default_auto_field = "django.db.models.BigAutoField"
