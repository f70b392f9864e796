"""Django app of qiguan.intake."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "qiguan.intake"
    label = "intake"
    verbose_name = "公众入口"
