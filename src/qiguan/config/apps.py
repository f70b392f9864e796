"""Django app of qiguan.config: commands, schedule, navigation."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "qiguan.config"
    label = "config"

    def ready(self) -> None:
        from qiguan.config import checks  # noqa: F401  registers them
