"""Django app of qiguan.jobs."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "qiguan.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"
