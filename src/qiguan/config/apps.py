"""Django app of qiguan.config: commands, schedule, navigation."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "qiguan.config"
    label = "config"
